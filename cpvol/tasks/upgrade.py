"""``upgrade``: the page inside the records and the schemas, as this version of cpvol writes them."""

from __future__ import annotations

from cpvol.tasks.build import CpvolTask, make_task
from cpvol.tasks.session import Session


def upgrade(session: Session) -> None:
    """The body of ``upgrade``."""
    from cpvol import governance

    with session.register() as register:
        changed = governance.upgrade(register, now=session.now())
    if not changed:
        session.out("The fixed files of these records are those of this version of cpvol.")
        return
    session.out("Brought up to date; no entry was touched:")
    for path in changed:
        session.out(f"  {path}")


TASKS: tuple[CpvolTask, ...] = (
    make_task(
        "upgrade",
        "Bring the page inside the records, and the forms of the logs, up to date; by an admin.",
        [],
        upgrade,
    ),
)
