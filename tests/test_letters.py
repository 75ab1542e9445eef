"""Letters: each says what it must and no more, and a template of one's own can neither run, load nor send anything."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.guidance.rows import known
from cpvol.letters import LETTERS
from cpvol.letters.base import Letter, Matter, NotThisLetter
from cpvol.letters.clean import NotClean, clean
from cpvol.letters.page import Page, make, part
from cpvol.letters.template import LETTERHEAD, LETTERHEAD_FIELDS, BadTemplate, built_in, fill, used
from cpvol.logs import BY_NAME
from cpvol.logs.base import Record
from cpvol.logs.fields import fields_of
from cpvol.policy import load, profiles
from cpvol.policy.organisation import TITLES, Contact
from tests.support.browser import browser
from tests.support.programs import find, needs
from tests.support.told import TODAY, organisation, told

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8") + ";1"
EVERY = pytest.mark.parametrize("letter", LETTERS, ids=[letter.name for letter in LETTERS])
BOOK = told()
CARDS = [
    Contact(
        purpose=purpose,
        office=f"Office {purpose}",
        telephone="01632 960001",
        email="desk@county.example",
        address="County Hall\nExampleton",
    )
    for purpose in TITLES
]


def matter(record: Record | None, profile: str = "contactpoint", *, cards: bool = True) -> Matter:
    return Matter(record, BOOK, load(profile), organisation(*(CARDS if cards else [])), TODAY)


def fitting(letter: Letter) -> Record | None:
    """The first entry of the story that such a letter can be made of."""
    if not letter.log:
        return None
    for record in BOOK.of(letter.log):
        try:
            letter.fill(matter(record))
        except NotThisLetter:
            continue
        return record
    raise AssertionError(letter.name)


def text_of(page: Page) -> str:
    """What a reader sees, without the styles."""
    body = page.html.decode().partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


# -- the conformity of all letters ------------------------------------------------------------------------------------


@EVERY
def test_a_letter_keeps_what_it_declares(letter: Letter) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", letter.name)
    assert letter.rows
    assert all(known(row) for row in letter.rows)
    assert letter.log == "" or letter.log in BY_NAME
    assert used(built_in(letter.name), letter.fields) == set(letter.fields)
    filled = letter.fill(matter(fitting(letter)))
    assert set(filled) == {name for name in letter.fields if "." not in name}
    for name, value in filled.items():
        for row in value if isinstance(value, list) else ():
            if isinstance(row, dict):
                assert {f"{name}.{part}" for part in row} <= set(letter.fields)


@EVERY
def test_what_is_recorded_as_sent_is_a_step_of_the_log(letter: Letter) -> None:
    record = fitting(letter)
    for office in (None, *letter.offices):
        sent = letter.sent(record, office) if letter.sent and record else None
        if sent is None:
            continue
        assert bool(sent.time) == letter.timed
        step = next(each for each in BY_NAME[letter.log].follow_ups if each.name == sent.step)
        asked = {spec.name: spec for spec in fields_of(step.asks)}
        assert asked[sent.day].kind == "date"
        needed = {name for name, spec in asked.items() if spec.required}
        assert needed <= {sent.day, sent.time, *sent.answers}
        assert sent.day in BY_NAME[letter.log].model.model_fields


@pytest.mark.parametrize("name", [LETTERHEAD, *(letter.name for letter in LETTERS)])
def test_a_template_holds_no_number_and_no_address(name: str) -> None:
    """Numbers come from the policy and names from the contact cards; an Act is called by its year."""
    words = re.sub(r"\{[{%].*?[}%]\}", "", built_in(name), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", words).replace("Computer Misuse Act 1990", "")
    assert not re.search(r"\d|@|\bContactPoint\b", words)


@EVERY
@pytest.mark.parametrize("profile", profiles())
@pytest.mark.parametrize("cards", [True, False])
def test_a_letter_says_whose_it_is_and_what_it_follows(
    letter: Letter, profile: str, cards: bool
) -> None:
    record = fitting(letter)
    page = make(letter, matter(record, profile, cards=cards))
    text = text_of(page)
    assert "Harbour & Hill" in text
    assert "21 November 2026" in text
    assert ", ".join(letter.rows) in text
    if record is not None:
        assert f"{record.log} {record.id}" in text
    if page.office is not None:
        title = load(profile).office(page.office)
        assert (f"Office {page.office}" in text) == cards
        assert (title.casefold() in text.casefold()) or cards
        assert any(title in gap for gap in page.gaps) is not cards
    assert "None" not in text


@EVERY
def test_only_the_person_concerned_is_named(letter: Letter) -> None:
    record = fitting(letter)
    text = text_of(make(letter, matter(record)))
    concerned = {getattr(record, "person", None), getattr(record, "id", None)}
    concerned |= set(getattr(record, "persons", ()))
    for person in BOOK.of("person"):
        if person.id not in concerned:
            assert getattr(person, "name") not in text  # noqa: B009 - of a record


@EVERY
@given(data=st.data())
def test_what_an_entry_holds_cannot_change_the_page(letter: Letter, data: st.DataObject) -> None:
    record = fitting(letter)
    nasty = data.draw(
        st.sampled_from(["<script>x</script>", "{{ 7*7 }}", "</div></main>", "&lt;b"])
    )
    plain: Any = organisation().model_copy(update={"name": nasty})
    page = make(letter, Matter(record, BOOK, load(), plain, TODAY))
    assert nasty in unescape(page.html.decode())
    assert page.html.count(b"<script") == 0
    assert page.html.count(b"</main>") == 1
    assert b"49" not in page.html.partition(b"<header>")[2].partition(b"</header>")[0]


# -- single letters ---------------------------------------------------------------------------------------------------


def one(name: str, /, **where: Any) -> tuple[Letter, Any]:
    """A letter, and an entry of the story with these values."""
    letter = next(each for each in LETTERS if each.name == name)
    for record in BOOK.of(letter.log):
        if all(getattr(record, field) == value for field, value in where.items()):
            return letter, record
    raise AssertionError(where)


@pytest.mark.parametrize(
    ("name", "where", "says"),
    [
        ("leaver", {"name": "Robin Example"}, "no day of leaving"),
        ("leaver-notice", {"name": "Robin Example"}, "no day of leaving"),
        ("lapsed-check", {"name": "Robin Example"}, "counts until"),
        ("lapsed-check", {"name": "Chris Notional"}, "failed"),
        ("lapsed-check", {"name": "Kim Pattern"}, "no enhanced check"),
        ("lapsed-check", {"name": "Lee Dummy"}, "no open account"),
        ("leaver", {"name": "Kim Pattern"}, "no day of leaving"),
        ("failed-check", {"decision": "clear"}, "did not fail"),
        ("lost-token", {"lost_on": None}, "no loss"),
        ("training-place", {"venue": "County training centre"}, "over already"),
    ],
)
def test_a_letter_that_does_not_fit_its_entry_is_not_made(
    name: str, where: dict[str, Any], says: str
) -> None:
    letter, record = one(name, **where)
    with pytest.raises(NotThisLetter, match=says) as refused:
        make(letter, matter(record))
    assert "`" in refused.value.hint


def test_of_several_entries_those_are_meant_that_the_letter_can_be_made_of() -> None:
    for name, where in (
        ("failed-check", {"decision": "failed"}),
        ("lost-token", {"lost_on": date(2010, 1, 4)}),
        ("training-place", {"completed_on": None}),
    ):
        letter, record = one(name)
        without = {"decision": "clear", "lost_on": None, "completed_on": date(2010, 1, 4)}
        change = {field: without[field] for field in where}
        assert letter.fits(record.model_copy(update=where))
        assert not letter.fits(record.model_copy(update=change))


def test_a_struck_out_entry_makes_no_letter() -> None:
    letter, person = one("leaver", name="Pat Template")
    with pytest.raises(NotThisLetter, match="struck out"):
        make(letter, matter(person.model_copy(update={"voided": True})))


def test_somebody_without_an_account_is_written_of_as_such() -> None:
    letter, person = one("leaver", name="Dana Invented")
    left = person.model_copy(update={"left_on": TODAY})
    assert "was nominated for mediated access" in text_of(make(letter, matter(left)))
    assert "Account" not in text_of(make(letter, matter(left)))
    notice = next(each for each in LETTERS if each.name == "leaver-notice")
    assert "suspend" not in text_of(make(notice, matter(left)))
    renewal = next(each for each in LETTERS if each.name == "check-renewal")
    assert "suspended" not in text_of(make(renewal, matter(person)))
    never = person.model_copy(update={"left_on": TODAY, "access": "none"})
    with pytest.raises(NotThisLetter, match="no access"):
        make(letter, matter(never))


def test_a_request_about_a_shielded_record_goes_to_the_data_protection_officer() -> None:
    letter, shielded = one("sar-referral", shielded="yes")
    page = make(letter, matter(shielded))
    assert page.office == "data_protection_officer"
    assert "no address" in text_of(page)
    assert letter.sent
    assert letter.sent(shielded, page.office).answers == {"referred_to": "dpo"}
    open_ = shielded.model_copy(update={"shielded": "unknown"})
    page = make(letter, matter(open_))
    assert page.office == "subject_access"
    assert "shielded" not in text_of(page)
    own = shielded.model_copy(update={"scope": "own"})
    with pytest.raises(NotThisLetter, match="our own records"):
        make(letter, matter(own))


def test_the_time_for_an_answer_is_the_policys() -> None:
    letter, sar = one("sar-referral", shielded="yes")
    assert "40 days" in text_of(make(letter, matter(sar)))
    assert "1 month" in text_of(make(letter, matter(sar, "uk-today")))


def test_a_breach_on_a_computer_goes_to_the_directory_manager_unless_told_otherwise() -> None:
    letter, breach = one("breach", found_through="spot_check")
    assert letter.sent
    page = make(letter, matter(breach))
    assert page.office == "directory_manager"
    assert letter.sent(breach, page.office).day == "directory_manager_told_on"
    page = make(letter, matter(breach), office="authority_team")
    assert page.office == "authority_team"
    assert letter.sent(breach, page.office).day == "team_told_on"


def test_a_breach_never_says_who_reported_it() -> None:
    letter, breach = one("breach", found_through="spot_check")
    told_by = breach.model_copy(update={"reported_by": "Jo Placeholder"})
    assert "Placeholder" not in text_of(make(letter, matter(told_by)))


def test_the_shield_form_has_a_line_for_all_that_is_about_the_child_and_keeps_none_of_it() -> None:
    letter, shield = one("shield-form", route="asked")
    page = make(letter, matter(shield))
    text = text_of(page)
    for asked in (
        *("Your own number for the child", "Legal surname", "known by", "First names", "gender"),
        *("Date of birth", "Recent addresses", "school, doctor, names of the parents"),
        *("Brothers and sisters", "What you are to the child", "Service and caseworker"),
        *("Decision", "Reviewed by, and when", "Signature"),
    ):
        assert asked in text
    for label, _ in ((label, 0) for label in ("harm to the child", "another strong reason")):
        assert label in text
    assert page.html.decode().count('class="box">X') == len(shield.criteria)
    assert "Keep no copy" in text
    rows = re.findall(r"<tr[^>]*><th[^>]*>(.*?)</th><td>(.*?)</td>", page.html.decode())
    child = dict(rows[:7])
    assert set(child.values()) == {""}


def test_a_blank_shield_form_holds_nothing_of_any_entry() -> None:
    letter, _ = one("shield-form", route="asked")
    page = make(letter, matter(None))
    assert "X</span>" not in page.html.decode()
    cells = re.findall(r"</th><td>(.*?)</td>", page.html.decode())
    assert len(cells) > 15
    assert set(cells) == {""}
    assert "SH-" not in text_of(page)
    assert "Our reference" not in text_of(page)


def test_the_hours_of_an_override_are_counted_from_its_time() -> None:
    letter, override = one("override-report")
    changed = override.model_copy(update={"date": date(2026, 2, 28)})
    assert f"1 March 2026 at {override.time:%H:%M}" in text_of(make(letter, matter(changed)))


def test_the_declaration_is_one_text_wherever_it_stands() -> None:
    letter = next(each for each in LETTERS if each.name == "declaration")
    alone = make(letter, matter(None)).html.decode()
    inside = part(letter, matter(None))
    assert "<h2>Declaration</h2>" in inside
    assert "<h3>How we are reached</h3>" in inside
    sentence = re.search(r"<p>We declare.*?</p>", inside, re.DOTALL)
    assert sentence
    assert sentence[0] in alone


# -- templates of one's own -------------------------------------------------------------------------------------------

FIELDS = {"name": "a name", "on": "a day", "tokens": "tokens", "tokens.number": "a number"}
VALUES: dict[str, Any] = {"name": "Robin", "on": "today", "tokens": [{"number": "T-1"}]}


def test_a_gap_is_told_of_however_it_is_spelt() -> None:
    """With an apostrophe, it was not."""
    letter, record = one("leaver", name="Pat Template")
    record = record.model_copy(update={"email": None})
    assert make(letter, matter(record)).gaps == ("the leaver's e-mail address",)


def test_a_template_of_ones_own_takes_the_place_of_the_built_in_one() -> None:
    letter, record = one("leaver", name="Pat Template")
    own = {
        "leaver": "<h1>Gone: {{ name | upper }}</h1>{% for token in tokens %}<p>{{ token.number }}</p>{% endfor %}",
        LETTERHEAD: '<p class="organisation">{{ organisation }}</p><style>p { color: green }</style>',
    }
    page = make(letter, matter(record), own)
    text = text_of(page)
    assert "Gone: PAT TEMPLATE" in text
    assert "Please suspend" not in text
    assert b"p { color: green }" in page.html
    assert page.gaps == ()


@pytest.mark.parametrize(
    ("template", "line", "says"),
    [
        ("<p>\n{{ nmae }}</p>", 2, "no field nmae"),
        ("{{ tokens.number }}", 1, "only a row"),
        ("{% for token in tokens %}{{ token.holder }}{% endfor %}", 1, "no field tokens.holder"),
        ("{{ name.__class__ }}", 1, "only a row"),
        ("{{ name['__class__'] }}", 1, "cannot be used"),
        ("{{ ''.__class__.__mro__ }}", 1, "only a row"),
        ("{{ name.upper() }}", 1, "cannot be used"),
        ("{{ range(10) }}", 1, "cannot be used"),
        ("{% for a in range(10**9) %}{% endfor %}", 1, "one list"),
        ("{% for a in tokens recursive %}{{ loop(tokens) }}{% endfor %}", 1, "such a loop"),
        ("{% for a in tokens %}{% for b in a %}x{% endfor %}{% endfor %}", 1, "such a loop"),
        ("{% for a in tokens %}" * 2 + "x" + "{% endfor %}" * 2, 1, "such a loop"),
        (
            "".join(f"{{% for {name} in tokens %}}" for name in "abc") + "x" + "{% endfor %}" * 3,
            1,
            "such a loop",
        ),
        ("{{ " + "(" * 30000 + "1" + ")" * 30000 + " }}", 1, "one in the other"),
        ("{% if tokens %}" * 2000 + "{% endif %}" * 2000, 1, "one in the other"),
        ("{{ 'a' * 1000000000 }}", 1, "cannot be used"),
        ("{{ name | center(1000000000) }}", 1, "do not fit|cannot be used"),
        ("{{ name | safe }}", 1, "do not fit|filter"),
        ("{% include '/etc/passwd' %}", 1, "cannot be used"),
        ("{% extends 'frame.html' %}", 1, "cannot be used"),
        ("{% import 'x' as x %}", 1, "cannot be used"),
        ("{% set x = name %}{{ x }}", 1, "cannot be used"),
        ("{% macro m() %}{% endmacro %}", 1, "cannot be used"),
        ("{% autoescape false %}{{ name }}{% endautoescape %}", 1, "cannot be used"),
        ("{{ self }}", 1, "no field self"),
        ("a\nb\n{% if name %}", 3, "do not fit"),
        ("{{ name | join(on, 'x', 'y', 'z') }}", 1, "not"),
    ],
)
def test_a_template_that_asks_for_more_is_refused_with_its_line(
    template: str, line: int, says: str
) -> None:
    with pytest.raises(BadTemplate, match=says) as refused:
        fill("leaver", template, FIELDS, VALUES)
    assert f"leaver.html, line {line}:" in refused.value.problem
    assert "Robin" not in refused.value.problem + refused.value.hint


def test_a_field_that_is_mistyped_is_told_with_what_was_meant() -> None:
    with pytest.raises(BadTemplate) as refused:
        fill("leaver", "{{ nam }}", FIELDS, VALUES)
    assert refused.value.hint.startswith("did you mean name?")
    assert "tokens.number" not in refused.value.hint


@pytest.mark.parametrize(
    "html",
    [
        "<script>fetch('//x')</script>",
        "<img src='http://x/?a'>",
        "<img src='data:text/html;base64,AAAA'>",
        "<img src='data:image/svg+xml;base64,AAAA'>",
        "<p onclick='x()'>a</p>",
        "<p style='background:url(//x)'>a</p>",
        "<style>p { background: url(//x) }</style>",
        "<style>@import '//x';</style>",
        "<style>p { background: \\75rl(//x) }</style>",
        "<style></style><script></script>",
        "<meta http-equiv='refresh' content='0;url=//x'>",
        "<link rel='dns-prefetch' href='//x'>",
        "<a href='//x'>a</a>",
        "<form action='//x'><input></form>",
        "<iframe src='//x'></iframe>",
        "<svg><script>x</script></svg>",
        "<base href='//x'>",
        "<!--><meta http-equiv=refresh content=0>-->",
        "<!-- a -->",
        "<?php x ?>",
        "<![CDATA[x]]>",
        "<p>a",
        "</main>",
        "<div></p></div>",
        "<p/>",
    ],
)
def test_html_that_does_more_than_say_something_is_refused(html: str) -> None:
    with pytest.raises(NotClean):
        clean(html)
    letter, record = one("leaver", name="Pat Template")
    with pytest.raises(BadTemplate, match=r"leaver\.html"):
        make(letter, matter(record), {"leaver": html})


@given(st.text(alphabet="<>/!-?&'\"= pimgdvscrtonl;#x0:\\\n", max_size=60))
def test_whatever_is_let_through_holds_no_more_than_letters_may(html: str) -> None:
    try:
        made = clean(html)
    except NotClean:
        return
    tags = re.findall(r"<\s*/?\s*([^\s>]*)", made)
    assert set(tags) <= {"p", "i", "div", "img", "li", "ol", "dl", "dd", "dt", "td", "b", "u"} | {
        *("tr", "th", "sup", "sub", "small", "strong", "em", "span", "section", "br", "hr", "ul")
    }
    assert "<!" not in made
    assert not re.search(r"<[^>]*\bon\w+=", made)


def test_letterhead_fields_are_those_that_its_template_uses() -> None:
    assert used(built_in(LETTERHEAD), LETTERHEAD_FIELDS) == set(LETTERHEAD_FIELDS)


# -- on paper ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[bytes, list[str]]]:
    """Each letter as a browser prints it, with what it asked for beside itself, and what axe and the browser say."""
    folder = tmp_path_factory.mktemp("letters")
    found: dict[str, tuple[bytes, list[str]]] = {}
    with browser(find("chromium") or "", folder / "profile") as running:
        page = running.page()
        for letter in LETTERS:
            path = folder / f"{letter.name}.html"
            path.write_bytes(make(letter, matter(fitting(letter))).html)
            page.forget()
            page.open(path.as_uri())
            asked = [each for each in page.requests if each != path.as_uri()]
            page.run(AXE)
            looked = page.run(
                "axe.run({preload: false}).then(found => found.violations.map(each => each.id))"
            )
            found[letter.name] = page.print(), asked + page.complaints + looked
    return found


@needs("chromium")
@EVERY
def test_a_letter_is_one_sheet_of_a4_that_everybody_can_read_and_asks_for_nothing(
    letter: Letter, printed: dict[str, tuple[bytes, list[str]]]
) -> None:
    pdf, asked = printed[letter.name]
    assert asked == []
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert boxes
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    pages = len(re.findall(rb"/Type /Page\b(?!s)", pdf))
    # A form that is filled in by hand needs room to write.
    assert pages == (2 if letter.name == "shield-form" else 1)


def test_the_frame_lets_a_page_load_nothing() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', built_in("frame"))
    assert policy
    assert policy[1].startswith("default-src 'none'")
    assert "script" not in policy[1]
