"""SHOW: whether an audit saw all that it was given; it decides the exit code."""

from typing import TYPE_CHECKING

from .reading import ASIDE

if TYPE_CHECKING:
    from .case import Case


def incomplete(case: "Case") -> bool:
    """Whether a named input is missing, unreadable or partial, or nothing was read."""
    return bool(case.errors) or not case.query(_READ, [ASIDE])


def in_part(case: "Case") -> bool:
    """Whether anything was read in part, or a rule failed."""
    return bool(case.query(_IN_PART))


_READ = """
SELECT 1 FROM sources
WHERE kind IS DISTINCT FROM $1 AND (status = 'ok' OR (status = 'partial' AND events > 0)) LIMIT 1
"""
_IN_PART = """
SELECT 1 FROM sources WHERE status <> 'ok' OR rejects > 0
UNION ALL SELECT 1 FROM rule_runs WHERE status = 'failed' LIMIT 1
"""
