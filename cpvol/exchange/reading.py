"""From a file to its sheets: what kind of file it is, told by its first bytes and not by its name."""

from __future__ import annotations

import stat
from pathlib import Path

from cpvol.exchange import csv_text, xlsx
from cpvol.exchange.errors import BadSpreadsheet
from cpvol.exchange.sheet import MAX_FILE, Sheet

_SAVE_AS = "open it in your spreadsheet program and save it as .xlsx or .csv"
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def read_file(path: Path) -> list[Sheet]:
    """The sheets of a CSV or XLSX file.

    :raises BadSpreadsheet: when it is no file, too large, or of no kind that can be read.
    """
    try:
        # Asked before it is opened: a pipe or a device would never end.
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise BadSpreadsheet("that is not a file", "give the name of a .xlsx or .csv file")
        if about.st_size > MAX_FILE:
            raise _too_large()
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise BadSpreadsheet("there is no such file", "check its name and its folder") from None
    except (OSError, ValueError):
        raise BadSpreadsheet(
            "the file cannot be read", "close it in other programs, and check that you may read it"
        ) from None
    return read_bytes(data)


def read_bytes(data: bytes) -> list[Sheet]:
    """The sheets of a CSV or XLSX file, given what is in it.

    :raises BadSpreadsheet: as :func:`read_file`.
    """
    if len(data) > MAX_FILE:
        raise _too_large()
    if not data.strip():
        raise BadSpreadsheet("the file is empty", "check that it is the right one")
    if data.startswith(b"PK\x03\x04"):
        return xlsx.read(data)
    _refuse_others(data)
    return [csv_text.read(data)]


def _too_large() -> BadSpreadsheet:
    return BadSpreadsheet(
        f"the file is larger than {MAX_FILE >> 20} MB",
        "take pictures and other sheets out, or split it",
    )


def _refuse_others(data: bytes) -> None:
    """Name the kinds of file that people try, and say what to do."""
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if _LOCKED in data:
            raise BadSpreadsheet(
                "the file is locked with a password",
                "save it without a password in a safe place, and delete that copy afterwards",
            )
        raise BadSpreadsheet("this is a spreadsheet of the old kind (.xls)", _SAVE_AS)
    if data.startswith(b"PK"):
        raise BadSpreadsheet("the file is damaged", "take it from its source again")
    if data.startswith(b"%PDF"):
        raise BadSpreadsheet("this is a PDF and no spreadsheet", "ask for the spreadsheet itself")
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"{\\rtf")):
        raise BadSpreadsheet("this is a page of text and no spreadsheet", _SAVE_AS)
