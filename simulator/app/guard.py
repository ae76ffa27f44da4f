"""Who may ask the server for anything: a browser of this machine that knows the token in the address, and nothing too large.

Every address begins with the token. What comes under another host's name (a page elsewhere whose name was made to lead here) is
refused before the token is looked at. The answers tell the browser to ask nobody else.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from simulator.app.app_words import APP
from simulator.report.prose import say
from simulator.words import LANGUAGES

MOST_UPLOADED = 200 * 2**20      # bytes of a file that a page takes
ROOM_OF_FORM = 2**16             # and of what stands around it in a request
# What the browser may load: this server's own files, nothing of anybody else's.
POLICY = ("default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
          "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://{host}; form-action 'self'; base-uri 'self'; "
          "frame-ancestors 'none'; object-src 'none'")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLarge(Exception):
    """A request has more in it than is taken."""


class Guard:
    """An ASGI application that lets through to `inner` what may ask."""

    def __init__(self, inner: Asgi, token: str, port: int) -> None:
        self.inner, self.token = inner, token
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(scope["path"], headers)
        if refused is None and scope["type"] == "http" and self._announced(headers) > MOST_UPLOADED + ROOM_OF_FORM:
            refused = 413, "too_large"
        if refused is not None:
            await _answer(scope, send, *refused)
            return
        if scope["type"] == "websocket":
            await self.inner(scope, receive, send)
            return
        begun = False

        async def guarded(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers(headers["host"], scope["path"])]
            await send(message)

        try:
            await self.inner(scope, _counted(receive), guarded)
        except TooLarge:
            if not begun:
                await _answer(scope, send, 413, "too_large")

    def _refused(self, path: str, headers: dict[str, str]) -> tuple[int, str] | None:
        """Why a request is refused, if it is: the code and the key of the sentence."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts or origin is not None and origin != f"http://{host}":
            return 403, "other_host"
        first = path.lstrip("/").partition("/")[0]
        if not secrets.compare_digest(first.encode(), self.token.encode()):
            return 403, "no_token"
        return None

    def _announced(self, headers: dict[str, str]) -> int:
        length = headers.get("content-length", "0")
        return int(length) if length.isdigit() else 0

    def _headers(self, host: str, path: str) -> list[tuple[bytes, bytes]]:
        found = [(b"referrer-policy", b"no-referrer"), (b"x-content-type-options", b"nosniff"), (b"x-frame-options", b"DENY")]
        if path.startswith(f"/{self.token}/runs/"):        # reports, which bring a narrower policy of their own
            return found
        return [*found, (b"content-security-policy", POLICY.format(host=host).encode())]


def _counted(receive: Receive) -> Receive:
    """What is received, until it is more than was allowed, whatever was announced."""
    seen = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_UPLOADED + ROOM_OF_FORM:
            raise TooLarge
        return message

    return counted


async def _answer(scope: Scope, send: Send, code: int, key: str) -> None:
    """Refuse with a sentence in both languages."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = "\n".join(say(APP, key, lang, most=MOST_UPLOADED // 2**20) for lang in LANGUAGES).encode()
    await send({"type": "http.response.start", "status": code,
                "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()),
                            (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})
