"""What each commit changes: the comparison says what a plain one says, and refuses what is no folder of this format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpvol.audit.changes import Comparer, Crowded, Odd
from cpvol.ledger import differ as differing
from cpvol.ledger.differ import Differ, TooMuch
from cpvol.ledger.git import Git, MissingObject, make_repository
from cpvol.ledger.objects import EMPTY_TREE, FILE, FOLDER, Entry, Object, Tree, encode_tree, make
from tests.support.programs import needs

pytestmark = needs("git")

ONE = "1" * 40


class Store:
    """Trees in a repository, and how many folders were compared."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self.differ = Differ(git)
        self.asked = 0

    def write(self, *trees: bytes) -> list[str]:
        """Trees as bytes, whatever they say; gives their ids."""
        made = [make("tree", each) for each in trees]
        self.git.store(made)
        return [each.oid for each in made]

    def tree(self, files: dict[str, str]) -> str:
        """Trees over files by path; gives the id of the uppermost."""
        made: list[Object] = []
        top = _tree(files, made)
        self.git.store(made)
        return top

    def rows(
        self, pairs: Sequence[tuple[str, str]], most: int
    ) -> tuple[list[list[differing.Row]], int]:
        """What a comparer asks."""
        self.asked += len(pairs)
        return self.differ.rows(pairs, most)


def _tree(files: dict[str, str], made: list[Object]) -> str:
    here: Tree = {}
    below: dict[str, dict[str, str]] = {}
    for path, oid in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = oid
        else:
            here[name] = Entry(FILE, oid)
    here |= {name: Entry(FOLDER, _tree(inner, made)) for name, inner in below.items()}
    made.append(make("tree", encode_tree(here)))
    return made[-1].oid


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Git]:
    folder = tmp_path_factory.mktemp("trees")
    make_repository(folder)
    with Git(folder) as git:
        yield git


@contextmanager
def store_in(git: Git) -> Iterator[Store]:
    made = Store(git)
    with made.differ:
        yield made


PATHS = st.sampled_from(
    ["README.md", "policy.yaml", "schemas/training-1.json"]
    + [
        f"{log}/{a}/{b}/{a}{b}0000000{c}.yaml.age"
        for log in ("ecrb", "token")
        for a in "01"
        for b in "01"
        for c in "01"
    ]
)
FILES = st.dictionaries(PATHS, st.sampled_from("123").map(lambda letter: letter * 40), min_size=1)


@settings(max_examples=40)
@given(chain=st.lists(FILES, min_size=1, max_size=8), size=st.integers(1, 8))
def test_a_chain_of_commits_in_lots_of_any_size(
    git: Git, chain: list[dict[str, str]], size: int
) -> None:
    with store_in(git) as store:
        comparer = Comparer(store)
        roots = [store.tree(files) for files in chain]
        before: dict[str, str] = {}
        last = ""
        for start in range(0, len(roots), size):
            lot = roots[start : start + size]
            for files, found in zip(
                chain[start : start + size], comparer.compare(last, lot), strict=True
            ):
                assert isinstance(found, list)
                expected = {
                    path: (before.get(path, ""), files.get(path, ""))
                    for path in before.keys() | files.keys()
                    if before.get(path) != files.get(path)
                }
                assert {each.path: (each.old, each.new) for each in found} == expected
                before = files
            last = lot[-1]


def test_only_the_folders_on_the_way_are_compared(git: Git) -> None:
    files = {f"ecrb/{a}/{b}/{a}{b}00000000.yaml.age": ONE for a in "0123" for b in "0123"}
    with store_in(git) as store:
        first = store.tree(files)
        second = store.tree(files | {"ecrb/3/2/3200000000.yaml.age": "2" * 40})
        Comparer(store).compare(first, [second])
        assert store.asked == 4


def test_a_file_where_a_folder_was_and_the_other_way_round(git: Git) -> None:
    folder, file = {"ecrb/0/0/0000000000.yaml.age": ONE}, {"README.md": ONE}
    with store_in(git) as store:
        swapped = encode_tree({"README.md": Entry(FOLDER, store.tree(folder))})
        (odd,) = store.write(swapped)
        (found,) = Comparer(store).compare(store.tree(file), [odd])
        assert isinstance(found, Odd)
        (back,) = Comparer(store).compare(odd, [store.tree(file)])
        assert isinstance(back, Odd)


