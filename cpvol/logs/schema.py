"""The JSON Schema of a stored record, so that anybody can check a decrypted text without cpvol.

It describes what :meth:`~cpvol.logs.base.Record.content` writes: nothing that was not given, no ``null``, no empty list
at the top. Deterministic, because the schemas are committed and compared byte for byte.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cpvol.logs import LOGS
from cpvol.logs.base import Log

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def name_of(log: Log) -> str:
    """The name of the file that holds a log's schema: ``training-1.json``."""
    return f"{log.name}-{log.schema}.json"


def json_schema(log: Log) -> bytes:
    """The schema of a log's records in the log's present version.

    :returns: JSON in ASCII, indented by two spaces, lines ended by LF.
    """
    found = _tidy(log.model.model_json_schema(by_alias=True, mode="serialization"))
    fields = found["properties"]
    fields["log"] = {"const": log.name} | _words(fields["log"])
    fields["schema"] = {"const": log.schema} | _words(fields["schema"])
    # Written only when the entry was struck out.
    fields["voided"] = {"const": True} | _words(fields["voided"])
    for field in fields.values():
        if field.get("type") == "array":
            field["minItems"] = 1
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:cpvol:schema:{log.name}-{log.schema}",
        "title": log.title,
        "description": log.about,
        "type": "object",
        "additionalProperties": False,
        "required": [
            "id",
            "log",
            "schema",
            *(one for one in found["required"] if one not in {"id", "log", "schema"}),
        ],
        "properties": fields,
        "$defs": found["$defs"],
    }
    return (json.dumps(schema, indent=2) + "\n").encode("ascii")


def write_all(folder: Path) -> list[Path]:
    """Write the schema of every log; those of earlier versions stay.

    :returns: the files written, in the order of the logs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for log in LOGS:
        path = folder / name_of(log)
        path.write_bytes(json_schema(log))
        written.append(path)
    return written


def _words(field: dict[str, Any]) -> dict[str, Any]:
    return {key: field[key] for key in ("title", "description") if key in field}


def _tidy(node: Any, *, names: bool = False) -> Any:
    """Take out what the models say to prompts and forms, and the ``null`` that is never stored.

    :param names: whether the keys are names of fields or definitions, which may not be taken for keywords.
    """
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    tidy = {
        key: _tidy(value, names=key in {"properties", "$defs"} and not names)
        for key, value in node.items()
        if names or not (key == "default" or key.startswith("x-"))
    }
    if names or "anyOf" not in tidy:
        return tidy
    left = [one for one in tidy.pop("anyOf") if one != {"type": "null"}]
    return left[0] | tidy if len(left) == 1 else tidy | {"anyOf": left}
