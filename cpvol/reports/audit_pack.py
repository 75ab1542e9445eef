"""What an auditor who can install nothing is given: plain pages in one ZIP file, the same bytes for the same input.

====================  =======================================================================================
``index.html``        what is in here, and the digest of each file
``report.html``       the report of the audit
``<log>.html``        the entries of one log that were asked for, one table each
``certificates.html`` every disposal that was carried out
``checkpoint.txt``    how far the records had come, with ``checkpoint.txt.sig``
====================  =======================================================================================

No page needs a script, another file or the internet.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from cpvol.audit.chronicle import Done
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.book import Records
from cpvol.logs.fields import fields_of
from cpvol.logs.shown import shown

#: The earliest that a ZIP file can say: when its files were made is no part of what they say.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Extract:
    """The entries that were asked for.

    :param logs: the names of the logs.
    :param period: what was chosen of them, as the end of a sentence.
    :param records: each as it stood at the end of the period.
    :param closed: how many were left out because they are closed to some members.
    """

    logs: Sequence[str]
    period: str
    records: Sequence[Record]
    closed: int


def pack(
    organisation: str,
    made_on: date,
    report: bytes,
    extract: Extract,
    done: Sequence[Done],
    checkpoint: tuple[bytes, bytes],
) -> bytes:
    """The ZIP file.

    :param report: the page of the audit.
    :param done: the disposals.
    :param checkpoint: its text and its signature.
    """
    about = {"organisation": organisation, "made_on": f"{made_on:%d/%m/%Y}"}
    files = {"report.html": report}
    book = Records(extract.records)
    for log in extract.logs:
        files[f"{log}.html"] = _page("log", about | _table(log, book, extract))
    carried_out = [each for each in done if each.disposal.certificate is not None]
    files["certificates.html"] = _page("certificates", about | {"done": carried_out})
    files |= {"checkpoint.txt": checkpoint[0], "checkpoint.txt.sig": checkpoint[1]}
    listed = [(name, _what(name), hashlib.sha256(data).hexdigest()) for name, data in files.items()]
    index = _page("index", about | {"files": listed, "extract": extract})
    return zipped({"index.html": index} | files)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file that depends on names and contents alone."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            # Stored as they are: how well a library packs is no part of what they say either.
            archive.writestr(entry, data, zipfile.ZIP_STORED)
    return made.getvalue()


def _table(log: str, book: Records, extract: Extract) -> dict[str, object]:
    fields = fields_of(BY_NAME[log].model)
    mine = sorted((r for r in extract.records if r.log == log), key=lambda r: r.id)
    rows = [
        (
            record.id,
            bool(record.voided),
            [
                (spec.label, text)
                for spec in fields
                if (text := shown(spec, getattr(record, spec.name), book))
            ],
            len(record.amendments),
        )
        for record in mine
    ]
    return {"log": BY_NAME[log], "rows": rows, "extract": extract}


def _what(name: str) -> str:
    fixed = {
        "report.html": "the report of the audit",
        "certificates.html": "the certificates of what was destroyed",
        "checkpoint.txt": "how far the records had come, for you to keep",
        "checkpoint.txt.sig": "the signature of that",
    }
    return fixed.get(name) or f"entries: {BY_NAME[name.removesuffix('.html')].title}"


def _page(kind: str, values: Mapping[str, object]) -> bytes:
    from jinja2 import Environment, select_autoescape

    template = (resources.files("cpvol.reports") / "audit_pack.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.from_string(template).render(
        **values, kind=kind, iso=lambda text: f"{date.fromisoformat(text):%d/%m/%Y}"
    )
    return page.encode()
