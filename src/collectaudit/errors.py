"""Errors for people: what happened, where, and what to do; each knows the exit code of the command line."""


class CollectAuditError(Exception):
    """An expected failure. `what` says what happened and where, `fix` what to do."""

    exit_code = 2

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}\n{self.fix}" if self.fix else self.what


class WrongUse(CollectAuditError):
    """The command or a file written by a person asks for something that cannot be done (exit 2)."""


class InputProblem(CollectAuditError):
    """An input is missing or cannot be read (exit 3)."""

    exit_code = 3


class IntegrityError(CollectAuditError):
    """Bytes on disk are not those that were recorded (exit 4)."""

    exit_code = 4


class MissingPart(CollectAuditError):
    """An optional part is not installed (exit 5)."""

    exit_code = 5
