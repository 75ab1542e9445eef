"""Help in plain words: ``help TOPIC``, and what the menu shows on a rare day. All of it stands in ``help.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from cpvol.tasks.build import CpvolTask, Param, make_task
from cpvol.tasks.session import Session
from cpvol.tasks.values import BadInput

_FILE = Path(__file__).with_name("help.toml")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: see the head of ``help.toml`` for what each part is."""

    name: str
    title: str
    text: str
    also: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    rare: bool = False


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic, in the order of the file."""
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Topic(
            name,
            about["title"],
            _unwrapped(about["text"]),
            tuple(about.get("also", ())),
            tuple(about.get("steps", ())),
            bool(about.get("rare", False)),
        )
        for name, about in found.items()
    )


def _unwrapped(text: str) -> str:
    """Each paragraph and each step as one line; the window decides where it is wrapped."""
    lines: list[str] = []
    for line in text.strip().split("\n"):
        if lines and line and lines[-1] and not line.startswith("- "):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines)


def topic_named(wanted: str) -> Topic:
    """The topic of that name, or that one of its other words means.

    :raises BadInput: with the nearest ones.
    """
    text = " ".join(wanted.casefold().replace("-", " ").split())
    words: dict[str, Topic] = {}
    for topic in topics():
        for word in (topic.name, topic.title.casefold(), *topic.also):
            words.setdefault(word, topic)
    if text in words:
        return words[text]
    near = get_close_matches(text, list(words), n=1)
    meant = f"did you mean {words[near[0]].name}? " if near else ""
    raise BadInput(
        "there is no help on that",
        f"{meant}there is help on {', '.join(topic.name for topic in topics())}",
    )


def show(session: Session, topic: Topic) -> None:
    """Print a topic."""
    session.out(f"{topic.title}\n\n{topic.text}")


def show_help(session: Session, *, topic: str) -> None:
    """The body of ``help``."""
    if topic.casefold() in ("topics", "help", "all"):
        show_topics(session)
        return
    show(session, topic_named(topic))


def show_topics(session: Session) -> None:
    """Print what there is help on."""
    wide = max(len(topic.name) for topic in topics())
    session.out("Help in plain words; for example: help passphrase\n")
    for topic in topics():
        session.out(f"  {topic.name:<{wide}}  {topic.title}")
    session.out("\nFor one task and its options: --help and the task's name.")


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "help",
        "Help in plain words; `help topics` lists what there is.",
        [
            Param(
                "topic",
                "What about, for example leaver or passphrase.",
                positional=True,
                of="topic",
            )
        ],
        show_help,
    ),
)
