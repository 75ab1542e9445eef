"""The staging step: authored pages and generated ones, as one plain tree of Markdown.

The tree needs no code of ours any more: any program that understands the Markdown can make a site of it. Only what
changed is written, so that a server which watches the tree does not go round in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TypeVar

from cpvol.errors import CpvolError
from cpvol.guidance import (
    commands,
    form,
    glossary,
    numbers,
    reference,
    reviews,
    sources,
    stricter,
    trace,
)
from cpvol.guidance.cite import cite
from cpvol.guidance.errors import PageError
from cpvol.guidance.facts import Facts
from cpvol.guidance.fill import fill
from cpvol.guidance.glossary import Term
from cpvol.guidance.helper import read_steps
from cpvol.guidance.page import Page, read_page
from cpvol.guidance.rows import DOCUMENTS
from cpvol.guidance.values import name_of, values
from cpvol.logs import LOGS
from cpvol.policy import schedule

#: When the makers of the generated pages were last read through, all of what they make included.
REVIEWED, NEXT_REVIEW = date(2026, 11, 21), date(2027, 11, 21)

#: The page that is made on request only; without it the menu leaves it out.
_ON_REQUEST = "about/standing.md"

#: What was staged the last time, so that a page that is no longer made goes, and nothing else does.
_STAGED = ".staged"

_T = TypeVar("_T")
_Nav = Sequence[object]


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged tree.

    :param folder: where it is.
    :param pages: the paths of its pages, in the order in which they were made.
    """

    folder: Path
    pages: tuple[str, ...]


def stage(source: Path, target: Path, facts: Facts) -> Staged:
    """Write every page of the site into one folder.

    :param source: the folder with ``pages`` and ``data``.
    :param target: where the tree goes; made if need be. What an earlier staging left there and this one does not make is
        removed; anything else there is left alone.
    :param facts: what pages are made from.
    :raises PageError: a page names a value or a row that there is not, or has no front matter.
    :raises CpvolError: ``source`` is not the folder of a site.
    """
    if not (source / "pages" / "index.md").is_file():
        raise CpvolError(
            "the pages of the guidance site are not here",
            "run this in the folder of the project, which has site_src in it",
        )
    helpers = {
        path.stem: _data(path, source, read_steps)
        for path in sorted((source / "data" / "helpers").glob("*.yaml"))
    }
    terms = _data(source / "data" / "glossary.yaml", source, glossary.read_terms)
    others: dict[str, bytes] = {}
    pages: list[Page] = []
    # Links from a page differ by how deep it lies, and by nothing else.
    known: dict[int, Mapping[str, str]] = {}
    for path in sorted(p for p in (source / "pages").rglob("*") if p.is_file()):
        name = path.relative_to(source / "pages").as_posix()
        content = path.read_bytes()
        if path.suffix == ".md":
            depth = name.count("/")
            if depth not in known:
                known[depth] = values(facts.policy, facts.organisation, helpers, name)
            pages.append(authored(name, content.decode("utf-8"), known[depth]))
        else:
            others[name] = content
    pages += generated(facts, terms, pages)
    _write(target, others | {page.path: page.text().encode() for page in pages})
    return Staged(target, tuple(page.path for page in pages))


def authored(path: str, text: str, known: Mapping[str, str]) -> Page:
    """An authored page with its citations and placeholders resolved.

    :param known: what placeholders are looked up in.
    :raises PageError: with the line in the author's own file.
    """
    text = text.replace("\r\n", "\n")
    # Citations first: a block may bring several lines, after which lines no longer count as in the author's file.
    return read_page(path, fill(cite(text, path), known, path))


def generated(facts: Facts, terms: Sequence[Term], written: Sequence[Page]) -> list[Page]:
    """Every page that is made from data.

    :param written: the authored pages, which the lists of all pages and of all rows are made of.
    """
    made = [*_of_logs(facts), *_of_words(facts, terms), *_of_sources(), *_of_rules(facts, written)]
    path = "about/reviews.md"
    last = _made(
        path, "When each page is reviewed", "Every page, its owner, and when it is read again.", ""
    )
    listed = reviews.body([*written, *made, last], facts.on, path)
    return [*made, replace(last, body=listed, options={"search": {"boost": 0.3}})]


def _of_logs(facts: Facts) -> Iterator[Page]:
    kept = {row.log: row for row in schedule(facts.policy)}
    yield _made(
        "reference/index.md", "What goes into each log", "Every log, and what it is for.",
        reference.index_body(LOGS),
    )  # fmt: skip
    yield _made(
        "forms/index.md", "Blank forms", "A form for each log, to print.", form.index_body(LOGS)
    )
    for log in LOGS:
        path = f"reference/{log.name}.md"
        yield _made(
            path, log.title, f"What goes into the {log.title.lower()}, and how long it is kept.",
            reference.body(log, kept[log.name], path), also=log.also, options={"search": {"boost": 0.5}},
        )  # fmt: skip
    for log in LOGS:
        path = f"forms/{log.name}.md"
        yield _made(
            path, f"Form: {log.title.lower()}", f"A blank form for the {log.title.lower()}, to print.",
            form.body(log, name_of(facts.organisation)), options={"hide": ["toc"], "search": {"boost": 0.1}},
        )  # fmt: skip


