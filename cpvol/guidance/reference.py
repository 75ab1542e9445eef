"""The reference page of a log: what goes in, what never does, what happens later, how long it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from cpvol.guidance import example
from cpvol.guidance.cite import links
from cpvol.guidance.retention import sentence
from cpvol.guidance.tables import table
from cpvol.logs.base import FollowUp, Log
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.policy import ScheduleRow

#: What no log ever holds, and the rows that say so.
NEVER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("A child's name, date of birth, address or school.", ("E-1.4", "N-5", "S-15.1")),
    (
        "Case notes, assessments, medical details, exam results or opinions about a child.",
        ("E-1.4", "B-3", "N-1"),
    ),
    ("The name of a parent or carer. Use your own file's reference.", ("S-15.1",)),
    ("The directory's own number for a child.", ("N-5",)),
    (
        "What a criminal records certificate says. Only its date, number, level and your decision.",
        ("C21",),
    ),
    ("A password, a PIN or a secure reference. Only that one was given.", ("E-11.4", "E-7.11d")),
)

_KINDS = {
    "text": "A few short sentences, 500 characters at most.",
    "email": "An e-mail address.",
    "date": "A date.",
    "time": "A time of day.",
    "number": "A whole number.",
    "words": "One or more words.",
}


def body(log: Log, kept: ScheduleRow, path: str) -> str:
    """The text of a log's reference page.

    :param kept: the log's line in the retention schedule in force.
    :param path: the page's path, for its links.
    """
    specs = fields_of(log.model)
    parts = [
        f"# {log.title}",
        f"{log.about} {links(log.rows, path)}",
        f"To make an entry: `cpvol {log.name}.add`. On paper: [the blank form](../forms/{log.name}.md).",
        "## What goes in",
        _fields(specs, path),
        *(_parts(spec, path) for spec in specs if spec.parts),
        "## A worked example",
        "All of it is made up. What does not apply is left out.",
        example.body(log),
        "## What it never holds",
        never(path),
        "## What happens later",
        _later(log),
        "## How long it is kept",
        sentence(kept, path),
    ]
    return "\n\n".join(parts)


def index_body(logs: Sequence[Log]) -> str:
    """The page that lists every log."""
    parts = [
        "# What goes into each log",
        "Each log has a page that says what goes in and how long it is kept.",
    ]
    parts += [f"## [{log.title}]({log.name}.md)\n\n{log.about}" for log in logs]
    return "\n\n".join(parts)


def never(path: str) -> str:
    """The list of what no log ever holds."""
    return "\n".join(f"- {what} {links(rows, path)}" for what, rows in NEVER)


def _fields(specs: tuple[FieldSpec, ...], path: str) -> str:
    return table(
        ("Field", "What it means", "Needed"),
        (
            (f"**{spec.label}**", _meaning(spec, path), "yes" if spec.required else "if it applies")
            for spec in specs
        ),
    )


def _meaning(spec: FieldSpec, path: str) -> str:
    said = [spec.help]
    if spec.choices:
        several = "Any of" if spec.kind == "choices" else "One of"
        said.append(f"{several}: {'; '.join(words for _, words in spec.choices)}.")
    if spec.parts:
        said.append(f"Each with: {', '.join(part.label.lower() for part in spec.parts)}.")
    if spec.kind in _KINDS:
        said.append(_KINDS[spec.kind])
    if spec.future:
        said.append("It may lie ahead.")
    return " ".join([*said, links(spec.rows, path)])


def _parts(spec: FieldSpec, path: str) -> str:
    return f"### {spec.label}: what each has\n\n{_fields(spec.parts, path)}"


def _later(log: Log) -> str:
    steps = [_step(log, step) for step in log.follow_ups]
    steps.append(
        "- **Correct an entry**, `cpvol amend`. Say why; what stood there before stays in the history."
    )
    steps.append(
        "- **Strike out an entry made by mistake**, `cpvol void`. It stays, and no longer counts."
    )
    return "\n".join(steps)


def _step(log: Log, step: FollowUp) -> str:
    asked = ", ".join(spec.label.lower() for spec in fields_of(step.asks))
    return f"- **{step.title.rstrip('.')}**, `cpvol {log.name}.{step.name}`. It asks for: {asked}."
