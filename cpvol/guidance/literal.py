"""Text that somebody typed, in a page: it stands there as it was typed, whatever Markdown or HTML would make of it."""

from __future__ import annotations

import re
from html import escape

# What Markdown and its extensions read as more than a character, once HTML has been seen to.
_ACTIVE = re.compile(r"[\\`*_{}\[\]|!]")


def literal(text: str) -> str:
    """The text, with everything that could begin a link, a picture, an element or a style put as a number."""
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", escape(text))
