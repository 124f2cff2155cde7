"""click in two languages: what every command shares, and help pages whose texts come from the catalogue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from collectaudit.catalogue import Words
from collectaudit.wrapping import cells, wrap

if TYPE_CHECKING:
    from collectaudit.evidence.folder import CaseFolder

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Shell:
    """How this run speaks: its language, and how much; the bar that is drawn while it works."""

    words: Words
    quiet: bool = False
    verbose: bool = False
    bar: Any = None


def shell() -> Shell:
    """The shell of the command being run."""
    found = click.get_current_context().find_object(Shell)
    assert found is not None, "commands run below collectaudit.cli.main"  # noqa: S101 — set by main()
    return found


def say_head(case: "CaseFolder") -> None:
    """The newest hash of the log, after whatever was written; noted elsewhere, it binds all that came before it."""
    if not shell().quiet:
        click.echo(say("done.head", head=case.log_head()), err=True)


def say(key: str, /, **args: object) -> str:
    """A text in the language of the command being run."""
    return shell().words(key, **args)


class Formatter(click.HelpFormatter):
    """click's help page with our headings and with lines measured in columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, prefix or say("cli.usage") + " ")

    def write_heading(self, heading: str) -> None:
        """A heading; click's own are English."""
        self.write(say(f"cli.{heading.lower()}") + "\n")

    def write_text(self, text: str) -> None:
        """Paragraphs; a line that begins with two spaces is an example and stays as it is."""
        for line in text.splitlines():
            parts = [line] if line.startswith("  ") else wrap(line, self.width - self.current_indent)
            self.buffer += [f"{'':{self.current_indent}}{part}".rstrip() + "\n" for part in parts]

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean, in two columns."""
        rows = list(rows)
        indent = self.current_indent + min(max(cells(term) for term, _ in rows), col_max) + col_spacing
        for term, meaning in rows:
            first, *more = wrap(meaning, max(self.width - indent, 20))
            head = f"{'':{self.current_indent}}{term}"
            gap = indent - cells(head)
            self.write(head + (" " * gap if gap >= col_spacing else f"\n{'':{indent}}") + first + "\n")
            self.buffer += [f"{'':{indent}}{line}\n" for line in more]


class Context(click.Context):
    """A context whose help pages are ours."""

    formatter_class = Formatter


class Option(click.Option):
    """An option whose help is one text of the catalogue, without additions in English."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its text."""
        record = super().get_help_record(ctx)
        return record and (record[0], self.help or "")


class Command(click.Command):
    """A command with the options that work everywhere."""

    context_class = Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        own = {"params": [*(kwargs.get("params") or []), *_common()], "add_help_option": False}
        super().__init__(*args, **{**kwargs, **own})
        self.allow_extra_args = True

    def invoke(self, ctx: click.Context) -> Any:
        """Run; what nobody asked for is a mistake, said in the user's language."""
        if ctx.args:
            raise click.UsageError(say("usage.extra", what=" ".join(ctx.args)), ctx)
        return super().invoke(ctx)


class Group(click.Group):
    """A command that only has commands; without one it shows them."""

    context_class = Context
    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        own = {"params": _common(), "callback": _commands, "invoke_without_command": True, "add_help_option": False}
        super().__init__(*args, **{**kwargs, **own})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        """In the order in which they are needed."""
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command of that name."""
        if args[0] not in self.commands:
            raise click.UsageError(say("usage.no_command", what=args[0], known=", ".join(self.commands)), ctx)
        return super().resolve_command(ctx, args)

    def speak(self, words: Words, path: Sequence[str] = ()) -> None:
        """Give this group and everything below it the texts of one language."""
        for name, command in self.commands.items():
            _translate(command, words, [*path, name])
            if isinstance(command, Group):
                command.speak(words, [*path, name])
        if not path:
            _translate(self, words, ["collectaudit"])
        self.subcommand_metavar = words("cli.subcommand")


def _translate(command: click.Command, words: Words, path: Sequence[str]) -> None:
    name = "-".join(path)
    command.help = words(f"help.{name}")
    command.short_help = command.help.partition("\n")[0]
    command.options_metavar = words("cli.options_metavar")
    for param in command.params:
        if isinstance(param, click.Option):
            own = f"option.{name}-{param.name}"
            param.help = words(own if own in words else f"option.{param.name}")


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """`click.option` whose help comes from the catalogue by the option's name."""
    return click.option(*names, cls=Option, **settings)


def _common() -> list[click.Parameter]:
    return [
        Option(["--lang"], metavar="zh|en", type=click.Choice(("zh", "en")), expose_value=False),
        Option(["-q", "--quiet"], is_flag=True, expose_value=False, callback=_quiet),
        Option(["-v", "--verbose"], is_flag=True, expose_value=False, callback=_verbose),
        Option(["-h", "--help"], is_flag=True, is_eager=True, expose_value=False, callback=_help),
    ]


def _commands() -> None:
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _quiet(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Shell).quiet |= value


def _verbose(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.ensure_object(Shell).verbose |= value


def _help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(ctx.get_help())
        ctx.exit()
