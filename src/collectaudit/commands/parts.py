"""What `doctor` looks at: the packages, files and time zones the program needs. Imports nothing but click."""

import json
import operator
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from collectaudit import resources
from collectaudit.commands.shell import Shell
from collectaudit.errors import MissingPart

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?P<bounds>[^;]*)")
_BOUND = re.compile(r"(>=|<)\s*([\d.]+)")
_COMPARE = {">=": operator.ge, "<": operator.lt}
_FOLDERS = ("queries", "regimes", "lexicons", "sample_data", "app")
_OPTIONAL = {
    "xlsxwriter": ("report", "export --to FILE.xlsx"), "faster-whisper": ("asr", "transcribe CASE"),
    "streamlit": ("app", "open CASE"), "ray": ("ray", "batch INPUT -o OUT --engine ray"),
}  # fmt: skip
_REINSTALL = "pip install --force-reinstall collectaudit"


def examine(shell: Shell, format_: str) -> int:
    """Print every part and how to get those that are missing; 5 if one is."""
    lines = requires("collectaudit") or ()
    needed = [line for line in lines if "extra ==" not in line]
    rows = [_python(), *map(_package, needed), *map(_folder, _FOLDERS), _zones(), *map(_optional, _OPTIONAL)]
    if format_ == "json":
        click.echo(json.dumps(rows, indent=2))
    else:
        _print(shell, rows)
    return 0 if _complete(rows) else MissingPart.exit_code


def _complete(rows: list[dict[str, Any]]) -> bool:
    return all(row["ok"] for row in rows if row["needed_for"] is None)


def _print(shell: Shell, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        state = shell.words("doctor.ok" if row["ok"] else "doctor.missing" if not row["found"] else "doctor.unfit")
        click.echo(f"{state}  {row['part']} {row['found'] or ''}".rstrip())
        if not row["ok"]:
            if row["needed_for"]:
                click.echo(shell.words("doctor.optional", what=row["needed_for"]))
            click.echo(shell.words("doctor.remedy", command=row["remedy"]))
    click.echo(shell.words("doctor.fine" if _complete(rows) else "doctor.not_fine"))


def _row(part: str, found: str | None, ok: bool, remedy: str, needed_for: str | None = None) -> dict[str, Any]:
    return {"part": part, "found": found, "ok": ok, "remedy": None if ok else remedy, "needed_for": needed_for}


def _python() -> dict[str, Any]:
    return _row("python", ".".join(map(str, sys.version_info[:3])), True, "")


def _package(requirement: str) -> dict[str, Any]:
    """One package: whether it is there, in a version that fits."""
    match = _REQUIREMENT.match(requirement)
    assert match is not None, requirement  # noqa: S101 — written by our own build
    name, bounds = match["name"], match["bounds"].strip()
    try:
        found = version(name)
    except PackageNotFoundError:
        return _row(name, None, False, f'pip install "{name}{bounds}"')
    ok = all(_COMPARE[sign](_numbers(found), _numbers(bound)) for sign, bound in _BOUND.findall(bounds))
    return _row(name, found, ok, f'pip install "{name}{bounds}"')


def _optional(part: str) -> dict[str, Any]:
    """A package that only one function needs."""
    extra, what = _OPTIONAL[part]
    try:
        return _row(part, version(part), True, "", what)
    except PackageNotFoundError:
        return _row(part, None, False, f"pip install 'collectaudit[{extra}]'", what)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _folder(name: str) -> dict[str, Any]:
    """The files that travel with the program; only the folder's name is shown, never where it lies."""
    files = [path for path in resources.folder(name).rglob("*") if path.is_file()]
    return _row(name, str(len(files)) if files else None, bool(files), _REINSTALL)


def _zones() -> dict[str, Any]:
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        return _row("time zones", None, False, "pip install tzdata")
    return _row("time zones", "Asia/Shanghai", True, "")
