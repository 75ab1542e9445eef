"""A tree after some of its files have changed: only the folders on the way are read and written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cpvol.ledger.git import Git
from cpvol.ledger.objects import FOLDER, Entry, Object, Tree, encode_tree, make


def changed(
    git: Git, root: str | None, changes: Mapping[str, Entry | None]
) -> tuple[str, list[Object]]:
    """Apply changes to a tree.

    :param root: the id of the tree, or ``None`` for an empty one.
    :param changes: by path: the new entry, or ``None`` to take the file out. A folder left empty goes.
    :returns: the id of the new tree, and the trees that have to be stored, the root last.
    """
    tree: Tree = git.tree(root) if root else {}
    new: list[Object] = []
    below: dict[str, dict[str, Entry | None]] = defaultdict(dict)
    for path, entry in changes.items():
        name, slash, rest = path.partition("/")
        if slash:
            below[name][rest] = entry
        elif entry is None:
            tree.pop(name, None)
        else:
            tree[name] = entry
    for name, inner in below.items():
        old = tree.get(name)
        oid, made = changed(git, old.oid if old and old.mode == FOLDER else None, inner)
        new += made
        if made and made[-1].data == b"":
            tree.pop(name, None)
        else:
            tree[name] = Entry(FOLDER, oid)
    made_root = make("tree", encode_tree(tree))
    return made_root.oid, [*new, made_root]
