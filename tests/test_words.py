"""No word of git, file formats or cryptography is shown on a coordinator's path.

What is walked is what there is: every task and option, every field, follow-up and rule, the menu, the help, the policy,
and the source itself: each sentence in it, less what is no sentence for people, and less the modules of those who do
look inside (auditors, whoever reads the records by other programs). Nothing is copied into a list here that could be
forgotten.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpvol.compliance.explain import RULES
from cpvol.logs import LOGS
from cpvol.logs.base import Part
from cpvol.logs.fields import FieldSpec, fields_of
from cpvol.tasks import menu, places, tasks_at, topics

ROOT = Path(__file__).resolve().parents[1]

#: Words that a volunteer need not know. A program's name is one when it is meant to be run.
WORDS = re.compile(
    r"\b(?:git|github|yaml|json|commit(?:s|ted)?|repositor(?:y|ies)|branch(?:es)?|clones?|cloned|push(?:ed|es)?"
    r"|merged?|rebased?|checkout|refs?|reflog|blobs?|hash(?:es)?|digests?|sha-?\d*|cipher\w*|plaintext|recipients?"
    r"|crypto\w*|encrypt\w*|decrypt\w*|x25519|ed25519|scrypt|ssh|sshsig|stanzas?|keyrings?|schemas?|utf-8|base64"
    r"|principals?|worktrees?|stash|python|stdin|stdout|traceback)\b|\bage -\w|\bwith age\b",
    re.IGNORECASE,
)

#: Modules that coordinators do not meet, or in which no sentence is for people; each with the reason.
NOT_THEIRS = {
    "cpvol/audit/": "the audit, whose readers look inside",
    "cpvol/exchange/headings.py": "what people call their own columns",
    "cpvol/guidance/": "pages, which have tests of their own",
    "cpvol/ledger/commits.py": "the form of what is signed",
    "cpvol/ledger/fixed/": "the page inside the records, for auditors",
    "cpvol/ledger/git.py": "what git is told and says",
    "cpvol/ledger/quarantine.py": "what is handed to an auditor",
    "cpvol/ledger/remote.py": "what a host and its owner have to be told about a meeting place",
    "cpvol/ledger/sshsig.py": "a form of signatures, told by the audit",
    "cpvol/reports/": "papers, which have tests of their own",
    "cpvol/tasks/audit.py": "the audit",
    "cpvol/tasks/completion.py": "scripts for shells",
    "cpvol/tasks/grants.py": "keys for an auditor, and how the auditor uses them",
    "cpvol/tasks/launcher.py": "what systems want to find in a file",
    "cpvol/tasks/packing.py": "pages for an auditor, and how the auditor opens them",
    "cpvol/tasks/textconv.py": "for whoever reads the records by other programs",
    "cpvol/vault/": "what a damaged file is told apart by; checked below for what is raised to people",
}
#: Tasks that are for the same people.
NOT_THEIR_TASKS = ("audit.", "textconv", "site.", "traceability", "upgrade", "completion")
#: Single sentences that may have such a word, each with the reason.
ALLOWED = {
    "Print the result as JSON.": "the option is for programs",
    "UTF-8": "what a spreadsheet program or an editor calls it when it saves",
    ".yaml": "the ending of a file's name",
    ".json": "the ending of a file's name",
    "are merged": "what spreadsheet programs call it",
    "ref: ": "how a file of git's begins",
    "identity.age": "the name of a file",
}


def shown_by_registries() -> Iterator[tuple[str, str]]:
    """Where it stands, and what is shown, of everything that a registry holds."""
    for group, place in places():
        for task in tasks_at(place):
            name = f"{group}.{task.name}".lstrip(".")
            if not name.startswith(NOT_THEIR_TASKS):
                yield f"help of {name}", task.__doc__ or ""
                for param in task.params:
                    yield f"help of {name} --{param.name}", param.help
    for log in LOGS:
        yield f"log {log.name}", " ".join((log.title, *log.also))
        yield from _fields(f"log {log.name}", log.model)
        for step in log.follow_ups:
            yield f"{log.name}.{step.name}", step.title
            yield from _fields(f"{log.name}.{step.name}", step.asks)
    for part in (menu.NEEDS, menu.LOOK, menu.BEGIN, menu.LOCKED, *menu.PARTS):
        yield "menu", " ".join((part.title, *(words for _, words in part.tasks)))
    for topic in topics.topics():
        yield f"help {topic.name}", f"{topic.title} {topic.text}"
    for rule in RULES.values():
        yield f"rule {rule.rule}", f"{rule.title} {rule.why}"


def _fields(where: str, model: type[Part]) -> Iterator[tuple[str, str]]:
    for spec in fields_of(model):
        yield f"{where}, {spec.name}", _words_of(spec)


def _words_of(spec: FieldSpec) -> str:
    choices = " ".join(label for _, label in spec.choices)
    parts = " ".join(_words_of(part) for part in spec.parts)
    return f"{spec.label} {spec.help} {spec.example} {choices} {parts}"


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every sentence in a module that may be shown: texts with a blank in them, as one where they hold values.

    Docstrings are for us; what is given to ``re`` and to git is for them; a list that is handed to ``frozenset`` and
    the keys of a dictionary are looked up, not shown.
    """
    silent: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                silent.add(first.value)
        elif isinstance(node, ast.Call) and _for_machines(ast.unparse(node.func)):
            silent.update(each for arg in node.args for each in ast.walk(arg))
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if node in silent or node in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            inside.update(ast.walk(node))
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
            # What stands inside the braces is shown as well.
            text += "".join(
                f" {each.value}"
                for part in node.values
                if isinstance(part, ast.FormattedValue)
                for each in ast.walk(part.value)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if " " in text.strip():
            yield node.lineno, text


def _for_machines(called: str) -> bool:
    return called.startswith("re.") or called.rpartition(".")[2] in {"run", "ValueError", "cast"}


def modules() -> list[Path]:
    return [
        path
        for path in sorted((ROOT / "cpvol").rglob("*.py"))
        if not path.relative_to(ROOT).as_posix().startswith(tuple(NOT_THEIRS))
    ]


def wrong(text: str) -> list[str]:
    """The words in it that nobody should have to know."""
    for allowed in ALLOWED:
        text = text.replace(allowed, "")
    # Options are typed by whoever knows what they are for; what is said of them is looked at.
    text = re.sub(r"--[a-z-]+", "", text)
    return WORDS.findall(text)


def test_no_task_field_rule_or_topic_uses_such_a_word() -> None:
    found = [(where, text) for where, text in shown_by_registries() if wrong(text)]
    assert found == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_sentence_of_a_module_uses_such_a_word(path: Path) -> None:
    tree = ast.parse(path.read_bytes(), str(path))
    found = [f"{path.name}:{line}: {text}" for line, text in sentences(tree) if wrong(text)]
    assert found == []


def test_what_is_raised_about_a_damaged_file_says_so_in_plain_words() -> None:
    """The two sentences of an error, where the modules themselves speak of forms."""
    for path in sorted((ROOT / "cpvol" / "vault").rglob("*.py")):
        tree = ast.parse(path.read_bytes(), str(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base) == "CpvolError" for base in node.bases
            ):
                body = ast.Module(node.body, [])
                found = [text for _, text in sentences(body) if wrong(text)]
                assert found == [], path.name


def test_such_words_are_found_where_they_stand() -> None:
    source = 'raise X(f"the {a} was pushed to {b or \'the repository\'}", "run `git fetch` there")'
    assert [wrong(text) for _, text in sentences(ast.parse(source))] == [
        ["pushed", "repository"],
        ["git"],
    ]
    assert not wrong("the age of the entry, and whoever is aged; a tree, an object, a token")


def test_the_exceptions_are_still_needed() -> None:
    every = [path.relative_to(ROOT).as_posix() for path in (ROOT / "cpvol").rglob("*")]
    for place in NOT_THEIRS:
        assert any(path.startswith(place) for path in every), place
