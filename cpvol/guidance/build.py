"""The site as HTML: the only module that knows mkdocs.

Every warning of mkdocs (a link to nowhere, a page that the menu forgot) stops the build.
"""

from __future__ import annotations

import logging
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cpvol.errors import CpvolError
from cpvol.guidance import whole
from cpvol.guidance.facts import Facts
from cpvol.guidance.stage import expand, stage

#: Lies in every site of ours, so that a later build replaces such a one and nothing else.
_OURS = Path("assets", "vendor", "iframe-worker.js")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A site that was built.

    :param pages: how many pages it has.
    :param target: the folder; ``index.html`` in it is the first page.
    """

    pages: int
    target: Path


class SiteNotBuilt(CpvolError):
    """mkdocs found something wrong with the pages."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the site was not built: {why}", "put that page right, then build again")


def build(project: Path, target: Path, facts: Facts) -> BuildResult:
    """Build the guidance site.

    :param project: the folder with ``mkdocs.yml`` and ``site_src``.
    :param target: where the site goes. An earlier site there is replaced once the new one is whole.
    :param facts: what pages are made from.
    :raises PageError: a page is not right.
    :raises SiteNotBuilt: mkdocs warned of something.
    :raises CpvolError: ``project`` has no site in it, or ``target`` holds something that is not a site of ours.
    """
    replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        staged = stage(project / "site_src", Path(temporary, "pages"), facts)
        _render(project / "mkdocs.yml", staged.folder, Path(temporary, "site"), staged.pages)
        if target.exists():
            shutil.rmtree(target)
        shutil.move(Path(temporary, "site"), target)
    return BuildResult(len(staged.pages), target)


def serve(project: Path, facts: Facts, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Show the site at ``http://host:port/`` and again whenever a page changes, until interrupted.

    What is wrong with a later build is logged, and the site stays as it was until the next change.

    :raises CpvolError: as :func:`build`, for the first build; or another program has that address.
    """
    from mkdocs.livereload import LiveReloadServer

    _free(host, port)
    with TemporaryDirectory() as temporary:
        target = Path(temporary, "site")
        build(project, target, facts)

        def again() -> None:
            try:
                build(project, target, facts)
            except CpvolError as error:
                logging.getLogger(__name__).warning("%s; %s", error.problem, error.hint)

        server = LiveReloadServer(builder=again, host=host, port=port, root=str(target))
        server.watch(str(project / "site_src"))
        server.watch(str(project / "mkdocs.yml"))
        try:
            server.serve()  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            server.shutdown()


def finish(site: Path) -> None:
    """Make a rendered site ready for its readers.

    What no browser asks for goes: maps for programmers, search in other languages. The whole guide becomes one document.
    """
    for path in site.rglob("*.map"):
        path.unlink()
    shutil.rmtree(site / "assets" / "javascripts" / "lunr", ignore_errors=True)
    guide = site / whole.NAME
    guide.write_bytes(whole.bind(guide.read_text("utf-8")).encode())


def _free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise CpvolError(
            f"another program shows something at http://{host}:{port}/ already",
            "end it, perhaps in another window, then try again",
        ) from error


def replaceable(target: Path) -> None:
    """Refuse a folder that building would empty of what is no site of ours.

    :raises CpvolError: when there is something else in it.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / _OURS).is_file():
        raise CpvolError(
            "the folder for the site holds other files, which building would remove",
            "name an empty or a new folder",
        )


def _render(configuration: Path, pages: Path, target: Path, paths: tuple[str, ...]) -> None:
    from mkdocs.commands.build import build as render
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    heard = _Warnings()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(heard)
    try:
        # The hook stages the pages for plain mkdocs; here they are staged already.
        config = load_config(
            str(configuration), docs_dir=str(pages), site_dir=str(target), hooks=[], strict=True
        )
        config.nav = expand(config.nav or [], paths)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            render(config)
        finally:
            config.plugins.on_shutdown()
        finish(target)
    except (Abort, MkDocsException) as error:
        why = heard.said[0] if heard.said else str(error)
        raise SiteNotBuilt(" ".join(why.split())) from error
    finally:
        logger.removeHandler(heard)


class _Warnings(logging.Handler):
    """Keeps what mkdocs warns of, for the one line that a person is shown."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
