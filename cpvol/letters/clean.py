"""HTML written anew: the elements that a letter is made of, and nothing that runs, loads or sends anything.

What a browser makes of unusual HTML and what a parser here makes of it are two things. So nothing is let through as it
was written: text is escaped again, and each element is written again from its name and attributes.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_ELEMENTS = frozenset(
    (
        *("p", "div", "span", "section", "address", "h1", "h2", "h3", "strong", "em", "b", "i"),
        *("small", "sup", "sub", "u", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "img"),
        *("table", "thead", "tbody", "tr", "th", "td", "caption", "style"),
    )
)
_EMPTY = frozenset(("br", "hr", "img"))
_ATTRIBUTES = frozenset(
    ("class", "id", "lang", "dir", "scope", "colspan", "rowspan", "alt", "width", "height")
)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z")
#: In a style, all that could fetch something, or that hides what it says.
_REACHING = re.compile(r"url|expression|image-set|src|[\\<@]", re.IGNORECASE)


class NotClean(ValueError):
    """Something that no letter may hold; the message says what, the line is the second argument."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


def clean(html: str) -> str:
    """The same letter, written anew.

    :raises NotClean: for an element or attribute that no letter may hold, and for one that is not closed.
    """
    writer = _Writer()
    writer.feed(html)
    writer.close()
    if writer.open:
        raise NotClean(f"<{writer.open[-1]}> is not closed", writer.getpos()[0])
    return "".join(writer.parts)


class _Writer(HTMLParser):
    """Writes what it reads, or refuses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []

    def _refuse(self, why: str) -> NotClean:
        return NotClean(why, self.getpos()[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            raise self._refuse("an element that no letter may hold")
        told = "".join(f' {name}="{escape(self._value(tag, name, v))}"' for name, v in attrs)
        self.parts.append(f"<{tag}{told}>")
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            raise self._refuse(f"<{tag[:20]}> is not closed")
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            raise self._refuse("an element ends that did not begin, or in the wrong order")
        self.open.pop()
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            if _REACHING.search(data):
                raise self._refuse("a style that reaches for something else")
            self.parts.append(data)
        else:
            self.parts.append(escape(data, quote=False))

    def _value(self, tag: str, name: str, value: str | None) -> str:
        text = value or ""
        if (tag, name) == ("img", "src") and _PICTURE.match(text):
            return text
        if name not in _ATTRIBUTES:
            raise self._refuse("an attribute that no letter may hold")
        return text

    def handle_comment(self, data: str) -> None:
        del data
        raise self._refuse("a comment; write it as {# … #}")

    def handle_decl(self, decl: str) -> None:
        del decl
        raise self._refuse("a declaration")

    def handle_pi(self, data: str) -> None:
        del data
        raise self._refuse("an instruction to another program")

    def unknown_decl(self, data: str) -> None:
        del data
        raise self._refuse("a declaration")
