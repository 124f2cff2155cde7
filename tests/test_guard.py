"""Who may ask the dashboard anything, and what its pages may do: the guard alone, without Streamlit."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from collectaudit.serve.guard import Guard, Message, Receive, Scope, Send

PORT, KEY = 8600, "k" * 32
OURS = {"host": f"127.0.0.1:{PORT}", "cookie": f"collectaudit-{PORT}={KEY}"}
PAGE = b'<html lang="en"><title>Streamlit</title><script>\n x = 1\n</script></html>'


async def inner(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 — the signature of an app
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    kind = b"text/html" if scope["path"] == "/" else b"audio/wav"
    headers = [(b"content-type", kind), (b"content-length", str(len(PAGE)).encode()), (b"etag", b"x")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[20:]})


def ask(path: str = "/", *, kind: str = "http", headers: Mapping[str, str] = OURS, more: Any = ()) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def receive() -> Message:
        return {}

    where, _, query = path.partition("?")
    pairs = [(name.encode(), value.encode()) for name, value in [*headers.items(), *more]]
    scope = {"type": kind, "path": where, "query_string": query.encode(), "headers": pairs, "method": "GET"}
    asyncio.run(Guard(inner, port=PORT, token=KEY, lang="zh")(scope, receive, send))
    return sent


def status(sent: list[Message]) -> int:
    """As the server turns it into a status: a socket closed before it is accepted is a 403."""
    if sent[0]["type"].startswith("websocket"):
        return 101 if sent[0]["type"] == "websocket.accept" else 403
    return int(sent[0]["status"])


def said(sent: list[Message]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


STRANGERS = {
    "no host": {"cookie": OURS["cookie"]},
    "rebound": {**OURS, "host": f"evil.example:{PORT}"},
    "other port": {**OURS, "host": "127.0.0.1:1"},
    "no port": {**OURS, "host": "127.0.0.1"},
    "trick": {**OURS, "host": f"127.0.0.1:{PORT}@evil.example"},
    "suffix": {**OURS, "host": f"127.0.0.1:{PORT}.evil.example"},
    "foreign origin": {**OURS, "origin": "http://evil.example"},
    "null origin": {**OURS, "origin": "null"},
    "https origin": {**OURS, "origin": f"https://127.0.0.1:{PORT}"},
    "other port's origin": {**OURS, "origin": "http://127.0.0.1:1"},
    "no cookie": {"host": OURS["host"]},
    "wrong cookie": {**OURS, "cookie": f"collectaudit-{PORT}=no"},
    "cookie of another server": {**OURS, "cookie": f"collectaudit-1={KEY}"},
    "broken cookie": {**OURS, "cookie": "\x00=;;;"},
    "cookie that is no ASCII": {**OURS, "cookie": f"collectaudit-{PORT}=ÿ"},
}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", ["/", "/findings", "/media/x.wav", "/recording/a/b", "/_stcore/stream", "/away"])
@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_are_refused_everywhere(who: str, path: str, kind: str) -> None:
    sent = ask(path, kind=kind, headers=STRANGERS[who])
    assert status(sent) == 403
    assert b"<" not in sent[-1].get("body", b"")


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_two_hosts_are_refused(kind: str) -> None:
    assert status(ask(kind=kind, more=[("host", OURS["host"])])) == 403


@pytest.mark.parametrize("origin", [{}, {"origin": f"http://127.0.0.1:{PORT}"}, {"origin": f"http://localhost:{PORT}"}])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_our_own_page_is_served(kind: str, origin: dict[str, str]) -> None:
    assert status(ask(kind=kind, headers={**OURS, **origin})) in (200, 101)
    assert status(ask(kind=kind, headers={**OURS, **origin, "host": f"localhost:{PORT}"})) in (200, 101)


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    sent = ask(f"/event?ref=a%3Ab&token={KEY}&lang=zh", headers={"host": OURS["host"]})
    assert status(sent) == 303
    assert said(sent)[b"location"] == b"/event?ref=a%3Ab&lang=zh"
    assert b"HttpOnly; SameSite=Strict" in said(sent)[b"set-cookie"]
    assert status(ask(f"//evil.example/?token={KEY}", headers={"host": OURS["host"]})) == 303
    assert said(ask(f"//evil.example/?token={KEY}", headers={"host": OURS["host"]}))[b"location"][:2] != b"//"


def test_a_wrong_token_lets_nobody_in() -> None:
    assert status(ask("/?token=wrong", headers={"host": OURS["host"]})) == 403
    assert status(ask(f"/?token={KEY}", kind="websocket", headers={"host": OURS["host"]})) == 403


@pytest.mark.parametrize("path", ["/", "/media/x.wav"])
def test_nothing_may_come_from_elsewhere(path: str) -> None:
    headers = said(ask(path, headers={**OURS, "accept": "text/html"} if path == "/" else OURS))
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not {"*", "http:", "https:", "data:"} & set(policy.split("script-src")[1].split(";")[0].split())
    assert "unsafe" not in policy.split("script-src")[1].split(";")[0]
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    ("path", "asked", "tag"),
    [
        ("/?lang=zh", "en-GB", b"zh-CN"), ("/?lang=en", "zh-CN", b"en"), ("/", "zh-CN,zh;q=0.9", b"zh-CN"),
        ("/", "en-GB", b"en"), ("/", "de", b"zh-CN"), ("/?lang=xx", "", b"zh-CN"),
    ],
)  # fmt: skip
def test_a_page_says_its_language(path: str, asked: str, tag: bytes) -> None:
    sent = ask(path, headers={**OURS, "accept": "text/html,*/*", "accept-language": asked})
    body = sent[1]["body"]
    assert b'<html lang="' + tag + b'">' in body
    assert b"<title>collectaudit</title>" in body
    assert said(sent)[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in said(sent)
    assert b"'sha256-" in said(sent)[b"content-security-policy"]


def test_what_is_no_page_stays_as_it_is() -> None:
    sent = ask("/media/x.wav", headers={**OURS, "accept": "*/*"})
    assert b"".join(part.get("body", b"") for part in sent) == PAGE
    assert said(sent)[b"etag"] == b"x"
