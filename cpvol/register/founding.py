"""The first commit of a register, and what the recovery page may do."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cpvol import codec
from cpvol.files import remove_folder
from cpvol.ledger import layout, members, transaction
from cpvol.ledger.chain import plan
from cpvol.ledger.git import make_repository
from cpvol.ledger.members import RECOVERY, Keys, Member, Members
from cpvol.logs import LOGS
from cpvol.logs.schema import json_schema
from cpvol.policy import Policy
from cpvol.policy.organisation import Organisation
from cpvol.register.errors import NotAllowed, Occupied
from cpvol.register.writing import Register, draft_of
from cpvol.vault.credential import Identity


def found_register(
    folder: Path,
    identity: Identity,
    handle: str,
    recovery: Keys,
    organisation: Organisation,
    policy: Policy,
    *,
    now: int,
) -> Register:
    """Make a records repository with one member, admin and coordinator.

    :param recovery: the public keys of the recovery page.
    :param now: seconds since 1970.
    :raises Occupied: when the folder holds anything.
    :raises CpvolError: when they cannot be made; nothing of them is left then.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Occupied
    try:
        make_repository(folder)
        register = Register(folder, identity)
        _found(register, identity, handle, recovery, organisation, policy, now)
    except BaseException as error:
        with suppress(OSError):
            remove_folder(folder)
        if isinstance(error, OSError):
            raise transaction.CannotWrite(error) from None
        raise
    return register


def _found(
    register: Register,
    identity: Identity,
    handle: str,
    recovery: Keys,
    organisation: Organisation,
    policy: Policy,
    now: int,
) -> None:
    founder = Member(
        handle,
        ("admin", "coordinator"),
        (members.ALL,),
        Keys(identity.age_public, identity.signing_public),
    )
    everyone = Members(1, (founder,), recovery)
    files = {
        **layout.fixed_files(),
        layout.ORGANISATION: codec.encode(organisation.stored()),
        layout.POLICY: codec.encode(policy.stored()),
        layout.MEMBERS: everyone.encode(),
        layout.SIGNERS: everyone.allowed_signers(),
        **{layout.schema_path(log.name, log.schema): json_schema(log) for log in LOGS},
    }
    with transaction.locked(register.git):
        draft = draft_of(handle, identity, "organisation: found", "found", (now, now), files, {})
        transaction.write(register.git, plan(register.git, None, draft))


def check_page(register: Register, page: Identity) -> None:
    """Whether a recovery page is the one in force.

    :raises NotAllowed: when it is not.
    """
    if register.members.recovery != Keys(page.age_public, page.signing_public):
        raise NotAllowed(
            "this recovery page is not the one in force",
            "use the newest page; an older one no longer works",
        )


def recover_keys(
    register: Register, page: Identity, handle: str, new: Keys, new_page: Keys, *, now: int
) -> str:
    """Replace one member's keys with the recovery page, and renew the page.

    The register must have been opened with the page's identity, which reads every log.

    :param page: the identity on the recovery page.
    :param handle: whose keys are replaced.
    :param new: the member's new public keys.
    :param new_page: the public keys of the new recovery page.
    :returns: the id of the commit.
    """
    with transaction.locked(register.git):
        register.refresh()
        check_page(register, page)
        after = register.members.with_keys(handle, new).with_recovery(new_page)
        draft = draft_of(
            RECOVERY,
            page,
            f"members: recover {handle}",
            "recover",
            (now, now),
            {layout.MEMBERS: after.encode(), layout.SIGNERS: after.allowed_signers()},
            register.ring_for(after),
        )
        return register.write(draft)
