"""The staged pages outlive mkdocs: another program, Zensical, makes a site of the same tree.

It is not among our dependencies (it weighs 90 MB, and we build with mkdocs). To run this test: ``pip install zensical``
somewhere, and put its folder of programs on the path. Last seen to pass with Zensical 0.0.73, with its own theme: our
templates and our script mend the theme of Material for MkDocs, and neither belongs to the tree.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from cpvol.guidance.stage import expand, stage
from tests.support.site import FACTS

ZENSICAL = shutil.which("zensical")
PROJECT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(ZENSICAL is None, reason="zensical is not installed")


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """A folder with the staged pages and the site's configuration, less what mends another theme; and the pages."""
    staged = stage(PROJECT / "site_src", tmp_path / "pages", FACTS)
    yaml = YAML(typ="safe")
    config = yaml.load((PROJECT / "mkdocs.yml").read_text("utf-8"))
    del config["hooks"], config["watch"], config["extra_javascript"]
    del config["theme"]["custom_dir"], config["theme"]["static_templates"]
    config["docs_dir"] = "pages"
    config["nav"] = expand(config["nav"], staged.pages)
    with (tmp_path / "mkdocs.yml").open("w", encoding="utf-8") as file:
        yaml.dump(config, file)
    return tmp_path, staged.pages


def test_zensical_makes_a_site_of_the_same_tree(tree: tuple[Path, tuple[str, ...]]) -> None:
    folder, pages = tree
    assert ZENSICAL is not None
    done = subprocess.run(
        [ZENSICAL, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stderr
    for page in pages:
        made = (folder / "site" / page).with_suffix(".html").read_text("utf-8")
        assert re.search(r"<article.*<h1[ >]", made, re.DOTALL), page
    found = (folder / "site" / "search.json").read_text("utf-8")
    assert all(page.replace(".md", ".html") in found for page in ("access/mediated.md", "index.md"))
