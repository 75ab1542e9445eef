"""The menu and the help lead to every task that people need, in words that they have."""

from __future__ import annotations

import pytest

from cpvol.logs import BY_NAME, LOGS
from cpvol.tasks import menu, namespace, outline, topics
from cpvol.tasks.values import BadInput

#: Tasks that nobody is led to, each with the reason.
NOT_IN_THE_MENU = {
    "audit.countersign": "for outsiders, who have no menu over these records",
    "completion": "its result goes into a file of the shell's",
    "help": "the menu has its topics",
    "menu": "is the menu",
    "organisation.contact": "the site's questions lead to it",
    "organisation.set": "as organisation.contact",
    "policy.diff": "as policy.show",
    "policy.set": "an admin's decision, in words and with a reason",
    "site.pack": "as site.build",
    "site.serve": "for whoever writes the guidance",
    "textconv": "for whoever reads the records by other programs",
    "upgrade": "an admin's, once the program itself was renewed; `doctor` asks for it",
    "today": "stands above the menu",
    "traceability": "for auditors and for whoever changes the program",
}


def reached() -> set[str]:
    """Every task that the menu or a topic of help leads to."""
    parts = (menu.NEEDS, menu.LOOK, menu.BEGIN, *menu.PARTS)
    found = {name for part in parts for name, _ in part.tasks}
    found |= {step for topic in topics.topics() for step in topic.steps}
    for log in LOGS:
        group = "retention" if log.name == "hold" else log.name
        found.add(f"{group}.{'hold' if log.name == 'hold' else 'add'}")
        found |= {f"{group}.{step.name}" for step in log.follow_ups}
    return found


def test_the_menu_leads_to_every_task_that_people_need() -> None:
    assert reached() | set(NOT_IN_THE_MENU) == set(namespace().task_names)


def test_every_log_stands_in_one_group() -> None:
    grouped = [log for _, logs in menu.GROUPS for log in logs]
    assert sorted(grouped) == sorted(BY_NAME)


def test_only_what_is_for_a_log_that_is_kept_is_shown() -> None:
    tasks = {f"{group}.{task.name}".lstrip("."): task for group, task in outline.tasks()}
    hidden = {name for name, task in tasks.items() if not menu.about_kept(task, {"person", "ecrb"})}
    assert {"letter.shield-form", "letter.sar-referral", "token.lose", "breach.act"} <= hidden
    assert not hidden & {"letter.leaver", "person.leave", "ecrb.fail", "show", "list", "backup"}
    assert not [name for name, task in tasks.items() if not menu.about_kept(task, set(BY_NAME))]


def test_no_list_of_the_menu_is_longer_than_a_window() -> None:
    parts = (menu.NEEDS, menu.LOOK, menu.BEGIN, *menu.PARTS)
    assert max(len(part.tasks) for part in parts) < 12
    assert max(len(logs) for _, logs in menu.GROUPS) < 12
    # Above the menu itself stands what needs doing.
    assert len(menu.OFFERED) < 10
    # With how to choose behind it, a title stays on one line.
    titles = [*menu.OFFERED, *(part.title for part in parts), *(title for title, _ in menu.GROUPS)]
    assert max(len(title) for title in titles) <= 52
    assert [part for _, parts in menu.SHELVES for part in parts] == list(menu.PARTS)


def test_no_two_lines_of_a_list_are_the_same() -> None:
    for part in (menu.NEEDS, menu.LOOK, menu.BEGIN, *menu.PARTS):
        words = [words for _, words in part.tasks]
        assert len(set(words)) == len(words)
    titles = [topic.title for topic in topics.topics()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("topic", topics.topics(), ids=lambda topic: topic.name)
def test_a_topic_is_short_and_names_what_there_is(topic: topics.Topic) -> None:
    names = set(namespace().task_names)
    assert topic.steps or topic.name == "dates"
    assert set(topic.steps) <= names
    assert len(topic.text) < 1200
    named = topic.text.split("`")[1::2]
    # "plain --off" is a task and its option; dates are typed as these two words.
    groups = {name.partition(".")[0] for name in names}
    assert {each.split()[0] for each in named} <= names | groups | {"cpvol", "yesterday"}


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("leaver", "leaver"),
        ("Password", "passphrase"),
        ("somebody leaves", "leaver"),
        ("lost-laptop", "laptop"),
        ("subject access", "sar"),
    ],
)
def test_a_topic_is_found_by_the_words_that_people_use(wanted: str, name: str) -> None:
    assert topics.topic_named(wanted).name == name


def test_a_mistyped_topic_is_guessed() -> None:
    with pytest.raises(BadInput) as raised:
        topics.topic_named("pasphrase")
    assert raised.value.hint.startswith("did you mean passphrase?")
