"""``python -m cpvol``, and ``cpvol``."""

from __future__ import annotations

#: What a task ends with that somebody stops (``cpvol/tasks/build.py``, which is not loaded yet).
_STOPPED = 130


def main() -> None:
    """Run ``cpvol``; whoever stops it while it is being loaded is not shown how Python was stopped."""
    try:
        from cpvol.tasks.program import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(_STOPPED) from None


if __name__ == "__main__":
    main()
