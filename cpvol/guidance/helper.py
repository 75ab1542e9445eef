"""A decision helper: questions with answers that lead to other questions or to advice.

It is made from one table and works without scripts: every step is a section of the page with a name of its own, an
answer is an ordinary link to the next, and style alone shows one step at a time. So Back works, every step can be linked
to and printed, and focus moves with the link. The table, in ``site_src/data/helpers/<name>.yaml``::

    - step: account
      ask: "Do you have an account of your own?"
      answers:
      - {say: "Yes", to: connected}
      - {say: "No", to: nominated}
    - step: connected
      advise: "Use it yourself"
      text: "…"
      rows: [B-8]

The first step is where it starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cpvol.guidance.cite import links
from cpvol.guidance.rows import known

_FEWEST_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A question with its answers, or advice, where ``answers`` is empty.

    :param name: the step's own name within the helper.
    :param heading: the question, or what to do.
    :param text: Markdown below the heading.
    :param answers: what the reader says, and the name of the step it leads to.
    """

    name: str
    heading: str
    text: str
    answers: tuple[tuple[str, str], ...]
    rows: tuple[str, ...]


def read_steps(data: object) -> tuple[Step, ...]:
    """The steps of a helper's file, checked: every answer leads on, every step is reached, nothing goes in a circle.

    :param data: the file as it was read.
    :raises ValueError: the message says which step is wrong and why.
    """
    if not isinstance(data, list) or not all(
        isinstance(entry, dict) and "step" in entry for entry in data
    ):
        raise ValueError("it is not a list of steps")
    steps = tuple(_step(entry) for entry in data)
    by_name = {step.name: step for step in steps}
    if len(by_name) != len(steps):
        raise ValueError("two steps have the same name")
    reached: set[str] = set()
    _walk(steps[0].name, by_name, (), reached)
    if left := [step.name for step in steps if step.name not in reached]:
        raise ValueError(f"no answer leads to the step {left[0]}")
    return steps


def _step(entry: Mapping[str, object]) -> Step:
    name = str(entry["step"])
    answers = entry.get("answers", ())
    rows = entry.get("rows", ())
    if ("ask" in entry) == ("advise" in entry):
        raise ValueError(f"the step {name} needs either ask or advise")
    if not isinstance(answers, (list, tuple)) or not isinstance(rows, (list, tuple)):
        raise ValueError(f"the answers and rows of the step {name} are no lists")  # noqa: TRY004 - one kind of error for a wrong file
    if "ask" in entry and len(answers) < _FEWEST_ANSWERS:
        raise ValueError(f"the step {name} asks, and has fewer than two answers")
    if wrong := [row for row in rows if not known(str(row))]:
        raise ValueError(f"the step {name} names {wrong[0]}, which is no row of the sources")
    return Step(
        name,
        str(entry.get("ask") or entry["advise"]),
        str(entry.get("text", "")).strip(),
        tuple((str(answer["say"]), str(answer["to"])) for answer in answers),
        tuple(str(row) for row in rows),
    )


def _walk(name: str, steps: Mapping[str, Step], above: tuple[str, ...], reached: set[str]) -> None:
    if name not in steps:
        raise ValueError(f"an answer of the step {above[-1]} leads to {name}, which is no step")
    if name in above:
        raise ValueError(f"the step {name} leads back to itself")
    reached.add(name)
    for _, to in steps[name].answers:
        _walk(to, steps, (*above, name), reached)


def body(helper: str, steps: Sequence[Step], path: str) -> str:
    """The helper as a block of a page.

    :param helper: the helper's name, which begins the name of every step's place on the page.
    :param path: the page's path, for its links.
    """
    numbers = {step.name: number for number, step in enumerate(steps, 1)}
    sections = [_section(helper, step, numbers, path) for step in steps]
    return "\n\n".join(['<div class="cp-helper" markdown>', *sections, "</div>"])


def _section(helper: str, step: Step, numbers: Mapping[str, int], path: str) -> str:
    kind = "ask" if step.answers else "advise"
    start = next(iter(numbers))
    # On paper an answer shows the number of the step that it leads to.
    answers = (
        f"- [{say}](#{helper}-{to}){{: data-cp-to={numbers[to]} }}" for say, to in step.answers
    )
    parts = [
        f'<section class="cp-{kind}" markdown>',
        f"## {step.heading} {{#{helper}-{step.name} tabindex=-1}}",
        f"{step.text} {links(step.rows, path)}".strip(),
        "\n".join(answers),
        "" if step.name == start else f"[Start again](#{helper}-{start})\n{{: .cp-again }}",
        "</section>",
    ]
    return "\n\n".join(part for part in parts if part)
