"""Where the audit is stricter than stock ``git`` and ``ssh-keygen``, and why: every case is an attack that is tried.

``stricter.tsv`` beside this module has a line for each case: its group, what somebody does, and the audit's answer. All of
them pass ``git verify-commit`` and ``git fsck --strict``. A test holds the list against the attacks that the tests try.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from cpvol.guidance.tables import table


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of one kind.

    :param stock: what git and ssh-keygen make of them.
    :param ours: what the audit asks for.
    :param why: what would follow otherwise.
    """

    key: str
    title: str
    stock: str
    ours: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that somebody does, and the audit's answer to it."""

    group: str
    what: str
    answer: str


GROUPS: tuple[Group, ...] = (
    Group(
        "signer",
        "Who signed",
        "git takes any key of the list for any name on it, the keys of people who left included.",
        "The key must be the one that the change before it lists for the person named, and that person must be author and"
        " committer.",
        "Otherwise anybody who ever had a key could sign as somebody else, or long after leaving.",
    ),
    Group(
        "spelling",
        "How a change and its signature are written",
        "git ignores header lines that it does not know, text after the end of a signature, and how its lines are wrapped."
        " ssh-keygen also takes a second spelling of the signature's number, other kinds of keys, and other hashes.",
        "One form of a change, and one form of a signature: Ed25519, SHA-512, one spelling.",
        "Each freedom lets somebody without any key give a signed change another number under which it still verifies; and"
        " what a message may hold could steer the reader's terminal.",
    ),
    Group(
        "weak",
        "Keys that fit everything",
        "Both take the fourteen public keys for which a signature can be made without a secret.",
        "They are refused.",
        "A member who had one of them listed could say later that anybody signed.",
    ),
    Group(
        "line",
        "One line of history",
        "git takes joined lines, any date, and a beginning that was cut off; and it shows another history where the folder"
        " has grafts or replaced objects, or a tag of the branch's name.",
        "One line from the anchor, dates that never go back and are not ahead of the auditor's clock, and a second chain of"
        " SHA-256 digests over all of it. What would steer git is left behind in the folder.",
        "A joined line can hide a change beside the one that is looked at.",
    ),
    Group(
        "places",
        "What may lie where",
        "git takes any path, links, programs, other repositories, and files of any size.",
        "Only the paths of the format, ordinary files, and sizes that an entry can have.",
        "What nobody looks at is where something is hidden, or what fills the auditor's disk.",
    ),
    Group(
        "entries",
        "Entries",
        "git does not know what an entry is.",
        "Only who may enter into a log does so; an entry is never replaced, moved, set back or taken out unsaid; and it is"
        " sealed to one key that was never used before.",
        "A second way to open an entry would outlive its destruction.",
    ),
    Group(
        "members",
        "Members and keys",
        "git believes whatever list of keys is there.",
        "Only an admin changes the list, only their holder replaces keys, nobody and no key is ever taken off it, and the list"
        " that git reads says what the members' list says.",
        "The list decides about every signature after it.",
    ),
    Group(
        "rules",
        "Policy and fixed files",
        "git does not know who may change what.",
        "Only an admin changes policy and details. The page inside the records and the schemas have a content that some"
        " version of the program wrote.",
        "The page inside the records tells an auditor what to run.",
    ),
    Group(
        "keyring",
        "The keys of the entries",
        "git does not know which keyring belongs to which change.",
        "It must be the one that the newest change names, open for as many as may read, and hold exactly the keys that the"
        " history names.",
        "An old keyring brings back what was destroyed; a stranger among its readers reads everything.",
    ),
    Group(
        "disposals",
        "Disposals",
        "git sees files that go.",
        "Each step is signed by who takes it, an approval binds what was proposed, two are two, and a certificate never"
        " changes.",
        "Destroying is the one thing that cannot be undone.",
    ),
    Group(
        "grants",
        "Keys given to somebody outside",
        "git sees a file that comes.",
        "Only a coordinator who reads a log gives its keys, of one log or one period, in their own name; what was written down"
        " stays.",
        "What was given cannot be taken back, so it must be seen.",
    ),
    Group(
        "cut",
        "What was cut off",
        "git cannot know what is not there.",
        "Neither can an audit, without a checkpoint that somebody outside kept.",
        "Every report says so.",
    ),
)


def cases() -> list[Case]:
    """Every case, in the order of the list."""
    text = (resources.files("cpvol.guidance") / "stricter.tsv").read_text(encoding="utf-8")
    return [Case(*line.split("\t")) for line in text.splitlines()]


def body() -> str:
    """The page, in Markdown."""
    listed = cases()
    first = (
        f"Stock `git verify-commit` and `git fsck --strict` find nothing wrong with any of these {len(listed)} things. The"
        " audit of this program refuses or reports each of them, and each is tried in its tests. What stock tools can see is"
        " not on this page: [the guide for auditors](auditors.md) has those commands."
    )
    parts = [
        first,
        "“Refused” means that the audit does not hold. “Reported” means that it may be done, and that the report says so.",
    ]
    for group in GROUPS:
        rows = [(case.what, case.answer) for case in listed if case.group == group.key]
        parts += [
            f"## {group.title}",
            f"**Stock tools.** {group.stock}",
            f"**The audit.** {group.ours}",
            f"**Why.** {group.why}",
            table(("What somebody does", "The audit"), rows),
        ]
    return "\n\n".join(parts)
