"""Stands before Streamlit: who may ask at all, and what a page may do. Plain ASGI, no other package.

Refused with 403, for HTTP and WebSocket alike: a Host or Origin other than this server's own (another site in the same
browser, DNS rebinding), and whoever has not come with the token of the printed address (other users of the machine).
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from typing import Any
from urllib.parse import parse_qsl, urlencode

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

NAMES = ("127.0.0.1", "localhost")
TOKEN = "token"  # noqa: S105 — what it is called in the address
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_OWN = {b"content-length", b"content-security-policy", b"etag", b"last-modified", b"cache-control"}


class Guard:
    """Middleware for one server: its port, the token of its address, the language when nobody asks for one."""

    def __init__(self, app: App, *, port: int, token: str, lang: str) -> None:
        self.app = app
        self.port = port
        self.token = token
        self.lang = lang
        self._hosts = {f"{name}:{port}" for name in NAMES}
        self._cookie = f"collectaudit-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, send to the address without the token, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        if not self._from_here(scope):
            return await _refuse(scope, send)
        if self._has(_query(scope).get(TOKEN)) and scope["type"] == "http":
            return await self._let_in(scope, send)
        if not self._has(self._cookie_of(scope)):
            return await _refuse(scope, send)
        if scope["type"] == "websocket":
            return await self.app(scope, receive, send)
        return await self._answer(scope, receive, send)

    def _from_here(self, scope: Scope) -> bool:
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        ours = all(origin.removeprefix("http://") in self._hosts for origin in origins)
        return ours and len(hosts) == 1 and hosts[0] in self._hosts

    def _has(self, given: str | None) -> bool:
        return given is not None and compare_digest(given.encode(), self.token.encode())

    def _cookie_of(self, scope: Scope) -> str | None:
        try:
            found = SimpleCookie("; ".join(_values(scope, b"cookie"))).get(self._cookie)
        except CookieError:
            return None
        return found.value if found else None

    async def _let_in(self, scope: Scope, send: Send) -> None:
        """Keep the token as a cookie that no script can read, and take it out of the address."""
        rest = urlencode({name: value for name, value in _query(scope).items() if name != TOKEN})
        there = str(scope["path"]).replace("//", "/") + (f"?{rest}" if rest else "")
        cookie = f"{self._cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        headers = [(b"location", there.encode()), (b"set-cookie", cookie.encode())]
        headers += [(b"content-length", b"0"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streamlit's answer with our headers; of a page also the language and the title."""
        asks_for_page = any("text/html" in value for value in _values(scope, b"accept"))
        if asks_for_page:
            scope["headers"] = [(n, v) for n, v in scope["headers"] if n not in (b"accept-encoding", b"if-none-match")]
        page = _Page(send, self._headers, self._language(scope)) if asks_for_page else None
        await self.app(scope, receive, page.send if page else self._with_headers(send))

    def _with_headers(self, send: Send) -> Send:
        async def to(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers(())]
            await send(message)

        return to

    def _language(self, scope: Scope) -> str:
        """What the address asks for, else the browser, else the machine."""
        wanted = [_query(scope).get("lang", ""), *_values(scope, b"accept-language"), self.lang]
        found = next((value[:2].lower() for value in wanted if value[:2].lower() in LANGUAGE_TAGS), "en")
        return LANGUAGE_TAGS[found]

    def _headers(self, scripts: Iterable[str]) -> Headers:
        """Nothing from elsewhere, nothing to elsewhere. blob: is how Streamlit loads the code of our own widgets."""
        sockets = " ".join(f"ws://{host}" for host in sorted(self._hosts))
        policy = (
            f"default-src 'self'; script-src 'self' blob: {' '.join(scripts)}; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' {sockets}; "
            "worker-src 'self' blob:; frame-src 'none'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; "
            "form-action 'self'"
        )
        return [
            (b"content-security-policy", policy.encode()), (b"x-frame-options", b"DENY"),
            (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"), (b"cross-origin-opener-policy", b"same-origin"),
        ]  # fmt: skip


class _Page:
    """Holds back a page until it is whole, then says its language and allows the scripts that stand in it."""

    def __init__(self, send: Send, headers: Callable[[Iterable[str]], Headers], tag: str) -> None:
        self._send, self._headers, self._tag = send, headers, tag
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        """Take a part of the answer; pass it on once all of it is there."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":  # such as a file that is sent by its name
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._finish()

    async def _finish(self) -> None:
        headers: Headers = self._start["headers"]
        is_page = any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
        body = self._worded(self._body) if is_page else self._body
        hashes = [base64.b64encode(hashlib.sha256(code).digest()).decode() for code in _INLINE.findall(body)]
        kept = [(name, value) for name, value in headers if name not in _OWN]
        kept += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self._send({**self._start, "headers": [*kept, *self._headers([f"'sha256-{h}'" for h in hashes])]})
        await self._send({"type": "http.response.body", "body": body})

    def _worded(self, body: bytes) -> bytes:
        body = body.replace(b'<html lang="en">', f'<html lang="{self._tag}">'.encode(), 1)
        return body.replace(b"<title>Streamlit</title>", b"<title>collectaudit</title>", 1)


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":  # closed before it is accepted: the server answers 403
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"403: open the address that `collectaudit open` printed.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _query(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