def _of_words(facts: Facts, terms: Sequence[Term]) -> Iterator[Page]:
    path = "glossary.md"
    known = values(facts.policy, facts.organisation, {}, path)
    yield _made(
        path, "Glossary", "What the words mean.", fill(glossary.body(terms, path), known, path)
    )
    yield _made(
        "tasks.md", "Every task", "Every task of the program and what can be said to it.",
        commands.body(facts.tasks), also=("commands", "cpvol", "inv", "how do I run"),
        options={"hide": ["toc"], "search": {"boost": 0.1}},
    )  # fmt: skip


def _of_rules(facts: Facts, written: Sequence[Page]) -> Iterator[Page]:
    path = "about/numbers.md"
    yield _made(
        path, "The numbers in force", "Every number, what it means and who says so.",
        numbers.body(facts.policy, path), also=("policy values", "time limits"),
        options={"search": {"boost": 0.5}},
    )  # fmt: skip
    if facts.standing:
        # What counts needs every rule; who asks for no counts does not wait for it.
        from cpvol.guidance import standing

        yield _made(
            _ON_REQUEST, "How we stand", "Counts from our records, without names.",
            standing.body(facts.standing), also=("statistics", "figures", "overview"),
        )  # fmt: skip
    yield _made(
        "stricter.md", "Stricter than git", "Where the audit refuses what git accepts, and why.",
        stricter.body(), also=("attacks", "tampering"), options={"search": {"boost": 0.2}},
    )  # fmt: skip
    path = "about/traceability.md"
    yield _made(
        path, "Every rule, and what meets it", "Each row of the sources, and what meets it.",
        trace.body(written, facts.policy, path), options={"search": {"exclude": True}},
    )  # fmt: skip


def _of_sources() -> Iterator[Page]:
    path = "sources/index.md"
    yield _made(
        path, "The sources", "The five documents behind this guidance.", sources.index_body(path)
    )
    for document in DOCUMENTS:
        path = f"sources/{document.slug}.md"
        yield _made(
            path, f"Source: {document.name}", f"Every rule of the {document.name} document, in our own words.",
            sources.document_body(document, path), options={"search": {"boost": 0.3}},
        )  # fmt: skip
    path = "sources/rulings.md"
    yield _made(
        path, "Our rulings", "What we do where the sources disagree.", sources.rulings_body(path),
        options={"search": {"boost": 0.5}},
    )  # fmt: skip


def expand(nav: _Nav, pages: Sequence[str]) -> list[object]:
    """The site's menu, with each folder (``reference/``) replaced by the pages in it, its index first.

    A page that is made on request is left out where nobody asked for it.

    :param nav: the menu as the site's configuration has it.
    :param pages: the paths of the staged pages, in order.
    """
    asked = [entry for entry in nav if _ON_REQUEST in pages or not _on_request(entry)]
    return [_entry(entry, pages) for entry in asked]


def _on_request(entry: object) -> bool:
    return isinstance(entry, Mapping) and _ON_REQUEST in entry.values()


def _entry(entry: object, pages: Sequence[str]) -> object:
    if isinstance(entry, Mapping):
        return {title: _entry(inside, pages) for title, inside in entry.items()}
    if isinstance(entry, list):
        return expand(entry, pages)
    if isinstance(entry, str) and entry.endswith("/"):
        inside = [page for page in pages if str(PurePosixPath(page).parent) == entry.rstrip("/")]
        return sorted(inside, key=lambda page: not page.endswith("index.md"))
    return entry


def _made(
    path: str, title: str, description: str, body: str, also: tuple[str, ...] = (),
    options: Mapping[str, object] | None = None,
) -> Page:  # fmt: skip
    return Page(
        path, title, description, body, "Coordinator", REVIEWED, NEXT_REVIEW, also, options or {}
    )


def _data(path: Path, source: Path, read: Callable[[object], _T]) -> _T:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    name = path.relative_to(source).as_posix()
    try:
        return read(YAML(typ="safe").load(path.read_text("utf-8")))
    except (ValueError, YAMLError) as error:
        why = str(error).splitlines()[0]
        raise PageError(name, 1, why, "compare it with the other entries of the file") from error


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    listed = target / _STAGED
    before = listed.read_text("utf-8").splitlines() if listed.is_file() else []
    for gone in set(before) - files.keys():
        (target / gone).unlink(missing_ok=True)
    for name, content in {**files, _STAGED: "\n".join(files).encode()}.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
