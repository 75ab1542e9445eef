"""Each version of a record has a key of its own: whoever kept an old copy of the keyring opens nothing written since."""

from __future__ import annotations

from itertools import product

import pyrage

from cpvol.ledger import layout
from tests.support.inspect_records import keys_of, look
from tests.support.programs import needs
from tests.support.world import World, ids

pytest_plugins = ["tests.support.worlds"]
pytestmark = needs("git")

DAY = "11/08/2008"


def versions(world: World) -> dict[tuple[str, int], bytes]:
    """Every version of every record as it lies in the history, by id and number."""
    inside = look(world.records)
    found: dict[tuple[str, int], bytes] = {}
    for commit, oid in reversed(list(inside.chain())):
        for each in commit.message.written:
            log, _, id = each.record.partition("/")
            number = sum(1 for known, _ in found if known == id)
            found[id, number] = inside.blob(oid, layout.record_path(log, id))
    return found


def opens(sealed: bytes, keys: tuple[str, ...]) -> int:
    """How many of the keys open it."""
    count = 0
    for key in keys:
        try:
            pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])
        except pyrage.DecryptError:
            continue
        count += 1
    return count


def test_an_old_keyring_opens_no_version_written_after_it(world: World) -> None:
    identity = world.identity()
    old_keys = keys_of(look(world.records), identity)
    old_versions = set(versions(world))
    training, person = ids(world, "training")[0], ids(world, "person")[0]
    world.enter("amend", training, set="venue=Town hall", reason="known now")
    world.enter("amend", training, set="venue=Elsewhere", reason="known better")
    world.enter("person.suspend", person, on="01/02/2009", reason="holidays")
    added = world.enter("ecrb.add", person=person, reference="1", issued_on=DAY, decision="clear")
    world.enter("void", training, reason="a mistake")
    now = versions(world)
    fresh = set(now) - old_versions
    assert {id for id, _ in fresh} == {training, person, added["id"]}
    assert len(fresh) == 5
    kept = tuple(key for its in old_keys.values() for key in its)
    assert {each: opens(now[each], kept) for each in fresh} == dict.fromkeys(fresh, 0)
    assert {each: opens(now[each], kept) for each in old_versions} == dict.fromkeys(old_versions, 1)
    new_keys = keys_of(look(world.records), identity)
    every = tuple(key for its in new_keys.values() for key in its)
    assert len(set(every)) == len(every) == len(now)
    # Each key opens its own version and no other.
    for (id, number), key in product(now, every):
        assert opens(now[id, number], (key,)) == (new_keys[id][number] == key)
