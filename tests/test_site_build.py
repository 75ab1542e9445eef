"""The site as it is built: whole, the same each time, with links that lead somewhere and pages that can be read."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from cpvol.errors import CpvolError
from cpvol.guidance.build import SiteNotBuilt, build, serve
from cpvol.guidance.facts import Facts
from cpvol.guidance.pack import FOLDER, pack
from cpvol.guidance.stage import stage
from cpvol.guidance.whole import NAME, place
from tests.support.programs import needs
from tests.support.reading import grade
from tests.support.site import FACTS, TODAY

PROJECT = Path(__file__).parent.parent
HARDEST = 8.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(PROJECT, tmp_path_factory.mktemp("site") / "out", FACTS).target


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the site is made from, to break."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECT / "site_src", folder / "site_src")
    shutil.copy(PROJECT / "mkdocs.yml", folder)
    return folder


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.names += [found["id"] or ""] if "id" in found else []
        link = found.get("href") if tag in {"a", "link"} else found.get("src")
        self.links += [link] if link else []


def test_every_link_leads_to_a_page_and_a_place_that_are_there(site: Path) -> None:
    pages = {path.as_uri(): _Links(path.read_text("utf-8")) for path in site.rglob("*.html")}
    places = {page: set(found.names) for page, found in pages.items()}
    broken = []
    for page, found in pages.items():
        for link in found.links:
            if link.startswith(("tel:", "mailto:", "data:")):
                continue
            target, name = urldefrag(urljoin(page, link))
            file = Path(unquote(target.removeprefix("file://")))
            if not file.is_file() or (name and name not in places[file.as_uri()]):
                broken.append(f"{page}: {link}")
    assert broken == []


def test_no_two_places_of_a_page_have_one_name(site: Path) -> None:
    for path in site.rglob("*.html"):
        names = _Links(path.read_text("utf-8")).names
        assert len(names) == len(set(names)), path.name


def test_the_whole_guide_has_every_page_in_the_menus_order(site: Path) -> None:
    guide = (site / NAME).read_text("utf-8")
    sheets = re.findall(r'<section class="cp-sheet" id="([^"]+)">', guide)
    listed = re.findall(r'<li>[\d.]+ <a href="#([^"]+)">', guide)
    pages = {place(path.relative_to(site).as_posix()) for path in site.rglob("*.html")}
    assert sheets == listed
    assert set(sheets) == pages - {place(NAME)}
    assert sheets.index("access-mediated") < sheets.index("glossary")


def test_each_page_says_how_its_part_is_printed(site: Path) -> None:
    guide = (site / NAME).read_text("utf-8")
    for path in site.rglob("*.html"):
        page = path.read_text("utf-8")
        part = re.search(r'print\.html#(part-\d+)">all of “([^”]+)”', page)
        if part:
            assert f'id="{part[1]}" tabindex="-1">\n          <p class="cp-part-name">' in guide
            assert f"{part[1].removeprefix('part-')} {part[2]} <a" in guide
        else:
            assert path.parent == site
    assert "print.html#part-" in (site / "access/route.html").read_text("utf-8")


def test_no_page_links_out_of_the_site(site: Path) -> None:
    for path in site.rglob("*.html"):
        found = _Links(path.read_text("utf-8"))
        assert [link for link in found.links if re.match(r"(?:https?:)?//", link)] == []


def test_what_is_broken_or_useless_without_an_address_is_left_out(site: Path) -> None:
    assert not [
        name for name in ("404.html", "sitemap.xml", "sitemap.xml.gz") if (site / name).exists()
    ]


def test_nothing_is_in_it_that_no_reader_needs(site: Path) -> None:
    assert [path.name for path in site.rglob("*.map")] == []
    assert not (site / "assets/javascripts/lunr").exists()


def test_the_same_input_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    again = build(PROJECT, tmp_path / "again", FACTS).target
    assert _bytes(again) == _bytes(site)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_an_earlier_site_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    target = tmp_path / "out"
    build(PROJECT, target, FACTS)
    (target / "left-over.html").write_text("old", "utf-8")
    build(PROJECT, target, FACTS)
    assert not (target / "left-over.html").exists()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(CpvolError, match="holds other files"):
        build(PROJECT, tmp_path / "letters", FACTS)
    assert (tmp_path / "letters" / "mine.txt").exists()


@pytest.mark.parametrize("link", ["nowhere.md", "glossary.md#no-such-word"])
def test_a_link_to_nowhere_stops_the_build_and_names_the_page(
    project: Path, tmp_path: Path, link: str
) -> None:
    page = project / "site_src" / "pages" / "auditors.md"
    page.write_text(page.read_text("utf-8") + f"\n[gone]({link})\n", "utf-8")
    with pytest.raises(SiteNotBuilt, match=r"auditors\.md") as caught:
        build(project, tmp_path / "out", FACTS)
    assert "\n" not in caught.value.problem
    assert not (tmp_path / "out").exists()


def test_a_page_that_the_menu_forgot_stops_the_build(project: Path, tmp_path: Path) -> None:
    shutil.copy(project / "site_src/pages/contacts.md", project / "site_src/pages/forgotten.md")
    with pytest.raises(SiteNotBuilt, match=r"forgotten\.md"):
        build(project, tmp_path / "out", FACTS)


def test_plain_mkdocs_builds_the_same_pages_from_a_clone(project: Path, site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert _bytes(project / "site") == _bytes(site)


#: Pages that are harder than the rest, and why they may be.
HARDER = {
    "reference/index.md": "each log in one sentence; the long words are the logs' names",
    "sources/nottinghamshire.md": "rules of a source for those who check them",
    "sources/rulings.md": "what the sources say, side by side, for those who check it",
}


@pytest.mark.parametrize("facts", [FACTS, TODAY], ids=["contactpoint", "uk-today"])
def test_guidance_can_be_read_at_the_age_of_thirteen(tmp_path: Path, facts: Facts) -> None:
    staged = stage(PROJECT / "site_src", tmp_path, facts)
    hard = {page: grade((tmp_path / page).read_text("utf-8")) for page in staged.pages}
    assert {page for page, found in hard.items() if found > HARDEST} == HARDER.keys()
    assert max(hard.values()) < HARDEST + 1


def test_the_grade_tells_easy_from_hard() -> None:
    assert grade("We lock the door. We keep the key. Then we go home.") < 2
    assert grade("Organisational accreditation necessitates comprehensive documentation.") > 12


READERS = {
    "People who work with children",
    "Nominated staff and mediators",
    "Coordinators",
    "Safeguarding leads",
    "Trustees",
    "Auditors",
    "Families",
}


def test_the_questions_are_many_and_the_first_sentence_answers() -> None:
    pages = PROJECT / "site_src" / "pages"
    text = re.sub(r"\{\{ (?:if|unless) .*?\}\}", "", (pages / "questions.md").read_text("utf-8"))
    assert set(re.findall(r"^## (.+)$", text, re.MULTILINE)) == READERS
    asked = re.findall(r"^### (.+)\n\n(.+)$", text, re.MULTILINE)
    assert len(asked) >= 40
    assert len(asked) == len(re.findall(r"^### ", text, re.MULTILINE))
    for question, answer in asked:
        # A question that begins with a verb is answered by yes or no, or says on what it depends.
        if re.match(r"(?:May|Can|Do|Does|Must|Is)\b", question.split(". ")[-1]):
            assert re.match(r"(?:Yes|No|Not|Only|As a rule no|Perhaps|A source)\b", answer), (
                question
            )
        else:
            assert re.match(r"[A-Z]", answer), question


def test_the_packed_site_is_one_folder_and_the_same_each_time(site: Path, tmp_path: Path) -> None:
    sizes = [pack(site, tmp_path / name) for name in ("one.zip", "two.zip")]
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert sizes == [path.stat().st_size for path in sorted(tmp_path.glob("*.zip"))]
    with ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path)
    assert _bytes(tmp_path / FOLDER) == _bytes(site)


def test_the_packed_site_does_not_know_when_it_was_packed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("start", "utf-8")
    pack(site, tmp_path / "before.zip")
    os.utime(site / "index.html", (0, 10**9))
    (site / "index.html").chmod(0o600)
    pack(site, tmp_path / "after.zip")
    assert (tmp_path / "before.zip").read_bytes() == (tmp_path / "after.zip").read_bytes()


def test_the_task_packs_the_site(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cpvol",
            "site.pack",
            "--profile",
            "uk-today",
            "--to",
            str(tmp_path / "a.zip"),
        ],
        cwd=PROJECT,
        env={**os.environ, "CPVOL_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Packed" in done.stdout
    with ZipFile(tmp_path / "a.zip") as archive:
        page = archive.read(f"{FOLDER}/using/breach.html").decode("utf-8")
    assert "Information Commissioner" in page


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A chain of three entries signed by one key, made with stock tools."""
    folder = tmp_path / "records"
    folder.mkdir()
    key = tmp_path / "key"
    for name in ("key", "stranger"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(tmp_path / name)],
            check=True,
        )
    _git(folder, "init", "-q", "-b", "main")
    for name, value in (
        ("user.name", "member-1"),
        ("user.email", "member-1@cpvol.invalid"),
        ("gpg.format", "ssh"),
        ("user.signingKey", str(key)),
    ):
        _git(folder, "config", name, value)
    public = key.with_suffix(".pub").read_text("utf-8").strip()
    signers = f'member-1@cpvol.invalid namespaces="git" {public}\n'
    (folder / "allowed_signers").write_text(signers, "utf-8")
    for number in range(3):
        (folder / "entry").write_text(str(number), "utf-8")
        _git(folder, "add", ".")
        _git(folder, "commit", "-q", "-S", "-m", f"entry {number}")
    return folder


