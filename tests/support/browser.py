"""A real Chromium, driven over its debugging pipe: no driver program and no library of ours in between.

Messages are JSON, each ended by a zero byte; the browser reads them on descriptor 3 and answers on 4. Everything that
the pages ask for, print to the console or throw is kept, so that a test can say that nothing left the machine.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PATIENCE = 90.0
_ON_3_AND_4 = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4);"
    "os.execv(sys.argv[3], sys.argv[3:])"
)
#: Keys as the debugging protocol wants them: name to (code, key code, text).
_KEYS = {
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    " ": ("Space", 32, " "),
    "ArrowDown": ("ArrowDown", 40, ""),
}


class BrowserError(Exception):
    """The browser refused a command or did not answer."""


class Page:
    """One tab of the browser.

    :ivar requests: every address that was asked for since :meth:`forget`.
    :ivar complaints: every console error, warning and exception since :meth:`forget`.
    """

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded: set[str] = set()
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Give one command of the debugging protocol and wait for its answer."""
        return self._browser.send(method, params, self._session)

    def forget(self) -> None:
        """Start counting requests and complaints anew."""
        self.requests.clear()
        self.complaints.clear()

    def heard(self, event: dict[str, Any]) -> None:
        """Take note of an event of this tab."""
        method, params = event["method"], event["params"]
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.lifecycleEvent" and params["name"] == "load":
            self._loaded.add(params["loaderId"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning"}:
            self.complaints.append(str([arg.get("value") for arg in params["args"]]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            entry = params["entry"]
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")

    def open(self, url: str) -> None:
        """Go to an address and wait until the page has loaded."""
        answer = self.send("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        # To another place on the same page there is nothing to load. Whatever was left may still say that it has loaded,
        # so it is this very loading that is waited for.
        if (loading := answer.get("loaderId")) is not None:
            self._browser.until(lambda: loading in self._loaded, url)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Wait until a JavaScript expression gives something that counts as true, and return it."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if value := self.run(script):
                return value
            self._browser.listen(0.05)
        raise BrowserError(f"in vain waited for: {script}")

    def look(self, width: int, *, dark: bool = False, height: int = 900) -> None:
        """Set the size of the window in CSS pixels, and the colours that the reader prefers."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.send("Emulation.setEmulatedMedia", features=[scheme, still])

    def press(self, key: str) -> None:
        """Press and release one key; a single letter types it."""
        code, number, text = _KEYS.get(key, (f"Key{key.upper()}", ord(key.upper()[0]), key))
        for kind in ("keyDown", "keyUp"):
            typed = {"text": text} if text and kind == "keyDown" else {}
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=code,
                windowsVirtualKeyCode=number,
                **typed,
            )

    def type(self, text: str) -> None:
        """Type text into what has the focus."""
        self.send("Input.insertText", text=text)

    def picture(self, *, whole: bool = True) -> bytes:
        """A PNG of the page, all of it unless told otherwise."""
        answer = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def print(self) -> bytes:
        """The page as it prints: a PDF on the paper that its own styles ask for."""
        answer = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(answer["data"])


class Browser:
    """A running Chromium with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()
        # Clear of 3 and 4, which are about to be filled.
        ours_out, ours_in = (fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (read_there, write_there))
        command = [
            program,
            "--headless",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ON_3_AND_4, str(ours_out), str(ours_in), *command],
            pass_fds=(ours_out, ours_in),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for fd in (read_there, write_there, ours_out, ours_in):
            os.close(fd)
        self._read, self._write = read_here, write_here
        self._rest = b""
        self._number = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._pages: dict[str, Page] = {}

    def page(self) -> Page:
        """Open a new tab."""
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})[
            "sessionId"
        ]
        page = Page(self, session)
        self._pages[session] = page
        return page

    def send(self, method: str, params: dict[str, Any], session: str = "") -> dict[str, Any]:
        """Give a command and wait for its answer."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data) :]
        self.until(lambda: number in self._answers, method)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def until(self, done: Any, what: str) -> None:
        """Listen to the browser until ``done()`` is true."""
        end = time.monotonic() + _PATIENCE
        while not done():
            if time.monotonic() > end:
                raise BrowserError(f"no answer within {_PATIENCE:.0f} s: {what}")
            self.listen(0.5)

    def listen(self, seconds: float) -> None:
        """Take in what the browser says, for at most so long."""
        if not select.select([self._read], [], [], seconds)[0]:
            return
        read = os.read(self._read, 1 << 16)
        if not read:
            raise BrowserError("the browser has gone")
        *messages, self._rest = (self._rest + read).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            elif page := self._pages.get(message.get("sessionId", "")):
                page.heard(message)

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(BrowserError, OSError):
            self.send("Browser.close", {})
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        os.close(self._write)


@contextlib.contextmanager
def browser(program: str, profile: Path) -> Iterator[Browser]:
    """A Chromium for as long as the block lasts.

    :param program: the path of the program.
    :param profile: an empty folder for what it keeps.
    """
    running = Browser(program, profile)
    try:
        yield running
    finally:
        running.close()
