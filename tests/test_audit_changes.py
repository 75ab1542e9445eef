"""What each commit changes: the quick comparison says what a plain one says, and refuses what is no tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpvol.audit.changes import Comparer, Odd, _difference, _entries
from cpvol.ledger.objects import FILE, FOLDER, Entry, Object, Tree, encode_tree, make

NAMES = st.text("abc-.", min_size=1, max_size=3)
# Ids of few different bytes, so that trees are alike where they should not be taken to be.
IDS = st.lists(st.sampled_from([0, 1, 32, 49, 255]), min_size=20, max_size=20).map(bytes)
TREES = st.dictionaries(
    NAMES, st.builds(Entry, st.sampled_from([FILE, FOLDER]), IDS.map(bytes.hex))
)


def rows(tree: Tree) -> set[tuple[bytes, bytes, bytes]]:
    return {(e.mode.encode(), n.encode(), bytes.fromhex(e.oid)) for n, e in tree.items()}


def strict(data: bytes) -> bool:
    """Whether bytes are what encode_tree gives for what they say."""
    found = _entries(data)
    if found is None:
        return False
    try:
        tree = {n.decode(): Entry(m.decode(), o.hex()) for m, n, o in found}
    except UnicodeDecodeError:
        return False
    return encode_tree(tree) == data


@given(TREES, TREES)
def test_the_quick_comparison_is_right(old: Tree, new: Tree) -> None:
    gone, come = _difference(encode_tree(old), encode_tree(new))
    assert set(gone) == rows(old) - rows(new)
    assert set(come) == rows(new) - rows(old)


@given(TREES, NAMES, IDS, st.booleans())
def test_one_entry_more_less_or_other(tree: Tree, name: str, oid: bytes, take: bool) -> None:
    other = dict(tree)
    if take:
        other.pop(name, None)
    else:
        other[name] = Entry(FILE, oid.hex())
    for old, new in ((tree, other), (other, tree)):
        gone, come = _difference(encode_tree(old), encode_tree(new))
        assert set(gone) == rows(old) - rows(new)
        assert set(come) == rows(new) - rows(old)


@given(TREES, st.data())
def test_nothing_is_taken_that_is_no_tree(tree: Tree, data: st.DataObject) -> None:
    """Bytes cut out, put in, doubled or in another order; whatever is taken is in the one form."""
    good = encode_tree(tree)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    middle = data.draw(
        st.sampled_from(
            [b"", good[start:end] * 2, good[start:end][::-1], b"100644 a\0" + b"\1" * 20]
        )
        | st.binary(max_size=30)
    )
    bad = good[:start] + middle + good[end:]
    try:
        _difference(good, bad)
    except Odd:
        return
    found = _entries(bad)
    assert found is not None
    keys = [name + b"/" if mode == b"40000" else name for mode, name, _ in found]
    assert keys == sorted(set(keys))


@given(TREES, st.data())
def test_entries_in_another_order_or_twice_are_no_tree(tree: Tree, data: st.DataObject) -> None:
    good = encode_tree(tree)
    listed = _entries(good) or []
    order = data.draw(st.permutations(listed).map(list))
    if order:
        order += data.draw(st.lists(st.sampled_from(order), max_size=1))
    raw = b"".join(b"%s %s\0%s" % entry for entry in order)
    for old in (good, b""):
        if order == listed:
            _difference(old, raw)
        else:
            with pytest.raises(Odd):
                _difference(old, raw)


class Store:
    """Trees in memory, and how many of them were read."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.reads = 0

    def tree(self, files: dict[str, str]) -> str:
        """Trees over files by path; gives the id of the uppermost."""
        here: Tree = {}
        below: dict[str, dict[str, str]] = {}
        for path, oid in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                below.setdefault(name, {})[rest] = oid
            else:
                here[name] = Entry(FILE, oid)
        here |= {name: Entry(FOLDER, self.tree(inner)) for name, inner in below.items()}
        made = make("tree", encode_tree(here))
        self.objects[made.oid] = made
        return made.oid

    def read(self, names: Sequence[str]) -> Iterator[Object]:
        """What a comparer reads from."""
        for name in names:
            self.reads += 1
            yield self.objects[name]


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


@given(st.lists(FILES, min_size=1, max_size=8), st.integers(1, 8))
def test_a_chain_of_commits_in_lots_of_any_size(chain: list[dict[str, str]], size: int) -> None:
    store = Store()
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


def test_only_the_folders_on_the_way_are_read() -> None:
    store = Store()
    files = {f"ecrb/{a}/{b}/{a}{b}00000000.yaml.age": "1" * 40 for a in "0123" for b in "0123"}
    first = store.tree(files)
    comparer = Comparer(store)
    comparer.compare("", [first])
    store.reads = 0
    comparer.compare(first, [store.tree(files | {"ecrb/3/2/3200000000.yaml.age": "2" * 40})])
    assert store.reads == 4


@pytest.mark.parametrize("mode", ["120000", "160000", "100755", "100664", "0"])
def test_what_is_no_file_is_odd(mode: str) -> None:
    store = Store()
    made = make("tree", b"%s README.md\0" % mode.encode() + bytes(20))
    store.objects[made.oid] = made
    (found,) = Comparer(store).compare("", [made.oid])
    assert isinstance(found, Odd)
