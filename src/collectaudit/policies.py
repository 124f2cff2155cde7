"""Standards of a person's own: a provision of some text with other values, asked beside it. No law is changed by them.

They are kept as regime files among the options of the case, so that the log and every run know which ones there were.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .errors import WrongUse
from .regimes import Provision, Regime, load_regimes

OPTION = "own"  # of the case: id → the regime file
_PREFIX = "own."
_OWN_TEXTS = {
    "title": {"en": "Own standard, after {instrument}", "zh": "自定标准（参照{instrument}）"},
    "text": {"en": "Own standard: {said} (after {instrument} {article}).",
             "zh": "自定标准：{said}（参照{instrument}{article}）。"},
    "caveat": {
        "en": "Set by whoever keeps this case. It is neither law nor an industry's rule, and changes none.",
        "zh": "由本案卷的使用者自行设定，不是法律，也不是行业规范；原有规定照旧适用。",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """What a person wants to have asked. `said`: its values in words, in either language."""

    provision_id: str
    values: Mapping[str, Any]
    said: Mapping[str, str]


def own_regimes(own: Mapping[str, str]) -> list[Regime]:
    """The standards of a case, from its options; raises WrongUse with every problem of a file."""
    if not own:
        return []
    with TemporaryDirectory() as folder:
        for name, text in own.items():
            (Path(folder) / f"{name}.toml").write_text(text, encoding="utf-8")
        return load_regimes([Path(folder)])


def added(own: Mapping[str, str], policy: Policy, explicit: tuple[str, ...], day: date) -> dict[str, str]:
    """The standards of a case and one more; WrongUse if its provision is not known or its values are not possible."""
    regime, provision = _base(own, policy.provision_id)
    number = next(n for n in range(1, len(own) + 2) if f"{_PREFIX}{n}" not in own)
    name = f"{_PREFIX}{number}"
    text = as_toml(name, regime, provision, policy, day, scoped=regime.id not in explicit)
    own_regimes({name: text})
    return {**own, name: text}


def _base(own: Mapping[str, str], provision_id: str) -> tuple[Regime, Provision]:
    for regime in (*load_regimes(), *own_regimes(own)):
        for provision in regime.provisions:
            if provision.provision_id == provision_id:
                return regime, provision
    raise WrongUse("this provision is not known any more", "Judge the case again first.")


def as_toml(name: str, regime: Regime, provision: Provision, policy: Policy, day: date, *, scoped: bool) -> str:
    """The regime file. `scoped`: it applies to whom the text it is taken from applies."""
    head = {"id": name, "jurisdiction": regime.jurisdiction, "issuer": "own", "authority": "practice",
            "language": "zh", "reviewed": day}  # fmt: skip
    lines = ["# A standard of this case's own. It is no law and changes none.", *_pairs(head)]
    lines += _texts("title", provision, policy)
    if scoped and (scope := regime.applies_to):
        lines += ["", "[applies_to]"]
        lines += _pairs({"fact": scope.fact, "values": list(scope.values), "when_unknown": scope.when_unknown})
    about = {"key": provision.key, "kind": provision.kind, "from": provision.in_force_from}
    if provision.in_force_until != date.max:
        about["until"] = provision.in_force_until
    about |= {"modality": "advise", "article": "—", "url": "docs/regimes.md", "confidence": "V"}
    lines += ["", "[[provision]]", *_pairs({**about, "tier": provision.tier})]
    lines += [*_texts("text", provision, policy), *_texts("caveat", provision, policy)]
    return "\n".join([*lines, *_pairs({**provision.values, **policy.values}), ""])


def _texts(what: str, provision: Provision, policy: Policy) -> list[str]:
    return [
        f"{what}.{lang} = "
        + _toml(
            template.format(
                instrument=getattr(provision, f"instrument_{lang}"), article=provision.article, said=policy.said[lang]
            )
        )
        for lang, template in _OWN_TEXTS[what].items()
    ]


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in values.items()]


def _toml(value: object) -> str:
    """A value as TOML writes it: a text of JSON is one of TOML, too."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(_pairs(value)) + "}"
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
