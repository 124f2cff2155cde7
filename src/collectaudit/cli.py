"""The command line: finds the language, runs the command, and turns whatever happens into an exit code.

Nothing heavy is imported here or by the command modules; `--help` must answer at once.
"""

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click

from collectaudit import __version__
from collectaudit.catalogue import LANGUAGES, Words, language
from collectaudit.commands import cases, doctor, findings, handing, measure, opening, packs, persons, sound, trust
from collectaudit.commands.shell import Group, Option, Shell
from collectaudit.errors import CollectAuditError
from collectaudit.safe_text import term_safe

# 0–5 mean what the README says; a crash is none of them, so that it never reads as findings.
WRONG_USE, CRASHED, INTERRUPTED, NO_READER = 2, 70, 130, 141
_COMPLETE = "_COLLECTAUDIT_COMPLETE"


@click.group(cls=Group)
def root() -> None:
    """The program."""


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"collectaudit {__version__}")
        ctx.exit()


root.params.append(Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version))
for command in (
    cases.demo, opening.open_, cases.inspect, cases.audit, cases.batch, sound.transcribe, findings.show, persons.people,
    persons.declare, persons.tell, findings.hear, findings.review, cases.status, trust.verify, trust.custody,
    trust.rebuild, cases.export, handing.report, handing.pack, trust.seal, trust.keys, trust.purge, packs.rules,
    packs.regimes, packs.lexicons, measure.evaluate, sound.models, doctor.doctor,
):  # fmt: skip
    root.add_command(command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # A Chinese name on a terminal that cannot show it is no reason to stop.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    shell = Shell(Words(_language(args)), verbose=bool({"-v", "--verbose"} & set(args)))
    try:
        return _run(args, shell)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        return _wrong_use(shell, error)
    except CollectAuditError as error:
        return _complain(shell, error)
    except (KeyboardInterrupt, click.Abort):
        _tell(shell, "cli.interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it exits
        return NO_READER
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001 — the last line: a crash would exit with 1, which means findings
        return _crash(shell)


def _language(args: Sequence[str]) -> str:
    """What `--lang` says anywhere on the line, else what the environment says; help pages need it first."""
    asked = [after for arg, after in pairwise(args) if arg == "--lang"]
    asked += [arg.removeprefix("--lang=") for arg in args if arg.startswith("--lang=")]
    return asked[-1] if asked and asked[-1] in LANGUAGES else language(os.environ)


def _run(args: list[str], shell: Shell) -> int:
    root.speak(shell.words)
    if _COMPLETE in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(root, {}, "collectaudit", _COMPLETE, os.environ[_COMPLETE])
    with root.make_context("collectaudit", args, obj=shell) as context:
        code: Any = root.invoke(context)
    sys.stdout.flush()
    return code or 0


def _tell(shell: Shell, key: str, **args: object) -> None:
    click.echo(shell.words(key, **args), err=True)


def _complain(shell: Shell, error: CollectAuditError) -> int:
    said = "\n".join(map(shell.words.sentence, filter(None, (error.what, error.fix))))
    _tell(shell, "cli.error", what="\n".join(map(term_safe, said.splitlines())))
    return error.exit_code


def _wrong_use(shell: Shell, error: click.UsageError) -> int:
    _tell(shell, "cli.usage_error", what=term_safe(_reason(shell.words, error)))
    _tell(shell, "cli.try_help", command=error.ctx.command_path if error.ctx else "collectaudit")
    return WRONG_USE


def _reason(words: Words, error: click.UsageError) -> str:
    """click's own complaints in the user's language."""
    match error:
        case click.NoSuchOption():
            return words("usage.no_option", what=error.option_name)
        case click.BadOptionUsage():
            return words("usage.needs_value", what=error.option_name)
        case click.MissingParameter() if error.param:
            return words("usage.missing", what=_param(error.param))
        case click.BadParameter() if error.param:
            return words("usage.bad", param=_param(error.param), why=error.message)
    return error.format_message()


def _param(param: click.Parameter) -> str:
    return param.opts[-1] if isinstance(param, click.Option) else str(param.metavar)


def _crash(shell: Shell) -> int:
    import tempfile

    _tell(shell, "cli.crash")
    if shell.verbose:
        click.echo(_where(sys.exception()), err=True)
        return CRASHED
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="backslashreplace", prefix="collectaudit-error-", suffix=".log", delete=False
    ) as log:
        log.write(_where(sys.exception()))
    _tell(shell, "cli.crash_log", path=log.name)
    return CRASHED


def _where(error: BaseException | None) -> str:
    """Where in the program it happened and of which kind it is; never its message, which may quote the data."""
    import traceback

    lines: list[str] = []
    while error is not None:
        lines += [*traceback.format_tb(error.__traceback__), f"{type(error).__module__}.{type(error).__qualname__}\n"]
        error = error.__cause__ or error.__context__
    return "".join(lines)
