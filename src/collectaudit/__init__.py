"""collectaudit: audits how debts are collected. In Python: `audit`, `audit_many`, `Case`."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audit import audit as audit
    from .batch import audit_many as audit_many
    from .case import Case as Case

__version__ = "0.1.0"
_PUBLIC = {"audit": "audit", "audit_many": "batch", "Case": "case"}  # name → its module


def __getattr__(name: str) -> Any:
    """The public names are loaded when they are first asked for: `--help` needs none of them."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_PUBLIC[name]}", __name__), name)


class _Package(ModuleType):
    """Python puts each module that it has loaded into its package; `audit` stays the function."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "audit":
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