def _checked(records: Path, tmp_path: Path, key: str = "key") -> str:
    """Run the check exactly as the auditors' page has it, with the blanks filled in."""
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(tmp_path / key)], capture_output=True, text=True, check=True
    )
    page = (PROJECT / "site_src/pages/auditors.md").read_text("utf-8")
    found = re.search(r"```sh\n(.*?)```", page, re.DOTALL)
    assert found
    first = _git(records, "rev-list", "--max-parents=0", "main")
    anchor = f"cpvol-anchor-1:{first}:{listed.stdout.split()[1]}"
    script = found[1].replace("FOLDER", str(records)).replace("ANCHOR", anchor)
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs("git", "ssh-keygen", "sh")
class TestTheCheckOnTheAuditorsPage:
    def test_a_good_chain_has_no_line_with_bad(self, records: Path, tmp_path: Path) -> None:
        assert "BAD" not in _checked(records, tmp_path)

    def test_a_first_entry_by_another_key_than_the_anchor_says_is_bad(
        self, records: Path, tmp_path: Path
    ) -> None:
        first = _git(records, "rev-list", "--max-parents=0", "main")
        assert f"BAD {first}" in _checked(records, tmp_path, key="stranger")

    def test_a_strangers_signature_is_bad(self, records: Path, tmp_path: Path) -> None:
        _git(records, "config", "user.signingKey", str(tmp_path / "stranger"))
        _git(records, "commit", "-q", "--allow-empty", "-S", "-m", "not mine")
        assert f"BAD {_git(records, 'rev-parse', 'main')}" in _checked(records, tmp_path)

    def test_an_entry_without_a_signature_is_bad(self, records: Path, tmp_path: Path) -> None:
        _git(records, "commit", "-q", "--allow-empty", "--no-gpg-sign", "-m", "unsigned")
        assert f"BAD {_git(records, 'rev-parse', 'main')}" in _checked(records, tmp_path)

    def test_another_name_on_a_members_signature_is_bad(
        self, records: Path, tmp_path: Path
    ) -> None:
        _git(
            records,
            "commit",
            "-q",
            "--allow-empty",
            "-S",
            "-m",
            "x",
            "--author",
            "m <m@cpvol.invalid>",
        )
        assert f"BAD {_git(records, 'rev-parse', 'main')}" in _checked(records, tmp_path)

    def test_a_signer_who_lets_himself_in_is_bad(self, records: Path, tmp_path: Path) -> None:
        public = (tmp_path / "stranger.pub").read_text("utf-8").strip()
        (records / "allowed_signers").write_text(
            f'member-1@cpvol.invalid namespaces="git" {public}\n', "utf-8"
        )
        _git(records, "config", "user.signingKey", str(tmp_path / "stranger"))
        _git(records, "commit", "-q", "-a", "-S", "-m", "let me in")
        assert f"BAD {_git(records, 'rev-parse', 'main')}" in _checked(records, tmp_path)


def test_served_the_site_follows_a_change(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = (
        "import sys; from pathlib import Path; from cpvol.guidance.build import serve;"
        "from tests.support.site import FACTS; serve(Path(sys.argv[1]), FACTS, port=int(sys.argv[2]))"
    )
    served = subprocess.Popen(
        [sys.executable, "-c", program, str(project), str(port)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_shown(port, "ContactPoint guidance")
        page = project / "site_src/pages/index.md"
        page.write_text(page.read_text("utf-8") + "\nA new line.\n", "utf-8")
        _until_shown(port, "A new line.")
    finally:
        served.terminate()
        served.wait()


def test_an_address_that_is_taken_is_said_to_be(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CpvolError, match=f"http://127.0.0.1:{port}/ already"):
            serve(project, FACTS, port=port)


def _until_shown(port: int, words: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urlopen(f"http://127.0.0.1:{port}/index.html") as answer:
                if words in answer.read().decode("utf-8"):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"in vain waited for: {words}")
