"""What is wrong with a spreadsheet as a whole."""

from __future__ import annotations

from cpvol.errors import CpvolError


class BadSpreadsheet(CpvolError):
    """A file that cannot be taken in. Names rows, columns and headings of ours, never what a cell holds."""
