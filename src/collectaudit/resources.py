"""Where the data that travels with the program lies: in the wheel, or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `queries`, `regimes`, `lexicons`, `sample_data` or `app`."""
    installed = _PACKAGE / "data" / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name
