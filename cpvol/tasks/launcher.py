"""An icon that opens the menu: what each system wants to find in the file, made by functions that run anywhere.

Linux    cpvol.desktop   Desktop Entry Specification 1.5, "The Exec key"
macOS    cpvol.command   a shell script that Terminal opens
Windows  cpvol.lnk       [MS-SHLLINK] 2.1 to 2.5, a shell link

Each starts Python itself, in the folder it was made from, and leaves the window open when that fails (on Windows, when
the menu fails). The tests run what the first two say by a shell, and read the third back; no desktop was asked to open
any of them, so they follow what their makers publish.
"""

from __future__ import annotations

import re
import shlex
import stat
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Kind = Literal["linux", "macos", "windows"]

NAMES: dict[Kind, str] = {
    "linux": "cpvol.desktop",
    "macos": "cpvol.command",
    "windows": "cpvol.lnk",
}
#: What is left to do by hand.
AFTERWARDS: dict[Kind, str] = {
    "linux": "It stands among the applications, under cpvol. To have it on the desktop too, use --to with that folder.",
    "macos": "The first time, hold Control while you click it and choose Open.",
    "windows": "It stands in the Start menu, under cpvol; from there it can be pinned.",
}
_FAILED = "cpvol could not be started. Press Enter to close this window."


def kind(platform: str) -> Kind:
    """Which kind a system takes.

    :param platform: as ``sys.platform`` has it.
    """
    return "windows" if platform == "win32" else "macos" if platform == "darwin" else "linux"


def place(kind: Kind, environ: Mapping[str, str], home: Path) -> Path:
    """The folder in which such a file is found by those who do not look for it."""
    if kind == "windows":
        roaming = environ.get("APPDATA")
        base = Path(roaming) if roaming else home / "AppData" / "Roaming"
        return base / "Microsoft" / "Windows" / "Start Menu" / "Programs"
    if kind == "macos":
        return home / "Desktop"
    data = environ.get("XDG_DATA_HOME")
    return (Path(data) if data else home / ".local" / "share") / "applications"


def write(kind: Kind, folder: Path, command: Sequence[str], start_in: Path) -> Path:
    """Write the file, in place of an earlier one.

    :param command: the program with its full path, and its arguments.
    :param start_in: the folder to run it in.
    """
    from cpvol.files import write_file

    path = folder / NAMES[kind]
    write_file(path, contents(kind, command, str(start_in)))
    if kind != "windows":
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def contents(kind: Kind, command: Sequence[str], start_in: str) -> bytes:
    """The file for one kind of system."""
    if kind == "windows":
        return shell_link(command[0], " ".join(map(_quoted, command[1:])), start_in)
    make = desktop_entry if kind == "linux" else shell_script
    return make(command, start_in).encode()


def held_open(command: Sequence[str]) -> str:
    """A line of shell that keeps the window when the program cannot even be started."""
    return f"{shlex.join(command)} || {{ echo; echo {shlex.quote(_FAILED)}; read -r answer; }}"


def desktop_entry(command: Sequence[str], start_in: str) -> str:
    """The text of a ``.desktop`` file."""
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Version=1.5\n"
        "Name=cpvol\n"
        "Comment=The records of your organisation\n"
        "Terminal=true\n"
        f"Path={_value(start_in)}\n"
        f"Exec=/bin/sh -c {_value(_argument(held_open(command)))}\n"
        "Categories=Office;\n"
    )


def _argument(text: str) -> str:
    """One argument of the Exec key: in double quotes, four characters escaped, and a percent sign doubled."""
    escaped = "".join("\\" + c if c in '"`$\\' else c for c in text)
    return '"' + escaped.replace("%", "%%") + '"'


def _value(text: str) -> str:
    """Any value of type string: there a backslash is escaped once more, which is undone first."""
    return text.replace("\\", "\\\\")


def shell_script(command: Sequence[str], start_in: str) -> str:
    """The text of a ``.command`` file."""
    return f"#!/bin/sh\ncd {shlex.quote(start_in)} && {held_open(command)}\n"


# -- a shell link, [MS-SHLLINK]
#
#    header               76 bytes: what follows, how the window opens
#    LinkInfo             where the target lies: on a local volume, at this path
#    StringData           working folder, then arguments, each a 16-bit count of characters and UTF-16
#    EnvironmentVariable  the target once more, which stands in for a list of shell items
#    0                    the end of the extra data

_CLSID = bytes.fromhex("0114020000000000c000000000000046")
_HAS_LINK_INFO, _HAS_WORKING_DIR, _HAS_ARGUMENTS = 0x2, 0x10, 0x20
_IS_UNICODE, _HAS_EXP_STRING, _PREFER_ENVIRONMENT = 0x80, 0x200, 0x2000000
_SHOW_NORMAL = 1
_FIXED_DRIVE = 3
_ENVIRONMENT = 0xA0000001
#: The fixed size of a path in the environment block, in characters.
_ROOM = 260


def shell_link(target: str, arguments: str, start_in: str) -> bytes:
    """The bytes of a ``.lnk`` file.

    :param target: the program, with its drive.
    :param arguments: the rest of its command line, quoted as Windows programs read it.
    """
    flags = _HAS_LINK_INFO | _HAS_WORKING_DIR | _HAS_ARGUMENTS | _IS_UNICODE
    extra = b""
    # Longer paths do not fit the block; the system then goes by LinkInfo.
    if len(target.encode("utf-16-le")) // 2 < _ROOM:
        flags |= _HAS_EXP_STRING | _PREFER_ENVIRONMENT
        extra = _environment(target)
    header = struct.pack(
        "<I16sIIQQQIIIHHII", 0x4C, _CLSID, flags, 0, 0, 0, 0, 0, 0, _SHOW_NORMAL, 0, 0, 0, 0
    )
    return header + _link_info(target) + _string(start_in) + _string(arguments) + extra + bytes(4)


def _string(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<H", len(data) // 2) + data


def _quoted(argument: str) -> str:
    """An argument as Windows programs read it (CommandLineToArgvW): backslashes are doubled before a quotation mark."""
    if argument and not re.search(r'[\s"]', argument):
        return argument
    marked = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    return '"' + re.sub(r"(\\+)$", r"\1\1", marked) + '"'


def _link_info(target: str) -> bytes:
    head = 0x24
    volume = struct.pack("<IIII", 0x11, _FIXED_DRIVE, 0, 0x10) + b"\0"
    # The old form has no letters beyond ASCII; who reads it is sent on to the new one.
    old = target.encode("ascii", errors="replace") + b"\0"
    new = target.encode("utf-16-le") + b"\0\0"
    at_volume = head
    at_old = at_volume + len(volume)
    at_suffix = at_old + len(old)
    at_new = at_suffix + 1
    at_new_suffix = at_new + len(new)
    size = at_new_suffix + 2
    offsets = (at_volume, at_old, 0, at_suffix, at_new, at_new_suffix)
    return struct.pack("<III6I", size, head, 1, *offsets) + volume + old + b"\0" + new + b"\0\0"


def _environment(target: str) -> bytes:
    old = target.encode("ascii", errors="replace")[: _ROOM - 1]
    new = target.encode("utf-16-le")
    return struct.pack(f"<II{_ROOM}s{_ROOM * 2}s", 8 + _ROOM * 3, _ENVIRONMENT, old, new)
