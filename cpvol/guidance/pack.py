"""The site as one file for a shared drive or an e-mail: a zip that unpacks into one folder."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cpvol.files import write_file

#: The folder that it unpacks into.
FOLDER = "guidance"
#: A zip cannot say "no time"; this is the first that it can say.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


def pack(site: Path, target: Path) -> int:
    """Put a built site into one zip; the same site gives the same bytes, whenever and wherever it is packed.

    :param site: the folder of the built site.
    :param target: the file to write; one that is there is replaced.
    :returns: how many bytes it has.
    """
    from io import BytesIO

    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        files = {p.relative_to(site).as_posix(): p for p in site.rglob("*") if p.is_file()}
        for name in sorted(files):
            entry = ZipInfo(f"{FOLDER}/{name}", _NO_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = (
                ZIP_DEFLATED,
                _PLAIN_FILE,
                3,
            )
            archive.writestr(entry, files[name].read_bytes())
    write_file(target, packed.getvalue())
    return len(packed.getvalue())
