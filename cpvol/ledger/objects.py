r"""Git's objects as bytes: ids, trees, and a pack made in memory.

    blob     the content
    tree     entries "<mode> <name>\0<20 bytes>", sorted by name, a folder as if it ended in "/"
    pack     "PACK" <2> <count>, then each object as (type, size, zlib), then the SHA-1 of all that

Writing objects as one pack means one git process for everything that a task stores, be it seven objects or thirty
thousand.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from cpvol.errors import CpvolError

Kind = Literal["commit", "tree", "blob", "tag"]

FILE = "100644"
FOLDER = "40000"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_TYPE_NUMBER: Mapping[Kind, int] = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


class DamagedObject(CpvolError):
    """A git object that is not what it has to be."""


@dataclass(frozen=True, slots=True)
class Object:
    """One git object.

    :param kind: commit, tree, blob or tag.
    :param data: its content, without git's header.
    :param oid: its SHA-1 id, hexadecimal.
    """

    kind: Kind
    data: bytes
    oid: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree: ``mode`` as git writes it (``100644``, ``40000``), and the object's id."""

    mode: str
    oid: str


Tree = dict[str, Entry]


def tree_of(commit: bytes) -> str:
    """The id of a commit's tree, from the commit's content."""
    return commit[5:45].decode("ascii")


def make(kind: Kind, data: bytes) -> Object:
    """An object with its id."""
    return Object(kind, data, object_id(kind, data))


def object_id(kind: Kind, data: bytes) -> str:
    """The SHA-1 id that git gives to that content."""
    return hashlib.sha1(
        b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False
    ).hexdigest()


def encode_tree(tree: Tree) -> bytes:
    """A tree's content, its entries in git's order."""
    lines = sorted(
        (name.encode() + (b"/" if entry.mode == FOLDER else b""), name, entry)
        for name, entry in tree.items()
    )
    return b"".join(
        b"%s %s\0%s" % (entry.mode.encode(), name.encode(), bytes.fromhex(entry.oid))
        for _, name, entry in lines
    )


def decode_tree(data: bytes) -> Tree:
    """The entries of a tree.

    :raises DamagedObject: when the bytes are no tree, or hold a name twice or one that is not UTF-8.
    """
    tree: Tree = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at)
        nul = data.find(b"\0", space)
        if space < 0 or nul < 0 or nul + 21 > len(data):
            raise DamagedObject(
                "a folder list in the history is damaged", "restore these records from another copy"
            )
        try:
            name = data[space + 1 : nul].decode()
            mode = data[at:space].decode("ascii")
        except UnicodeDecodeError:
            raise DamagedObject(
                "a name in the history cannot be read", "restore these records from another copy"
            ) from None
        if name in tree:
            raise DamagedObject(
                "a name in the history stands twice", "restore these records from another copy"
            )
        tree[name] = Entry(mode, data[nul + 1 : nul + 21].hex())
        at = nul + 21
    return tree


def encode_pack(objects: Iterable[Object]) -> bytes:
    """A pack that holds the objects, in their order."""
    listed = list(objects)
    body = b"".join([pack_head(len(listed)), *map(pack_entry, listed)])
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def pack_head(count: int) -> bytes:
    """How a pack of so many objects begins."""
    return b"PACK" + (2).to_bytes(4, "big") + count.to_bytes(4, "big")


def pack_entry(each: Object) -> bytes:
    """One object, as it stands in a pack."""
    # Sealed records do not compress; level 1 is as small as any and far quicker.
    return _pack_header(_TYPE_NUMBER[each.kind], len(each.data)) + zlib.compress(each.data, 1)


def _pack_header(number: int, size: int) -> bytes:
    head = bytearray()
    byte = (number << 4) | (size & 15)
    size >>= 4
    while size:
        head.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    head.append(byte)
    return bytes(head)
