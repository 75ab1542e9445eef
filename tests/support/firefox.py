"""A real Firefox, driven over WebDriver BiDi: JSON messages in a web socket that it opens on this machine alone.

The standard library has no web socket, so the little of one that is needed is here (RFC 6455): a handshake, and text
that is sent masked and comes back in frames. Everything that the pages ask for or complain of is kept.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The names under which it is found.
NAMES = ("firefox-esr", "firefox")
_PATIENCE = 60.0
_LISTENING = re.compile(r"WebDriver BiDi listening on ws://([\d.]+):(\d+)")
#: Nothing of Firefox's own goes out: no updates, no reports, no first page.
_SETTINGS = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.prefs.recommended": True,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
_TEXT, _CLOSE = 0x1, 0x8


def find() -> str | None:
    """Give the path of Firefox, or ``None`` when this machine does not have it."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


class Firefox:
    """A tab of a running Firefox.

    :ivar requests: every address that was asked for.
    :ivar complaints: every console error and exception.
    """

    def __init__(self, host: str, port: int) -> None:
        self._wire = socket.create_connection((host, port), timeout=_PATIENCE)
        self._rest = b""
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._shake_hands(host, port)
        self.send("session.new", capabilities={})
        events = ["network.beforeRequestSent", "log.entryAdded"]
        self.send("session.subscribe", events=events)
        # Pages in the first window, which no display ever showed, are told of no focus; in a later one they are.
        self._tab = self.send("browsingContext.create", type="window")["context"]

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Give one command and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        self._write(json.dumps(message).encode())
        while True:
            heard = json.loads(self._read())
            if heard.get("id") != self._number:
                self._heard(heard)
            elif heard["type"] == "error":
                raise RuntimeError(f"{method}: {heard['message']}")
            else:
                result: dict[str, Any] = heard["result"]
                return result

    def open(self, url: str) -> None:
        """Go to an address and wait until the page has loaded."""
        self.send("browsingContext.navigate", context=self._tab, url=url, wait="complete")
        # To a place on a page, Firefox answers too soon.
        self.wait_for("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, by way of JSON; a promise is waited for."""
        answer = self.send(
            "script.evaluate",
            expression=f"Promise.resolve({script}).then(JSON.stringify)",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def wait_for(self, script: str) -> Any:
        """Wait until a JavaScript expression gives something that counts as true, and return it."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if value := self.run(script):
                return value
            time.sleep(0.05)
        raise RuntimeError(f"in vain waited for: {script}")

    def press(self, *keys: str) -> None:
        """Press and release keys, one after the other: letters, or what WebDriver writes for others."""
        pressed = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keys", "actions": pressed}]
        self.send("input.performActions", context=self._tab, actions=actions)

    def look(self, width: int, height: int = 900) -> None:
        """Set the size of the window in CSS pixels."""
        size = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self._tab, viewport=size)

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(OSError, RuntimeError):
            self.send("browser.close")
        self._wire.close()

    def _heard(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "network.beforeRequestSent":
            self.requests.append(params["request"]["url"])
        elif event.get("method") == "log.entryAdded" and params["level"] in {"error", "warn"}:
            self.complaints.append(str(params["text"]))

    def _shake_hands(self, host: str, port: int) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET /session HTTP/1.1",
            f"Host: {host}:{port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        )
        self._wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._more()
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.splitlines()[0]:
            raise RuntimeError(head.decode())

    def _write(self, text: bytes) -> None:
        length = len(text)
        small, middle = 125, 0xFFFF
        head = struct.pack("!B", 0x80 | _TEXT)
        if length <= small:
            head += struct.pack("!B", 0x80 | length)
        elif length <= middle:
            head += struct.pack("!BH", 0x80 | 126, length)
        else:
            head += struct.pack("!BQ", 0x80 | 127, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))
        self._wire.sendall(head + mask + masked)

    def _read(self) -> bytes:
        """The next message, put together from its frames."""
        message = b""
        while True:
            first, second = self._take(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", self._take(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self._take(8))
            message += self._take(length)
            if first & 0x0F == _CLOSE:
                raise RuntimeError("Firefox has gone")
            if first & 0x80:
                return message

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._rest += self._more()
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _more(self) -> bytes:
        more = self._wire.recv(1 << 16)
        if not more:
            raise RuntimeError("Firefox has gone")
        return more


@contextlib.contextmanager
def firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """A Firefox for as long as the block lasts.

    :param program: the path of the program.
    :param profile: an empty folder for what it keeps.
    """
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _SETTINGS.items())
    (profile / "user.js").write_text("\n".join(lines), "utf-8")
    said = profile / "said"
    options = ("--headless", "--no-remote", "--remote-debugging-port=0")
    with said.open("wb") as output:
        running = subprocess.Popen(
            [program, *options, "--profile", str(profile), "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=output,
            env={**os.environ, "HOME": str(profile)},
        )
    try:
        tab = Firefox(*_listening(said))
        try:
            yield tab
        finally:
            tab.close()
    finally:
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _listening(said: Path) -> tuple[str, int]:
    """Where Firefox says that it listens."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if found := _LISTENING.search(said.read_text("utf-8", errors="replace")):
            return found[1], int(found[2])
        time.sleep(0.05)
    raise RuntimeError("Firefox does not say where it listens")
