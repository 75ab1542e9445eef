"""Spreadsheets in and out: reading other people's, writing our own.

``reading`` turns a file into sheets (``xlsx``, ``csv_text``), within the limits of ``sheet``; ``locate`` finds the table,
with ``headings`` saying what a heading means; ``plan`` turns its rows into entries and problems; ``outlook`` says what the
data shows. ``template`` and ``export`` write. Everything is bytes and records in, data out; nothing is changed here.
"""

from __future__ import annotations
