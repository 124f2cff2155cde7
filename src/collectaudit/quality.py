"""SHOW: how good the findings are: samples judged blind, agreement, precision of each rule, appeals, the log."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING, Any

from . import drawers
from .catalogue import Words
from .errors import WrongUse
from .evidence import files
from .evidence.folder import now
from .evidence.log import actor, head_fault, read_chain

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
ROWS = 50
MOST = 200  # findings of one rule in a sample
_Z = 1.959963984540054  # 95 %
_FEW = 30  # below so many findings a kappa says little
# Landis and Koch (1977): how a kappa up to this is called. Their words are a habit, no law of nature.
BANDS = ((0.0, "none"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"), (1.0, "high"))
_SYSTEM = ("t_utc", "t_mono", "tz", "actor", "host", "tool", "cmd", "ev", "seq", "prev", "h", "moves")


# Samples


def draw(case: "Case", per_rule: int, seed: str, by: str | None = None) -> int:
    """Draw at most so many findings of each rule and write them into the case; the number of the sample.

    Which ones depends on the seed and the findings alone: the first of each rule in order of md5(seed + finding_id).
    """
    if not 0 < per_rule <= MOST:
        raise WrongUse(f"a sample holds 1 to {MOST} findings of each rule")
    chosen = case.query(_DRAW, [seed, per_rule])
    if not chosen:
        raise WrongUse("there is no finding to draw")
    number = max((sample["sample"] for sample in samples(case)), default=0) + 1
    at, who = now(), by or actor()
    rows = [drawers.drawn(number, row["finding_id"], row["rule_id"], seed, who, at) for row in chosen]
    case.add_rows("sample", drawers.SAMPLES, rows)
    return number


def samples(case: "Case") -> list[Row]:
    """Every sample: sample (its number), seed, by, at, finding_ids (that still are findings), gone; last one first."""
    rows = drawers.read(case.path / drawers.SAMPLES).dicts()
    here = {row["finding_id"] for row in case.query(_HERE, [[row["finding_id"] for row in rows]])}
    found: dict[int, Row] = {}
    for row in rows:
        if not (row.get("sample") or "").strip().isdecimal():
            continue
        about = {name: row.get(name, "") for name in ("seed", "by", "at")}
        number = int(row["sample"])
        sample = found.setdefault(number, {"sample": number, **about, "finding_ids": [], "gone": 0})
        if row["finding_id"] in here:
            sample["finding_ids"].append(row["finding_id"])
        else:
            sample["gone"] += 1
    return sorted(found.values(), key=lambda sample: -int(sample["sample"]))


def next_blind(case: "Case", finding_ids: Sequence[str], reviewer: str) -> tuple[int, str | None]:
    """How many of a sample this reviewer has judged blind, and the next one that is left; None if none is."""
    done = {row["finding_id"] for row in case.query(_DONE, [reviewer])}
    left = [finding_id for finding_id in finding_ids if finding_id not in done]
    return len(finding_ids) - len(left), left[0] if left else None


# Agreement


def agreement(case: "Case", finding_ids: Sequence[str]) -> list[Row]:
    """Of each two reviewers of a sample: both (findings judged by both), agreed, kappa, interval, band, few."""
    said: dict[str, dict[str, str]] = {}
    for row in case.query(_BLIND, [list(finding_ids)]):
        said.setdefault(row["reviewer"], {})[row["finding_id"]] = row["verdict"]
    found = []
    for one, other in combinations(sorted(said), 2):
        both = sorted(said[one].keys() & said[other].keys())
        pairs = [(said[one][finding_id], said[other][finding_id]) for finding_id in both]
        found.append({"one": one, "other": other, **kappa(pairs)})
    return found


def kappa(pairs: Sequence[tuple[str, str]]) -> Row:
    """Cohen's kappa of two reviewers, with a 95 % interval; None where chance leaves nothing to agree on.

    kappa = (po - pe) / (1 - pe); standard error √(po (1 - po) / n) / (1 - pe) (Cohen 1960).
    """
    n = len(pairs)
    agreed = sum(one == other for one, other in pairs)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(firsts[name] * seconds[name] for name in firsts) / n**2 if n else 1.0
    found: Row = {"both": n, "agreed": agreed, "few": n < _FEW, "kappa": None, "interval": None, "band": None}
    if by_chance < 1:
        value = (agreed / n - by_chance) / (1 - by_chance)
        error = _Z * sqrt(agreed / n * (1 - agreed / n) / n) / (1 - by_chance)
        band = next(name for most, name in BANDS if value <= most + 1e-9)
        found |= {"kappa": value, "interval": (max(-1.0, value - error), min(1.0, value + error)), "band": band}
    return found


def judged(case: "Case", finding_ids: Sequence[str], lang: str) -> list[Row]:
    """The findings of a sample that two or more judged blind: those they disagree on and nobody has decided first.

    Of each: what each reviewer says (`opinions`), the final decision if there is one, rule, time, event_id.
    """
    words = Words(lang)
    return [{**row, "title": words.pick(row, "title")} for row in case.query(_JUDGED, [list(finding_ids)])]


# Precision


def precision(case: "Case", lang: str) -> list[Row]:
    """Of each rule with findings: how many were confirmed, dismissed, left unsure, not looked at; precision, interval.

    precision: confirmed / (confirmed + dismissed), with the 95 % interval of Wilson; None before anything was decided.
    """
    words = Words(lang)
    return [
        {**row, "title": words.pick(row, "title"), **share(row["confirmed"], row["confirmed"] + row["dismissed"])}
        for row in case.query(_PRECISION)
    ]


def share(some: int, of: int) -> Row:
    """`some` of so many as a share, and its 95 % interval by Wilson (1927); None if there is nothing."""
    if not of:
        return {"share": None, "interval": None}
    part = some / of
    middle = (part + _Z**2 / (2 * of)) / (1 + _Z**2 / of)
    half = _Z / (1 + _Z**2 / of) * sqrt(part * (1 - part) / of + _Z**2 / (4 * of**2))
    return {"share": part, "interval": (max(0.0, middle - half), min(1.0, middle + half))}


# Appeals


def appeals(case: "Case", lang: str) -> list[Row]:
    """Every appeal with its finding, the reasons, and the final decision that came after it; open ones first."""
    words = Words(lang)
    return [{**row, "title": words.pick(row, "title")} for row in case.query(_APPEALS)]


# The log


def log_page(case: "Case", number: int) -> Row:
    """One page of the log, counted from 1, latest first: n, head, fault (what is wrong with the head), rows.

    Of each record: seq, at (UTC), who, command, event, what else it says (`facts`), hash. Raises Broken and Cut.
    """
    folder = case.path / "log"
    chain = read_chain(folder)
    newest = chain.entries[::-1][ROWS * (max(number, 1) - 1) :][:ROWS]
    fault = head_fault(folder, chain)
    return {"n": len(chain.entries), "head": chain.head, "fault": fault, "rows": [_record(entry) for entry in newest]}


def _record(entry: Mapping[str, Any]) -> Row:
    known = {"at": "t_utc", "who": "actor", "command": "cmd", "event": "ev", "hash": "h", "tool": "tool"}
    facts = {name: str(value) for name, value in entry.items() if name not in _SYSTEM}
    return {"seq": entry["seq"], **{name: str(entry.get(key, "")) for name, key in known.items()}, "facts": facts}


def history_kept(case: "Case") -> bool | None:
    """Whether reviews.csv is as the log says this program wrote it last; None if it never did."""
    entries = read_chain(case.path / "log").entries
    written = [entry["sha256"] for entry in entries if entry.get("drawer") == drawers.REVIEWS]
    return files.has_hash(case.path / drawers.REVIEWS, written[-1]) if written else None


_HERE = "SELECT finding_id FROM findings SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS finding_id) USING (finding_id)"
_DONE = """SELECT DISTINCT finding_id FROM opinions WHERE kind = 'blind' AND lower("by") = lower(trim(?))"""

_DRAW = """
SELECT finding_id, rule_id FROM findings
QUALIFY row_number() OVER (PARTITION BY rule_id ORDER BY md5($1 || finding_id), finding_id) <= $2
ORDER BY md5($1 || finding_id), finding_id
"""

# Of one person's blind opinions on a finding the last one counts, as for the verdict.
_LAST_BLIND = """
SELECT finding_id, verdict, note, trim("by") AS reviewer, nth FROM opinions
WHERE kind = 'blind' AND verdict IS NOT NULL AND coalesce("by", '') <> ''
QUALIFY row_number() OVER (PARTITION BY finding_id, lower("by") ORDER BY nth DESC) = 1
"""

_BLIND = f"""
SELECT arg_min(reviewer, nth) OVER (PARTITION BY lower(reviewer)) AS reviewer, finding_id, verdict
FROM ({_LAST_BLIND}) SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS finding_id) USING (finding_id)
"""  # noqa: S608 — a constant

_JUDGED = f"""
WITH blind AS (
    SELECT finding_id, count(*) AS reviewers, count(DISTINCT verdict) > 1 AS disagree,
        list(struct_pack("by" := reviewer, verdict := verdict, note := note) ORDER BY reviewer) AS opinions
    FROM ({_LAST_BLIND}) SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS finding_id) USING (finding_id)
    GROUP BY finding_id HAVING count(*) > 1
)
SELECT b.*, f.rule_id, f.event_id, f.occurred_at, r.title_en, r.title_zh, e.precision,
    CASE WHEN v.kind = 'final' THEN v.verdict END AS decided
