"""Taking over what a folder holds without running git in it: every stored object, into one pack, byte for byte.

A pack is ``PACK``, the version, a count, the objects, and the SHA-1 of all that. What stands between count and SHA-1 can
follow what stands there in another pack: an object says how far back the one lies that it builds on, or its id. Objects
in files of their own are put behind. Nothing is believed of what is copied: the copy's git unfolds each object, computes
its id and checks its form. Only a folder in which nothing is out of the ordinary is taken over like this.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cpvol.ledger.git import KEYRING, MAIN
from cpvol.ledger.objects import Kind, Object, object_id, pack_entry, pack_head

#: More packs, and more objects in files of their own, are left to git.
MOST_PACKS, MOST_FILES = 200, 50_000

#: More bytes than these, unfolded, in one such file and in all of them, as well.
MOST_OBJECT, MOST_UNFOLDED = 16 << 20, 256 << 20

_PIECE = 1 << 20
_HEAD_BYTES, _END_BYTES = 12, 20
# An object of nothing: its size, and how nothing is compressed.
_LEAST_BYTES = 9
_OBJECT = re.compile(r"[0-9a-f]{38}\Z")
_FOLDER = re.compile(r"[0-9a-f]{2}\Z")
_ID = re.compile(r"([0-9a-f]{40})\n?\Z")
_PACKED = re.compile(r"^([0-9a-f]{40}) (refs/heads/(?:main|keyring))$", re.MULTILINE)
_MOST_NAMES = 1 << 24
_KINDS: Mapping[bytes, Kind] = {
    b"commit": "commit",
    b"tree": "tree",
    b"blob": "blob",
    b"tag": "tag",
}
# Whatever says that objects lie elsewhere, or are stored or named in another way than the one we read.
_ODD_PLACES = (
    *("shallow", "commondir", "reftable"),
    *("objects/info/alternates", "objects/info/http-alternates"),
)
_ODD_SETTINGS = re.compile(rb"extensions|promisor|partialclone", re.IGNORECASE)


class Unusual(Exception):
    """The folder is not one that is taken over like this."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds.

    :param refs: the ids of main and, when there is one, of the keyring.
    :param packs: its packs.
    :param files: objects in files of their own.
    """

    refs: Mapping[str, str]
    packs: Sequence[Path]
    files: Sequence[Path]


def look(place: Path, settings: bytes, most_bytes: int) -> Found:
    """What there is to be taken over.

    :param place: the repository's own folder.
    :param settings: the content of its configuration.
    :raises Unusual: when git is to read this folder.
    """
    objects = place / "objects"
    if not (place / "HEAD").is_file() or not objects.is_dir() or _ODD_SETTINGS.search(settings):
        raise Unusual
    if any((place / each).exists() for each in _ODD_PLACES) or any(objects.glob("pack/*.promisor")):
        raise Unusual
    packs = _few((objects / "pack").glob("*.pack"), MOST_PACKS)
    folders = (each for each in objects.iterdir() if _FOLDER.match(each.name))
    inside = (file for folder in folders for file in folder.iterdir())
    files = _few((file for file in inside if _OBJECT.match(file.name)), MOST_FILES)
    if sum(each.stat().st_size for each in packs) > most_bytes:
        raise Unusual
    return Found(_refs(place), packs, files)


def _few(paths: Iterable[Path], most: int) -> list[Path]:
    found = sorted(islice(paths, most + 1))
    if len(found) > most:
        raise Unusual
    return found


def _refs(place: Path) -> dict[str, str]:
    packed = place / "packed-refs"
    said = packed.read_bytes()[:_MOST_NAMES].decode("latin-1") if packed.is_file() else ""
    found = {name: oid for oid, name in _PACKED.findall(said)}
    for name in (MAIN, KEYRING):
        if (place / name).is_file():
            match = _ID.match((place / name).read_bytes()[:100].decode("latin-1"))
            if match is None:
                raise Unusual
            found[name] = match[1]
    if MAIN not in found:
        raise Unusual
    return found


def write(found: Found, into: Path) -> None:
    """Write one pack of all that was found.

    :raises Unusual: when part of it is not what it has to be.
    """
    digest = hashlib.sha1(usedforsecurity=False)
    with into.open("wb") as out:
        for piece in _pieces(found):
            digest.update(piece)
            out.write(piece)
        out.write(digest.digest())


def _pieces(found: Found) -> Iterator[bytes]:
    yield pack_head(sum(map(_count, found.packs)) + len(found.files))
    for pack in found.packs:
        with pack.open("rb") as file:
            yield from _body(file, pack.stat().st_size)
    room = MOST_UNFOLDED
    for each in found.files:
        single = _single(each)
        room -= len(single.data)
        if room < 0:
            raise Unusual
        yield pack_entry(single)


def _count(pack: Path) -> int:
    with pack.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    count = int.from_bytes(head[8:], "big")
    # So that git does not make room for more objects than there can be.
    if head != pack_head(count) or count * _LEAST_BYTES > pack.stat().st_size:
        raise Unusual
    return count


def _body(file: BinaryIO, size: int) -> Iterator[bytes]:
    left = size - _HEAD_BYTES - _END_BYTES
    file.seek(_HEAD_BYTES)
    while left > 0:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise Unusual
        left -= len(piece)
        yield piece


def _single(path: Path) -> Object:
    """An object from a file of its own."""
    with path.open("rb") as file:
        stored = file.read(MOST_OBJECT)
    unfold = zlib.decompressobj()
    try:
        raw = unfold.decompress(stored, MOST_OBJECT)
    except zlib.error:
        raise Unusual from None
    head, _, data = raw.partition(b"\0")
    name, _, size = head.partition(b" ")
    kind, oid = _KINDS.get(name), path.parent.name + path.name
    if not unfold.eof or kind is None or size != b"%d" % len(data) or object_id(kind, data) != oid:
        raise Unusual
    return Object(kind, data, oid)
