"""The source pages: what the five documents are, every row of them in our own words, and our rulings."""

from __future__ import annotations

import re

from cpvol.guidance.cite import up
from cpvol.guidance.rows import (
    DOCUMENTS,
    ID,
    KINDS,
    Document,
    Row,
    anchor,
    known,
    place,
    rows,
    rulings,
    section_of,
)
from cpvol.guidance.tables import table

_ABOUT = """\
This guidance rests on five documents by county councils, from the years in which ContactPoint was brought in. We took
each rule, number and form from them and wrote it down in our own words, one row each. A small mark such as {example}
behind a sentence leads to the row that it comes from."""
_ABOUT_RULINGS = """\
The five documents do not always agree, and they leave some things open. Somebody has to decide then. Rulings are our
decisions: they begin with C, they are ours and not a rule of the sources, and an organisation can set another number in
its own policy."""
_MENTION = re.compile(rf"(?<![\w-])(?:{ID})(?![\w-])")


def index_body(path: str) -> str:
    """The page that describes the five documents."""
    example = f"[E-10.6]({up(path)}{place('E-10.6')})"
    parts = ["# The sources", _ABOUT.format(example=example)]
    for document in DOCUMENTS:
        parts.append(f"## [{document.name}]({document.slug}.md)")
        parts.append(f"{document.what} Its rows begin with {document.letter}.")
    parts += ["## [Our rulings](rulings.md)", _ABOUT_RULINGS]
    parts += ["## The kinds of row", table(("Letter", "Kind"), KINDS.items())]
    return "\n\n".join(parts)


def document_body(document: Document, path: str) -> str:
    """The page of one document: its rows, under its own sections where it has any."""
    mine = [row for row in rows().values() if row.id.startswith(f"{document.letter}-")]
    parts = [
        f"# {document.name}",
        document.what,
        f"[About the sources]({up(path)}sources/index.md)",
    ]
    if not document.sections:
        return "\n\n".join([*parts, _rows(mine, path)])
    for prefix, title in document.sections:
        inside = [row for row in mine if section_of(row.id) == prefix]
        # A section of one row has the row's own name.
        name = f" {{#{anchor(prefix)}}}" if prefix not in rows() else ""
        parts.append(f"## {title}{name}\n\n{_rows(inside, path)}")
    return "\n\n".join(parts)


def rulings_body(path: str) -> str:
    """The page of our rulings."""
    made = table(
        ("Ruling", "The question", "What we do"),
        (
            (_named(ruling.id), mentions(ruling.question, path), mentions(ruling.ruling, path))
            for ruling in rulings().values()
        ),
    )
    return f"# Our rulings\n\n{_ABOUT_RULINGS}\n\n{made}"


def mentions(text: str, path: str) -> str:
    """Make a link of every row or ruling that a text names."""

    def link(found: re.Match[str]) -> str:
        return f"[{found[0]}]({up(path)}{place(found[0])})" if known(found[0]) else found[0]

    return _MENTION.sub(link, text)


def _rows(some: list[Row], path: str) -> str:
    return table(
        ("Row", "Kind", "What it says, in our words"),
        (
            (_named(row.id), ", ".join(KINDS[kind] for kind in row.kinds), mentions(row.text, path))
            for row in some
        ),
    )


def _named(id: str) -> str:
    return f'<span id="{anchor(id)}">{id}</span>'
