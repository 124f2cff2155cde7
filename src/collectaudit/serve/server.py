"""Starts the dashboard: its settings, its routes, its browser window. Streamlit is only loaded here."""

import secrets
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from .. import lawbook, resources
from ..catalogue import Words
from ..desk import Desk
from ..errors import CollectAuditError, WrongUse
from ..records import Unreadable
from . import begin
from .guard import NAMES, TOKEN, Guard
from .sound import Part, Sounds

ADDRESS = NAMES[0]
_FONTS = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "Helvetica Neue", sans-serif'
SETTINGS: Mapping[str, Any] = {
    "server.address": ADDRESS,  # Streamlit listens on every interface unless told
    "server.allowedHosts": list(NAMES),
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.headless": True,  # we open the browser ourselves; it asks for no e-mail address either
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 500,  # MB
    "server.enableAgentApi": False,
    "server.showEmailPrompt": False,
    "runner.magicEnabled": False,  # no page shows a value by merely naming it
    "runner.postScriptGC": False,  # it holds every answer for a tenth of a second; Python clears up by itself
    "browser.gatherUsageStats": False,
    "browser.serverAddress": ADDRESS,  # otherwise the server asks the internet for its outside address
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,  # links that carry the error's text to a search engine
    "logger.hideWelcomeMessage": True,
    "logger.level": "error",
    "theme.base": "light",
    "theme.font": _FONTS,
    "theme.headingFont": _FONTS,
    "theme.primaryColor": "#0B4EA2",
    "theme.textColor": "#1B2430",
    "theme.backgroundColor": "#FFFFFF",
    "theme.secondaryBackgroundColor": "#F3F5F8",
    "theme.borderColor": "#C9D1DB",
    "theme.grayTextColor": "#4A5563",
    "theme.linkColor": "#0B4EA2",
    "theme.baseFontSize": 15,
    "theme.headingFontSizes": ["1.7rem", "1.3rem", "1.1rem", "1rem", "1rem", "1rem"],
}


def run(desk: Desk, *, lang: str, port: int | None, browser: bool, say: Callable[[str], None]) -> None:
    """Serve the desk until interrupted; `say` gets the address. Raises WrongUse if the port is taken."""
    port = _free(port)
    token = secrets.token_urlsafe(24)
    address = f"http://{ADDRESS}:{port}/?{TOKEN}={token}"
    begin(desk, lang)
    guard = Middleware(Guard, port=port, token=token, lang=lang)
    app = st.App(resources.folder("app") / "main.py", routes=_routes(desk, lang), middleware=[guard])
    say(address)
    threading.Thread(target=lawbook.known_rules, daemon=True).start()  # a click on the first rule need not wait for it
    if browser:
        threading.Thread(target=_open_when_ready, args=(address, port), daemon=True).start()
    app.run(config={**SETTINGS, "server.port": port, "browser.serverPort": port})


def _free(port: int | None) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port or 0))
        except OSError as error:
            raise WrongUse(f"port {port} is taken", "Name another one, or none: then a free one is found.") from error
        return int(probe.getsockname()[1])


def _open_when_ready(address: str, port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex((ADDRESS, port)) == 0:
                webbrowser.open(address)
                return
        time.sleep(0.1)


def _routes(desk: Desk, lang: str) -> list[Route]:
    """What is no page: recordings, and the blank page that hides everything."""
    sounds = Sounds()

    async def audio(request: Request) -> Response:
        return await run_in_threadpool(_audio, desk, sounds, request)

    async def away(request: Request) -> Response:
        return HTMLResponse(_away(Words("zh" if request.query_params.get("lang", lang) == "zh" else "en", "app")))

    return [Route("/recording/{case}/{sha256}", audio), Route("/away", away)]


def _audio(desk: Desk, sounds: Sounds, request: Request) -> Response:
    try:
        source = sounds.of(desk.case(request.path_params["case"]), request.path_params["sha256"])
    except (CollectAuditError, Unreadable, ImportError):
        return Response(status_code=415)
    if source is None:
        return Response(status_code=404)
    part = Part(source, request.headers.get("range"))
    return StreamingResponse(iter(part), part.status, part.headers)


def _away(words: Words) -> str:
    """A page that says nothing about anybody."""
    title = words("app.notepad")
    return (
        f'<!doctype html><html lang="{words.lang}"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{margin:2rem;font:16px sans-serif}textarea{width:100%;height:80vh;border:0;font:inherit}</style>"
        f'<textarea aria-label="{title}" placeholder="{title}"></textarea></html>'
    )
