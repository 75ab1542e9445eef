"""The templates of letters: what one may say, and what it may not do.

A template may come from anybody, and is given what no stranger may have. So it is looked at before it is filled in: it
may place fields, ask whether one is known, and go through a list, and nothing else. What comes out is then written anew,
element by element (:mod:`cpvol.letters.clean`), so that nothing in it runs, loads or sends anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import resources
from typing import TYPE_CHECKING, Any

from cpvol.errors import CpvolError

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

#: The words and lines above every letter; replaced like a letter's own template.
LETTERHEAD = "letterhead"
LETTERHEAD_FIELDS = {"organisation": "the organisation's name"}
#: A template is a page of words; more than this is something else.
MOST_BYTES = 100_000

_FILTERS = frozenset(("capitalize", "first", "join", "last", "length", "lower", "upper"))
#: What a template is made of, beside the names and loops that are looked at one by one.
_PLAIN = frozenset(
    (
        *("Template", "Output", "TemplateData", "If", "Const", "Compare", "Operand"),
        *("And", "Or", "Not", "Concat", "CondExpr"),
    )
)


class BadTemplate(CpvolError):
    """A template that cannot be used. Says where and why, never what it was filled with."""

    def __init__(self, name: str, line: int, why: str, hint: str = "") -> None:
        super().__init__(
            f"the template {name}.html, line {line}: {why}",
            hint or "correct it there, or take the file away so that the built-in one is used",
        )


def environment() -> SandboxedEnvironment:
    """What templates are read and filled in with."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.tests.clear()
    return made


def built_in(name: str) -> str:
    """The text of a template that comes with cpvol."""
    return (resources.files("cpvol.letters") / f"{name}.html").read_text(encoding="utf-8")


def fill(name: str, text: str, fields: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """A template filled in.

    :param fields: what it may use; see :class:`~cpvol.letters.base.Letter`.
    :param values: a value for each of them.
    :raises BadTemplate: when it uses anything else.
    """
    from jinja2 import TemplateError, TemplateSyntaxError

    made = environment()
    try:
        for line, why, hint in _Looked(fields).problems(made.parse(text), {}):
            raise BadTemplate(name, line, why, hint)
    except TemplateSyntaxError as error:
        raise BadTemplate(name, error.lineno, "its brackets or words do not fit together") from None
    except RecursionError:
        raise BadTemplate(name, 1, "too much stands one in the other") from None
    try:
        return made.from_string(text).render(values)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError):
        # The library's own words may hold what the template was filled with.
        raise BadTemplate(name, 1, "a field is used as what it is not") from None


def used(text: str, fields: Mapping[str, str]) -> set[str]:
    """The fields that a template uses, of those it may."""
    looked = _Looked(fields)
    for line, why, _ in looked.problems(environment().parse(text), {}):
        raise BadTemplate("", line, why)
    return looked.used


@dataclass
class _Looked:
    """A walk over a template that finds what it may not use, and notes what it does use."""

    fields: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    def problems(self, node: nodes.Node, rows: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
        """Line, what is wrong, and a hint, for each thing.

        :param rows: the names that loops gave to a row of a list.
        """
        from jinja2 import nodes

        if isinstance(node, nodes.Name):
            yield from self._name(node, node.name, rows)
        elif isinstance(node, nodes.Getattr):
            yield from self._part(node, rows)
        elif isinstance(node, nodes.For):
            yield from self._loop(node, rows)
        elif (isinstance(node, nodes.Filter) and node.name in _FILTERS) or type(
            node
        ).__name__ in _PLAIN:
            yield from self._children(node, rows)
        else:
            what = "a filter of that name" if isinstance(node, nodes.Filter) else "such a thing"
            yield node.lineno or 1, f"{what} cannot be used in a letter", ""

    def _children(
        self, node: nodes.Node, rows: Mapping[str, str]
    ) -> Iterator[tuple[int, str, str]]:
        for child in node.iter_child_nodes():
            yield from self.problems(child, rows)

    def _name(
        self, node: nodes.Node, name: str, rows: Mapping[str, str]
    ) -> Iterator[tuple[int, str, str]]:
        if name in rows:
            return
        if name in self.fields:
            self.used.add(name)
            return
        known = [each for each in self.fields if "." not in each]
        near = get_close_matches(name, known, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        yield (
            node.lineno,
            f"there is no field {name[:40]}",
            f"{meant}the fields are {', '.join(known)}",
        )

    def _part(self, node: nodes.Getattr, rows: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
        from jinja2 import nodes

        of = rows.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if of is None:
            yield node.lineno, "only a row of a list has parts", ""
            return
        yield from self._name(node, f"{of}.{node.attr}", rows)

    def _loop(self, node: nodes.For, rows: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
        from jinja2 import nodes

        target, of = node.target, node.iter
        if not isinstance(target, nodes.Name) or not isinstance(of, nodes.Name):
            yield node.lineno, "a loop goes through one list, with one name for its rows", ""
            return
        # Three loops, one in the other, through a list of two hundred would fill the memory.
        if node.test or node.recursive or {of.name, target.name} & rows.keys() or len(rows) > 1:
            yield node.lineno, "such a loop cannot be used in a letter", ""
            return
        yield from self._name(of, of.name, rows)
        for child in (*node.body, *node.else_):
            yield from self.problems(child, {**rows, target.name: of.name})
