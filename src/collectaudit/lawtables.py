"""The kinds of provisions: what each may say, and the rows of its law table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from .tomlcheck import Field, clock, flag, one_of, some_of, whole

Row = dict[str, Any]
Values = Mapping[str, Any]

CHANNELS = ("call", "sms", "im", "voicemail", "visit", "email", "letter")
ROLES = ("debtor", "guarantor", "collector", "family", "colleague", "reference", "lawyer", "other")
THIRD_PARTIES = ("family", "colleague", "reference", "other")
FACTS = (
    "agreed_hours", "quiet_hours_consent", "unreachable", "deceased", "incapacity", "third_party_consent",
    "refusal", "cease_request", "represented", "settled", "payment_plan", "visit_consent", "employer_forbids",
)  # fmt: skip
# Kinds of conduct, docs/regimes.md: the numbers are permanent, lexicons refer to them. unsorted: of no kind yet.
CONDUCTS = (*(f"T{number:02}" for number in range(1, 31)), "unsorted")
STATEMENTS = (
    "institution", "person", "purpose", "mini_miranda", "from_collector", "validation", "opt_out",
    "locating_only", "agency_notice", "amount", "due_date", "contact_details", "legal_basis", "objection_route",
)  # fmt: skip
MOMENTS = ("first_contact", "every_contact", "later_contact", "before_agency", "within_5_days")
# recording: calls are to be recorded; recording_if_made: they need not be, but what was recorded is kept.
OBJECTS = ("recording", "recording_if_made", "record", "impact_assessment")
UNITS = ("attempt", "unanswered", "connected", "effective")

# Words of a regime file that stand for several.
GROUPS: Mapping[str, Mapping[str, tuple[str | None, ...]]] = {
    "channels": {"any": CHANNELS},
    "to": {"anyone": tuple(role for role in ROLES if role != "collector"), "third_party": THIRD_PARTIES},
    "allowed_if": {"never": (None,)},
}
COLUMNS = {"channels": "channel", "weekdays": "weekday", "to": "to_role"}

_CHANNELS = Field(some_of((*CHANNELS, "any")), 'list the channels, or write channels = ["any"]')
_TO = Field(some_of((*ROLES, "anyone", "third_party")), 'list the roles contacted, for example to = ["debtor"]')
_WAIVER = Field(one_of(FACTS), "name the declared fact that lifts the provision", required=False)
_TIME = Field(clock, "write a TOML time without quotes: 08:00:00")
_PER = Field(one_of(("debtor", "number")), 'write "debtor" or "number"')


def _count(low: int, high: int, *, required: bool = True) -> Field:
    return Field(whole(low, high), f"write a whole number from {low} to {high}", required)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a provision of this kind may say; `together` names what is wrong between its values."""

    table: str | None
    fields: Mapping[str, Field] = field(default_factory=dict)
    defaults: Values = field(default_factory=dict)
    together: Callable[[Values], str | None] = lambda _values: None


def _hours(values: Values) -> str | None:
    return None if values["opens"] < values["closes"] else "opens must be earlier than closes"


def _limit(values: Values) -> str | None:
    if (values["unit"] == "effective") == ("min_seconds" in values):
        return None
    return 'min_seconds belongs to the unit "effective", and to no other'


def _third_party(values: Values) -> str | None:
    said = {"allowed_if", "max_contacts", "min_days_past_due"} & values.keys()
    return None if len(said) == 1 else "say exactly one of allowed_if, max_contacts, min_days_past_due"


def _visit(values: Values) -> str | None:
    said = {"requires_fact", "min_prior_contacts"} & values.keys()
    return None if said else "say requires_fact or min_prior_contacts"


def _steps(value: object) -> str | None:
    """At least two steps, each with channels, by_agency or both."""
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(step, dict) for step in value):
        return "is not a list of at least two steps"
    checks = {"channels": _CHANNELS.check, "by_agency": flag}
    for number, step in enumerate(value, 1):
        if not step or step.keys() - checks.keys():
            return f"has a step {number} that does not say channels, by_agency or both"
        if wrong := next(filter(None, (checks[key](said) for key, said in step.items())), None):
            return f"has a step {number} whose value {wrong}"
    return None


