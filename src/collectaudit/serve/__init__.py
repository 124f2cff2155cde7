"""The dashboard's server: on this machine only, for whoever has its address, and nothing leaves through it.

Here is what its pages ask for where they run: the desk they work on, and the language if nobody chose one.
"""

from ..desk import Desk
from ..errors import WrongUse

_now: list[tuple[Desk, str]] = []


def begin(desk: Desk, lang: str) -> None:
    """From now on this process serves that desk."""
    _now[:] = [(desk, lang)]


def desk() -> Desk:
    """The desk that is served."""
    return _served()[0]


def language() -> str:
    """The language of the machine."""
    return _served()[1]


def _served() -> tuple[Desk, str]:
    if not _now:
        raise WrongUse("nothing is being served", "Start it with: collectaudit open")
    return _now[0]
