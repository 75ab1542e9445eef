"""The whole guide as one document to print: links between pages become links inside it, and every name is unique.

The site's theme (``site_src/theme/print.html``) puts all pages one after the other, each between two marks::

    <!--contents-->…<!--/contents-->
    <!--sheet 3.2 access/query.html-->…<!--/sheet-->

Here such a page gets a place of its own, ``access-query``; what was ``#while-you-search`` in it becomes
``#access-query--while-you-search``, and every link follows. Headings go down one level, because the document has a title
of its own, and the page's own heading gets its number in the list of contents.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection

#: The document's name in the site's folder.
NAME = "print.html"

_SHEET = re.compile(r"<!--sheet (\S+) (\S+?)-->(.*?)<!--/sheet-->", re.DOTALL)
_CONTENTS = re.compile(r"<!--contents-->(.*?)<!--/contents-->", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^>]*)>")
_LINK = re.compile(r'\s(href|src)="([^"]*)"')
_NAME = re.compile(r'\s(id|aria-labelledby|aria-describedby)="([^"]*)"')
_ELSEWHERE = re.compile(r"[a-z]+:")
_HEADING = re.compile(r"(<h2\b[^>]*>)")
_LOWER = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6"}


def bind(text: str) -> str:
    """Make one document of the pages that were put into it.

    :param text: HTML as the theme makes it.
    """
    pages = {page for _, page, _ in _SHEET.findall(text)}
    text = _CONTENTS.sub(lambda found: _pointed(found[1], NAME, pages), text)
    return _SHEET.sub(lambda found: _sheet(found[1], found[2], found[3], pages), text)


def place(page: str) -> str:
    """The name of a page's place in the document: ``access-query`` for ``access/query.html``."""
    return page.removesuffix(".html").replace("/", "-")


def _sheet(number: str, page: str, content: str, pages: Collection[str]) -> str:
    own = place(page)

    def tag(found: re.Match[str]) -> str:
        end, name, attributes = found.groups()
        attributes = _NAME.sub(
            lambda a: f' {a[1]}="{" ".join(f"{own}--{one}" for one in a[2].split())}"', attributes
        )
        return f"<{end}{_LOWER.get(name, name)}{attributes}>"

    content = _TAG.sub(tag, _pointed(content, page, pages))
    content = _HEADING.sub(rf'\1<span class="cp-number">{number}</span> ', content, count=1)
    return f'<section class="cp-sheet" id="{own}">{content}</section>'


def _pointed(text: str, page: str, pages: Collection[str]) -> str:
    """HTML with its links as they have to be when it stands in the document instead of on its page."""

    def link(found: re.Match[str]) -> str:
        return f' {found[1]}="{_target(found[2], page, pages)}"'

    return _TAG.sub(lambda tag: f"<{tag[1]}{tag[2]}{_LINK.sub(link, tag[3])}>", text)


def _target(link: str, page: str, pages: Collection[str]) -> str:
    path, _, name = link.partition("#")
    if _ELSEWHERE.match(link) or (page == NAME and not path):
        return link
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    if target not in pages:
        return f"{target}#{name}" if name else target
    return f"#{place(target)}--{name}" if name else f"#{place(target)}"
