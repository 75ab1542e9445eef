"""The recovery page: what a printed sheet in the trustees' safe has to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import resources


def recovery_page(
    organisation: str, secret: str, groups: Sequence[str], words: str, anchor: str, made_on: date
) -> bytes:
    """The page as one self-contained HTML file.

    :param secret: the whole secret, for the QR code.
    :param groups: the secret as it is read and typed by people.
    :param words: the page's public fingerprint as words, to tell pages apart.
    :param anchor: what an auditor pins, printed at the foot.
    """
    import segno
    from jinja2 import Environment, select_autoescape
    from markupsafe import Markup

    template = (resources.files("cpvol.reports") / "recovery_page.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=select_autoescape(default=True, default_for_string=True))
    picture = segno.make(secret, error="m", micro=False).svg_inline(
        scale=4, border=2, title="The same code"
    )
    page = environment.from_string(template).render(
        organisation=organisation,
        made_on=f"{made_on:%d/%m/%Y}",
        words=words,
        groups=groups,
        qr=Markup(picture),  # noqa: S704 - made by the library from our own secret
        anchor=anchor,
    )
    return page.encode()
