# ruff: noqa: INP001 - mkdocs loads this file by its path
"""Lets plain ``mkdocs build`` and ``mkdocs serve`` work from a clone: stages the pages, then hands them to mkdocs."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

sys.path.insert(0, str(Path(__file__).parent.parent))

from cpvol.guidance.build import finish
from cpvol.guidance.facts import Facts
from cpvol.guidance.stage import expand, stage
from cpvol.policy import load
from cpvol.tasks.site import task_lines


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Point mkdocs at the staged pages, made with the profile's numbers and blank contacts."""
    project = Path(__file__).parent.parent
    facts = Facts(load(), date.today(), tasks=task_lines())  # noqa: DTZ011 - the author's own day
    staged = stage(project / "site_src", project / "build" / "pages", facts)
    config.docs_dir, config.nav = str(staged.folder), expand(config.nav or [], staged.pages)
    return config


def on_post_build(config: MkDocsConfig) -> None:
    """Leave out what no reader's browser asks for, and bind the whole guide."""
    finish(Path(config.site_dir))
