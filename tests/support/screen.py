"""What a person sees: a program in a real terminal of some width, drawn as a terminal draws it.

The terminal keeps every line that scrolled off the top, so that a test can look at all of it, and refuses a screen
that is garbled: a line that ran over the edge and was broken by the terminal rather than by us.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pyte
from pyte import modes

from tests.support.terminal import DOWN, ENTER, Terminal

_PATIENCE_SECONDS = 60
#: Whoever waits for an answer has told the terminal to mark what is pasted (the private mode 2004).
_PASTES = 2004 << 5


class Screen(Terminal):
    """A program running in a terminal that is drawn.

    :param width: its cells.
    :ivar display: the lines of the window as they are drawn now.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        *,
        width: int = 80,
        height: int = 40,
    ) -> None:
        self._screen = pyte.HistoryScreen(width, height, history=2000, ratio=0.5)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        self.width = width
        super().__init__(command, env, cwd, width=width, height=height)

    @property
    def display(self) -> list[str]:
        """The lines of the window, without the blanks at their ends."""
        self._draw()
        return [line.rstrip() for line in self._screen.display]

    def _draw(self) -> None:
        self._stream.feed(self._raw[self._drawn :])
        self._drawn = len(self._raw)

    @property
    def page(self) -> str:
        """Everything that was drawn and stayed: the window, and what scrolled off its top."""
        now = self.display
        above = [
            "".join(line[at].data for at in range(self.width)).rstrip()
            for line in self._screen.history.top
        ]
        return "\n".join([*above, *now]).rstrip()

    @property
    def raw(self) -> str:
        """Every byte that the terminal was sent."""
        return self._raw.decode(errors="replace")

    def sees(self, pattern: str) -> str:
        """Wait until the window shows something.

        :param pattern: is looked for in the window's lines with one blank between them, as a person reads on.
        :returns: the window.
        """
        self._until(
            lambda: re.search(pattern, " ".join(self._window().split())) is not None, pattern
        )
        return self._window()

    def shows(self, pattern: str) -> str:
        """Wait until the window shows something, line by line.

        :returns: what was shown.
        """
        self._until(lambda: re.search(pattern, self._window()) is not None, pattern)
        found = re.search(pattern, self._window())
        assert found
        return found[0]

    def _window(self) -> str:
        return "\n".join(self.display)

    def asked(self) -> str:
        """The question that waits for an answer, ``""`` when none does."""
        lines = self.display
        at = max((at for at, line in enumerate(lines) if line.startswith("? ")), default=-1)
        if at < 0:
            return ""
        listed = any(
            mark in " ".join(lines[at : at + 2]) for mark in ("then Enter)", "Enter goes on)")
        )
        cursor = self._screen.cursor
        # An answered question is above the cursor, which is at the left; one that waits has it behind its words.
        waits = listed or (cursor.x > 0 and 0 <= cursor.y - at <= 1)
        return lines[at] if waits and _PASTES in self._screen.mode else ""

    def sees_question(self, pattern: str) -> str:
        """Wait for a question that matches, and give it."""
        self._until(lambda: self._asks(pattern), pattern)
        return self.asked()

    def reply(self, question: str, answer: str = "", *, again: bool = False) -> None:
        """Wait for a question to be the last one in the window, type a line, and see it taken.

        :param again: whether it will be asked once more, because the answer cannot be used.
        """
        before = self.sees_question(question)
        self.type(answer + ENTER)
        if not again:
            self._until(lambda: not self.asked().startswith(before), f"an end of {before}")

    def skip_to(self, question: str) -> None:
        """Leave everything empty that is asked for before a question, or not be asked at all."""
        while not re.search(question, asked := self.sees_question(".")):
            self.type(("n" if "Enter them now" in asked else "") + ENTER)
            self._until(partial(self._asks_anew, asked), question)

    def _asks_anew(self, before: str) -> bool:
        return self.asked() not in ("", before)

    def choose(self, question: str, words: str) -> None:
        """Wait for a list, go down to a line of it with the arrow keys as a person does, and take it."""
        self._until(lambda: self._pointed() != "" and self._asks(question), question)
        first = self._pointed()
        while not re.search(words, pointed := self._pointed()):
            self.type(DOWN)
            self._until(partial(self._moved, pointed), words)
            assert self._pointed() != first, f"{words!r} is not among\n" + "\n".join(self.display)
        self.type(ENTER)
        self._until(partial(self._moved, pointed), words)

    def _moved(self, pointed: str) -> bool:
        return self._pointed() != pointed

    def _pointed(self) -> str:
        return next((line for line in self.display if line.startswith(" » ")), "")

    def _asks(self, question: str) -> bool:
        return re.search(question, self.asked()) is not None

    def _whole(self) -> bool:
        """Whether no drawing is under way: a list turns the breaking of lines off for as long as it draws."""
        self._draw()
        return modes.DECAWM in self._screen.mode

    def _until(self, met: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not (self._whole() and met()):
            assert time.monotonic() < until, f"{what!r} was not asked:\n{self.page}"
            assert self._read(), f"ended before {what!r}:\n{self.page}"