@pytest.mark.parametrize("mode", ["120000", "160000", "100755"])
def test_what_is_no_file_is_odd(git: Git, mode: str) -> None:
    with store_in(git) as store:
        (made,) = store.write(b"%s README.md\0" % mode.encode() + bytes(20))
        (found,) = Comparer(store).compare("", [made])
        assert isinstance(found, Odd)


def test_an_empty_folder_is_odd(git: Git) -> None:
    with store_in(git) as store:
        (made,) = store.write(b"40000 ecrb\0" + bytes.fromhex(EMPTY_TREE))
        before = store.tree({"README.md": ONE})
        for roots in ([made], [EMPTY_TREE]):
            (found,) = Comparer(store).compare(before, roots)
            assert isinstance(found, Odd)


def test_two_trees_that_git_takes_for_one_are_not_passed_over(git: Git) -> None:
    """A mode that git shows as another: ids that differ, and nothing that does."""
    with store_in(git) as store:
        plain, odd = store.write(b"100644 a\0" + b"\1" * 20, b"100664 a\0" + b"\1" * 20)
        with pytest.raises(MissingObject):
            Comparer(store).compare(plain, [odd])


def test_folders_without_end_are_not_gone_into(git: Git) -> None:
    """Ten levels of ten folders, each level one object: ten thousand million files."""
    with store_in(git) as store:
        (below,) = store.write(b"".join(b"100644 %c\0" % n + b"\1" * 20 for n in range(97, 107)))
        for _ in range(10):
            raw = b"".join(b"40000 %c\0" % n + bytes.fromhex(below) for n in range(97, 107))
            (below,) = store.write(raw)
        (top,) = store.write(b"40000 ecrb\0" + bytes.fromhex(below))
        (found,) = Comparer(store).compare("", [top])
        assert isinstance(found, Odd)
        assert store.asked < 1000


def test_more_than_may_be_told_at_a_time_is_not_read(git: Git) -> None:
    with store_in(git) as store:
        top = store.tree({f"ecrb/0/0/00000{n:05d}.yaml.age": ONE for n in range(500)})
        with pytest.raises(TooMuch):
            store.rows([(EMPTY_TREE, top)], 50)
        # The next question gets its own answer.
        rows, _ = store.rows([(EMPTY_TREE, top)], 1000)
        assert [[row[4] for row in each] for each in rows] == [["ecrb"]]


def test_a_commit_that_changes_too_much_is_crowded(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpvol.audit.changes.MAX_ANSWER", 2000)
    with store_in(git) as store:
        top = store.tree({f"ecrb/0/0/00000{n:05d}.yaml.age": ONE for n in range(50)})
        with pytest.raises(Crowded):
            Comparer(store).compare("", [top])


def test_what_is_no_tree_or_not_there_is_missing(git: Git) -> None:
    with store_in(git) as store:
        blob = make("blob", b"x")
        git.store([blob])
        good = store.tree({"README.md": ONE})
        for pair in ((good, ONE), (ONE, good), (good, blob.oid), (blob.oid, good)):
            with pytest.raises(MissingObject):
                store.rows([pair], 10_000)
        assert store.rows([(EMPTY_TREE, good)], 10_000)[0][0][0][4] == "README.md"


def test_another_process_goes_on_after_many_pairs(
    git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git keeps in memory what it was asked about."""
    monkeypatch.setattr(differing, "_MOST_PAIRS", 3)
    with store_in(git) as store:
        good = store.tree({"README.md": ONE})
        rows = [store.rows([(EMPTY_TREE, good)] * 2, 10_000)[0] for _ in range(3)]
        assert rows[0] == rows[1] == rows[2]


def test_what_a_repository_sets_changes_nothing(git: Git, tmp_path: Path) -> None:
    """Settings that hide what differs from whoever asks git in that folder."""
    make_repository(tmp_path)
    with Git(tmp_path) as other, store_in(other) as store:
        for name, value in (
            *(("diff.ignoreSubmodules", "all"), ("diff.renames", "copies")),
            *(("diff.relative", "true"), ("diff.noprefix", "true"), ("core.abbrev", "4")),
        ):
            other.set_setting(name, value)
        (made,) = store.write(b"160000 README.md\0" + b"\1" * 20)
        ((row,),), _ = store.rows([(EMPTY_TREE, made)], 10_000)
        assert row == ("000000", "160000", "0" * 40, "01" * 20, "README.md")