FROM blind b JOIN findings f USING (finding_id) JOIN rule_runs r USING (rule_id)
LEFT JOIN events e ON e.event_id = f.event_id LEFT JOIN verdicts v USING (finding_id)
ORDER BY disagree AND decided IS NULL DESC, disagree DESC, f.occurred_at, finding_id
"""  # noqa: S608 — a constant

_PRECISION = """
SELECT rule_id, title_en, title_zh, count(*) AS n,
    count(*) FILTER (verdict = 'confirmed') AS confirmed, count(*) FILTER (verdict = 'dismissed') AS dismissed,
    count(*) FILTER (verdict = 'unsure') AS unsure, count(*) FILTER (verdict IS NULL) AS open
FROM findings JOIN rule_runs USING (rule_id) LEFT JOIN verdicts USING (finding_id)
GROUP BY ALL ORDER BY n DESC, rule_id
"""

_APPEALS = """
SELECT a.nth, a.finding_id, a.note, a."by", a."at", f.event_id, f.occurred_at, e.precision, r.title_en, r.title_zh,
    d.verdict AS decided, d.note AS answer, d."by" AS decided_by, d."at" AS decided_at
FROM opinions a JOIN findings f USING (finding_id) JOIN rule_runs r USING (rule_id)
LEFT JOIN events e ON e.event_id = f.event_id
LEFT JOIN opinions d ON d.finding_id = a.finding_id AND d.kind = 'final' AND d.nth > a.nth
WHERE a.kind = 'appeal'
QUALIFY row_number() OVER (PARTITION BY a.nth ORDER BY d.nth DESC) = 1
ORDER BY decided IS NOT NULL, a.nth DESC
"""
