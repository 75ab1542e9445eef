"""Where things stand on main, format 1.

README.md  .gitattributes  organisation.yaml  policy.yaml  members.yaml  allowed_signers
schemas/<log>-<n>.json
<log>/<a>/<b>/<id>.yaml.age
disposals/<id>.yaml
"""

from __future__ import annotations

import re
import secrets
from importlib import resources

from cpvol.errors import CpvolError

FORMAT = 1
#: How ``organisation.yaml`` begins, whatever else a later format may hold.
FORMAT_LINE = b"format: %d\n" % FORMAT

README = "README.md"
ATTRIBUTES = ".gitattributes"
ORGANISATION = "organisation.yaml"
POLICY = "policy.yaml"
MEMBERS = "members.yaml"
SIGNERS = "allowed_signers"
SCHEMAS = "schemas"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RECORD = re.compile(
    r"(?P<log>[a-z]{2,20})/(?P<a>.)/(?P<b>.)/(?P<id>(?P=a)(?P=b)[0-9a-hjkmnp-tv-z]{8})\.yaml\.age\Z"
)


class UnknownFormat(CpvolError):
    """The records were written by another version of this program."""

    def __init__(self) -> None:
        super().__init__(
            "these records were written by a newer version of cpvol",
            "install the newest cpvol, then try again",
        )


def new_id() -> str:
    """A fresh record id: ten random characters that say nothing."""
    # 32 letters: five bits of each byte choose one.
    return "".join(_ALPHABET[byte & 31] for byte in secrets.token_bytes(10))


def record_path(log: str, id: str) -> str:
    """The path of a record on main."""
    return f"{log}/{id[0]}/{id[1]}/{id}.yaml.age"


def parse_record_path(path: str) -> tuple[str, str] | None:
    """(log, id) of a record's path, or ``None`` when the path is not one."""
    match = _RECORD.match(path)
    return (match["log"], match["id"]) if match else None


def schema_path(log: str, version: int) -> str:
    """The path of a log's JSON Schema on main."""
    return f"{SCHEMAS}/{log}-{version}.json"


def fixed_files() -> dict[str, bytes]:
    """The files of main that are the same in every repository of this format."""
    folder = resources.files("cpvol.ledger") / "fixed"
    return {
        README: (folder / "records-readme.md").read_bytes(),
        ATTRIBUTES: (folder / "attributes").read_bytes(),
    }
