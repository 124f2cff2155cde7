"""Measures the dashboard's pages in a real browser and writes a section into benchmarks/RESULTS.md.

    python benchmarks/dashboard.py --rows 130000 1000000

Rows are calls of an invented dialler; 130,000 give about 100,000 findings. Each page is opened in a browser that has
nothing cached, then one thing is done on it. Counted: seconds until all is drawn, bytes that the server sent over the
websocket. Beside it, in the same run, what a short script would do: Streamlit's own table of all findings. Needs
Chromium (COLLECTAUDIT_CHROMIUM names it), and keeps the cases in benchmarks/data/ for the next time.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median, median_high
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from appkit import PAGES, chromium, served  # noqa: E402 — the tests' browser, bound to this checkout
from bigcase import big_case  # noqa: E402

from collectaudit import listing  # noqa: E402
from collectaudit.case import Case  # noqa: E402
from collectaudit.evidence.store import read_json  # noqa: E402

Act = Callable[[Any], None]  # what is done on a page
ALL_AT_ONCE = "Streamlit's own table of all findings"
_READY = "[data-testid=stApp][data-test-script-state=notRunning]"
_PENDING = "[data-stale=true], [data-testid=stSkeleton]"  # of the answer before; where a picture is still to come
_DRAWN = f"() => document.querySelector('{_READY}') && !document.querySelector('{_PENDING}')"
_WATCH = """() => {
    window.changedAt = window.clickedAt = performance.now();
    for (const hand of ["click", "keydown"])
        window.addEventListener(hand, () => { window.clickedAt = performance.now(); }, {capture: true, once: true});
    new MutationObserver(() => { window.changedAt = performance.now(); })
        .observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
_PATIENCE_MS = 180_000
_SILENCE_MS = 400
_SETTLE_MS = 1_000
_NEXT, _CHINESE = "Next page", "中文"
_SECTION = re.compile(r"\n?<!-- dashboard -->.*<!-- /dashboard -->\n", re.DOTALL)
_SCRIPT = """
import duckdb, streamlit as st
st.button("again")
st.dataframe(duckdb.sql("FROM {file}").df())
"""


@dataclass(slots=True)
class Traffic:
    """What came over the websocket of a page so far."""

    frames: int = 0
    size: int = 0
    last: float = 0.0

    def frame(self, event: dict[str, Any]) -> None:
        """Binary frames are told in base64."""
        self.frames += 1
        self.last = time.perf_counter()
        said = event["response"]["payloadData"]
        self.size += len(said) if event["response"]["opcode"] == 1 else len(said) * 3 // 4


@dataclass(frozen=True, slots=True)
class Seen:
    """A page: seconds and bytes when it was opened, and when something was done on it; `failed`: what it said."""

    page: str
    cold_s: float
    cold_bytes: int
    again_s: float
    again_bytes: int
    failed: str = ""


@dataclass(slots=True)
class Result:
    """One case: its size and what was seen of each page."""

    contacts: int
    findings: int
    repeat: int
    pages: list[Seen] = field(default_factory=list)


def made(rows: int) -> Path:
    """The case of so many calls, made at the first time."""
    path = HERE / "data" / "dashboard" / f"case-{rows}"
    if not (path / "case.json").exists() or Case.open(path).run() is None:
        print(f"{rows:,} calls are being audited …", flush=True)
        big_case(path, rows)
    return path


@contextmanager
def opened(browser: Any, address: str) -> Iterator[tuple[Any, Traffic, float]]:
    """A page in a browser that has nothing cached, drawn to the end: page, traffic, seconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, traffic = context.new_page(), Traffic()
    page.set_default_timeout(_PATIENCE_MS)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameReceived", lambda event: traffic.frame(event))
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_function(_DRAWN)
    yield page, traffic, time.perf_counter() - begun
    context.close()


def click(name: str) -> Act:
    """A button or a choice by what stands on it."""

    def act(page: Any) -> None:
        target = page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("radio", name=name, exact=True))
        target.first.click(timeout=10_000)

    return act


def press(key: str) -> Act:
    """A key, as the three that say what a person thinks of a finding; a page listens to keys when its buttons do."""

    def act(page: Any) -> None:
        page.wait_for_timeout(_SETTLE_MS)
        page.keyboard.press(key)

    return act


def in_the_middle(chart: str) -> Act:
    """A click into the middle of a picture."""
    return on(f".st-key-{chart} canvas")


def on(selector: str) -> Act:
    """A click on one of these, on another each time, by a person who has looked at the page for a moment."""
    turn = count()

    def act(page: Any) -> None:
        page.wait_for_timeout(_SETTLE_MS)
        found = page.locator(selector)
        found.nth(next(turn) % max(found.count(), 1)).click(timeout=10_000)

    return act


def choose(facet: str) -> Act:
    """The first value in the box of a filter; counted from the click on it."""

    def act(page: Any) -> None:
        page.locator(f".st-key-in-{facet} input").first.click(timeout=10_000)
        page.evaluate(_WATCH)
        page.get_by_role("option").first.click(timeout=10_000)

    return act


def done(page: Any, traffic: Traffic, act: Act) -> tuple[float, int]:
    """Do it, and wait until the server has answered and all is drawn: seconds from the click or key to the last change
    of what is seen, by the browser's own clock, and bytes."""
    frames, size, asked = traffic.frames, traffic.size, time.perf_counter()
    page.evaluate(_WATCH)
    act(page)
    while traffic.frames == frames and time.perf_counter() - asked < _PATIENCE_MS / 1000:
        page.wait_for_timeout(10)
    drawn = 0.0
    while drawn < traffic.last:  # between the first and the last word of an answer, nothing runs for a moment
        page.wait_for_timeout(_SILENCE_MS)
        page.wait_for_function(_DRAWN)
        drawn = time.perf_counter() - _SILENCE_MS / 1000
    return page.evaluate("() => (window.changedAt - window.clickedAt) / 1000"), traffic.size - size


def views(case: Case, key: str) -> Iterator[tuple[str, str, Act]]:
    """Name, address and what is done: the next page of a list; elsewhere the language: all is asked again."""
    finding = listing.page(case, listing.Wanted({}), 1, "en")[0]
    account = next(iter(listing.facets(case, listing.Wanted({}))["account"]))
    kept = f"case={key}&lang=en&way=inspect"
    special = {"event": f"&finding={finding['finding_id']}", "account": f"&account={account}"}
    for page in PAGES:
        path = "" if page == "start" else page  # it is where an empty address leads
        again = _NEXT if page in ("findings", "contacts") else _CHINESE
        yield page, f"{path}?{kept}{special.get(page, '')}", click(again)
    yield "findings, searched", f"findings?{kept}&search=D0000", click(_NEXT)
    yield "rules, one rule", f"rules?{kept}&rule=out-of-hours", click(_CHINESE)
    for digit in "123":  # yes, no, unsure
        yield f"story, key {digit}", f"story?{kept}", press(digit)
        yield f"event, key {digit}", f"event?{kept}{special['event']}", press(digit)
    for picture, name in (("by-hour-findings", "an hour of the week"), ("by-week", "a week"), ("dots", "a dot")):
        yield f"overview, {name}", f"overview?{kept}", in_the_middle(picture)
    yield "overview, a number", f"overview?{kept}", on(".number a")
    yield "overview, a filter", f"overview?{kept}", choose("severity")
    yield "findings, a filter", f"findings?{kept}", choose("severity")
    for page in ("overview", "findings", "contacts", "account", "rules"):
        yield f"{page}, a row", f"{page}?{kept}", on("tr.link")
    yield "account, a number in a row", f"account?{kept}", on("tr.link td:nth-child(2) a")
    yield "event, back to the list", f"event?{kept}{special['event']}", on("[data-testid=stPageLink-NavLink]")


def measured(rows: int, results: list[Result], repeat: int) -> Iterator[Seen]:
    """Every page of one case, and the table of everything first; the case's result is added to `results`."""
    path = made(rows)
    case = Case.open(path)
    counted = case.query("SELECT (SELECT count(*) FROM occasions) AS c, (SELECT count(*) FROM findings) AS f")[0]
    results.append(Result(counted["c"], counted["f"], repeat))
    key = str((read_json(path / "case.json") or {})["id"])[:12]
    yield _middle([everything(path) for _ in range(repeat)])
    with TemporaryDirectory() as home, served(Path(home), str(path), lang="en") as server, chromium() as browser:
        with opened(browser, server.at("")):  # the server's own first time is not that of a page
            pass
        for name, address, act in views(case, key):
            yield _middle([_seen(browser, name, server.at(address), act) for _ in range(repeat)])


def _middle(times: Sequence[Seen]) -> Seen:
    """Of the same page opened several times the medians, and every failure."""
    sizes = (median_high(seen.cold_bytes for seen in times), median_high(seen.again_bytes for seen in times))
    cold_s, again_s = median(seen.cold_s for seen in times), median(seen.again_s for seen in times)
    failed = " ".join(dict.fromkeys(seen.failed for seen in times if seen.failed))
    return Seen(times[0].page, cold_s, sizes[0], again_s, sizes[1], failed)


def _seen(browser: Any, name: str, address: str, act: Act) -> Seen:
    with opened(browser, address) as (page, traffic, cold_s):
        cold = traffic.size
        errors = page.locator("[data-testid=stAlertContentError], [data-testid=stException]").all_inner_texts()
        failed = " ".join(errors)[:200]
        try:
            again = done(page, traffic, act)
        except _timeout() as error:
            again, failed = (0.0, 0), f"{failed} {str(error).splitlines()[0]}".strip()
        return Seen(name, cold_s, cold, *again, failed)


def _timeout() -> type[Exception]:
    from playwright.sync_api import TimeoutError as TookTooLong

    return TookTooLong


def _say(seen: Seen) -> None:
    print(f"{seen.page:<40} {seen.cold_s:6.2f} s {seen.cold_bytes:>12,} B   again {seen.again_s:6.2f} s "
          f"{seen.again_bytes:>12,} B {seen.failed}", flush=True)  # fmt: skip


def everything(path: Path) -> Seen:
    """A script of three lines that shows all findings with st.dataframe, in the same browser."""
    run = Case.open(path).run()
    with TemporaryDirectory() as folder, chromium() as browser:
        script = Path(folder) / "everything.py"
        script.write_text(_SCRIPT.format(file=repr(f"{run}/findings.parquet")), encoding="utf-8")
        with _streamlit(script) as address:
            with opened(browser, address):
                pass
            try:
                return _seen(browser, ALL_AT_ONCE, address, click("again"))
            except _timeout():
                return Seen(ALL_AT_ONCE, 0, 0, 0, 0, "not drawn")


@contextmanager
def _streamlit(script: Path) -> Iterator[str]:
    port = 18_501
    options = ("address=127.0.0.1", f"port={port}", "headless=true", "fileWatcherType=none")
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--browser.gatherUsageStats=false"]
    command += [f"--server.{option}" for option in options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(address, timeout=5):  # noqa: S310 — this machine
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the script does not answer")


def section(results: Sequence[Result]) -> str:
    """The part of RESULTS.md, between its marks."""
    lines = [
        "<!-- dashboard -->", "## Dashboard", "",
        "`benchmarks/dashboard.py`: each page in Chromium with nothing cached, until all is drawn, and one thing done",
        "on it: what is named, or of lists the next page, or the language is changed, which asks everything again. kB:",
        "what came over the websocket. The first line of each size is a script of three lines with `st.dataframe`,",
        "same run. Medians of so many times.",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "",
        "| contacts | findings | times | page | cold, s | cold, kB | again, s | again, kB |",
        "|---:|---:|---:|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    for result in results:
        lines += [_line(result, seen) for seen in result.pages]
    return "\n".join([*lines, "<!-- /dashboard -->", ""])


def _line(result: Result, seen: Seen) -> str:
    named = f"{seen.page} **{seen.failed}**" if seen.failed else seen.page
    costs = f"{seen.cold_s:.2f} | {seen.cold_bytes / 1000:,.1f} | {seen.again_s:.2f} | {seen.again_bytes / 1000:,.1f}"
    return f"| {result.contacts:,} | {result.findings:,} | {result.repeat} | {named} | {costs} |"


def main() -> None:
    """Measure every size and write the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[130_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=3, help="how often each page is opened")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    results: list[Result] = []
    for rows in args.rows:
        for seen in measured(rows, results, args.repeat):
            results[-1].pages.append(seen)
            _say(seen)
            _write(args.out, section(results))  # what was measured stays, should the rest take too long


def _write(out: Path, text: str) -> None:
    before = out.read_text(encoding="utf-8") if out.exists() else ""
    out.write_text(_SECTION.sub("", before).rstrip("\n") + "\n\n" + text, encoding="utf-8")


if __name__ == "__main__":
    main()