KINDS: Mapping[str, Kind] = {
    "principle": Kind(None),
    "hours": Kind(
        "contact_hours",
        {
            "channels": _CHANNELS,
            "to": _TO,
            "weekdays": Field(some_of(range(1, 8)), "list days from 1 (Monday) to 7", required=False),
            "opens": _TIME,
            "closes": _TIME,
            "closes_inclusive": Field(flag, "write true if the exact closing time is still allowed", required=False),
            "waiver": _WAIVER,
        },
        {"weekdays": list(range(1, 8)), "closes_inclusive": False},
        _hours,
    ),
    "limit": Kind(
        "contact_limits",
        {
            "channels": _CHANNELS,
            "to": _TO,
            "unit": Field(one_of(UNITS), "say what is counted"),
            "days": _count(1, 366),
            "max_count": _count(0, 1000),
            "min_seconds": _count(1, 3600, required=False),
            "per": _PER,
            "scope": Field(one_of(("collector", "lender")), 'write "collector" or "lender" (with its agencies)'),
            "waiver": _WAIVER,
        },
        together=_limit,
    ),
    "cooldown": Kind(
        "cooldowns", {"channels": _CHANNELS, "to": _TO, "days": _count(1, 366), "per": _PER, "waiver": _WAIVER}
    ),
    "burst": Kind(
        "redial_bursts",
        {"channels": _CHANNELS, "to": _TO, "gap_minutes": _count(1, 1440), "min_calls": _count(2, 1000)},
    ),
    "third_party": Kind(
        "third_party_terms",
        {
            "channels": _CHANNELS,
            "to": _TO,
            "allowed_if": Field(some_of((*FACTS, "never")), 'list the facts, any of which allows it', required=False),
            "max_contacts": _count(0, 1000, required=False),
            "min_days_past_due": _count(0, 3660, required=False),
        },
        together=_third_party,
    ),
    "stop": Kind(
        "stop_terms", {"channels": _CHANNELS, "to": _TO, "fact": Field(one_of(FACTS), "name the fact that ends it")}
    ),
    "escalation": Kind(
        "escalation_steps", {"steps": Field(_steps, 'write steps = [{channels = ["sms"]}, {by_agency = true}]')}
    ),
    "channels": Kind("permitted_channels", {"channels": _CHANNELS}),
    "visit": Kind(
        "visit_terms",
        {
            "to": _TO,
            "requires_fact": Field(one_of(FACTS), "name the fact a visit needs", required=False),
            "min_prior_contacts": _count(1, 1000, required=False),
        },
        together=_visit,
    ),
    "banned_conduct": Kind("banned_conduct", {"conduct": Field(some_of(CONDUCTS), "list conduct, T01 to T30")}),
    "statement": Kind(
        "required_statements",
        {
            "channels": _CHANNELS,
            "to": _TO,
            "statement": Field(some_of(STATEMENTS), "list what has to be said"),
            "moment": Field(one_of(MOMENTS), "say when it has to be said"),
            "within_seconds": _count(1, 3600, required=False),
        },
    ),
    "retention": Kind(
        "retention",
        {"object": Field(some_of(OBJECTS), "list what has to be kept"), "months": _count(1, 1200)},
    ),
}  # fmt: skip


def rows(kind: str, values: Values) -> list[Row]:
    """The provision spread over what it applies to: one row for each channel, weekday, role, …"""
    if kind == "escalation":
        return [row for number, step in enumerate(values["steps"], 1) for row in _step(number, step)]
    spec = KINDS[kind]
    choices = [_choices(key, values.get(key, spec.defaults.get(key))) for key in spec.fields]
    columns = [COLUMNS.get(key, key) for key in spec.fields]
    return [dict(zip(columns, choice, strict=True)) for choice in product(*choices)]


def _step(number: int, step: Values) -> Iterator[Row]:
    for channel in _choices("channels", step.get("channels", ["any"])):
        yield {"step": number, "channel": channel, "by_agency": step.get("by_agency")}


def _choices(key: str, value: object) -> list[object]:
    """The single values that a value stands for, each once, in order."""
    if not isinstance(value, list):
        return [value]
    groups = GROUPS.get(key, {})
    return list(dict.fromkeys(single for word in value for single in groups.get(word, (word,))))
