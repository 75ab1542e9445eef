"""The blank form of a log: one A4 page to fill in by hand where no computer is near.

It is a form for paper, so the boxes are drawn, not fields to type into; people who listen to the page hear the same
list of questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from cpvol.logs.base import Log
from cpvol.logs.fields import FieldSpec, fields_of

#: How much of a line's width of twelve each kind of answer needs; the others need all of it.
_WIDTHS = {
    "date": 4,
    "time": 4,
    "number": 4,
    "yesno": 4,
    "line": 6,
    "email": 6,
    "reference": 6,
}
#: Beyond so many letters, a label leaves no room to write on a third of a line.
_LONG_LABEL = 20
_ROWS_OF_A_LIST = 2


def body(log: Log, organisation: str) -> str:
    """The text of a log's blank form.

    :param organisation: the organisation's name, or ``""`` for a line to write it on.
    """
    fields = "\n".join(_field(spec) for spec in fields_of(log.model))
    return f"""# {log.title}: blank form

Print this page on one sheet of A4, or read it as a list of what to have ready.
[What each line means](../reference/{log.name}.md).
{{: .cp-screen }}

<div class="cp-form">
<p class="cp-form-who">{_written("Organisation", organisation)} {_written("Filled in by")} {_written("on")}</p>
<ul class="cp-form-fields">
{fields}
</ul>
<p class="cp-form-note">Lines marked <strong>*</strong> are always needed; the others where they apply. No child's name, date of
birth, address or school, no case notes, no passwords. Keep this sheet locked away. Shred it once the entry is made.</p>
<p class="cp-form-who">{_written("Entered by")} {_written("on")} {_written("Entry number")}</p>
</div>"""


def index_body(logs: Sequence[Log]) -> str:
    """The page that lists every form."""
    lines = "\n".join(f"- [{log.title}]({log.name}.md)" for log in logs)
    return f"""# Blank forms

For when there is no computer near. Each prints on one sheet of A4. Lock a form away once it is filled in, enter it as
soon as you can, then shred it.

{lines}"""


def _field(spec: FieldSpec) -> str:
    label = f"{escape(spec.label)}{' <strong>*</strong>' if spec.required else ''}"
    if spec.parts:
        return f'<li class="cp-w12"><span class="cp-label">{label}</span>{_list(spec)}</li>'
    if spec.choices:
        words = " ".join(
            f'<span class="cp-choice">{escape(words)}</span>' for _, words in spec.choices
        )
        width = 4 if spec.kind == "yesno" else 12
        return f'<li class="cp-w{width}"><span class="cp-label">{label}</span><span class="cp-choices">{words}</span></li>'
    width = _WIDTHS.get(spec.kind, 12)
    if len(spec.label) > _LONG_LABEL:
        width = max(width, 6)
    tall = " cp-tall" if spec.kind == "text" else ""
    return f'<li class="cp-w{width}"><span class="cp-label">{label}</span><span class="cp-line{tall}"></span></li>'


def _list(spec: FieldSpec) -> str:
    head = "".join(f'<th scope="col">{escape(part.label)}</th>' for part in spec.parts)
    row = f"<tr>{'<td></td>' * len(spec.parts)}</tr>"
    return f'<table class="cp-rows"><thead><tr>{head}</tr></thead><tbody>{row * _ROWS_OF_A_LIST}</tbody></table>'


def _written(label: str, value: str = "") -> str:
    return f'<span class="cp-write"><span>{label}</span> <span class="cp-line">{escape(value)}</span></span>'
