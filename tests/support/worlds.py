"""Worlds as fixtures: made once for each worker, then copied. ``pytest_plugins = ["tests.support.worlds"]``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World, found


@pytest.fixture(scope="session")
def founded_once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Make one world with empty records, to be copied and never changed."""
    return found(tmp_path_factory.mktemp("founded"))


@pytest.fixture(scope="session")
def populated_once(founded_once: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Make one world with two people, a check and a training, to be copied and never changed."""
    world = founded_once.copy(tmp_path_factory.mktemp("populated"))
    for name in ("Robin Example", "Robin Sample"):
        world.enter(
            "person.add", name=name, engagement="volunteer", access="query", joined_on="01/09/2008"
        )
    world.enter(
        "ecrb.add",
        person="Robin Example",
        reference="001234567890",
        issued_on="11/08/2008",
        seen_on="20/08/2008",
        decision="clear",
    )
    world.enter(
        "training.add",
        person="Robin Example",
        course="User training",
        completed_on="18/09/2008",
        trainer="authority",
    )
    return world


@pytest.fixture
def empty(founded_once: World, tmp_path: Path) -> World:
    """Give a world of its own, with empty records."""
    return founded_once.copy(tmp_path)


@pytest.fixture
def world(populated_once: World, tmp_path: Path) -> World:
    """Give a world of its own, with two people, a check and a training."""
    return populated_once.copy(tmp_path)
