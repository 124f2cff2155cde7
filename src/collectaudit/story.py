"""SHOW: what happened, for whom it happened to: a few numbers, and what was found, a contact and a rule at a time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import contact, contacts, listing, views
from .drawers import TOLD, read
from .evidence.files import sha256_of
from .filtering import Wanted
from .wording import turns_of, utterance

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
Filter = Mapping[str, Sequence[str]]
ROWS = 10
THIRD = ("family", "colleague", "reference", "other")
# What a reader would call a threat: what the rules on words found, without mere abuse and without open questions.
THREATS = (
    "threatening-language", "third-party-contact-threat", "call-bombing-threat", "coercive-visit", "public-shaming",
    "false-legal-threat", "self-harm-urging",
)  # fmt: skip
# The numbers of the sentences: each is what the list of contacts counts with this filter.
CONTACTS: Mapping[str, Filter] = {
    "theirs": {"side": ("theirs",)},
    "outside": {"side": ("theirs",), "found": ("out-of-hours",)},
    "third": {"side": ("theirs",), "party": THIRD},
    "threats": {"found": THREATS},
}
# The same of the list of findings.
FINDINGS: Mapping[str, Filter] = {
    "all": {},
    "confirmed": {"verdict": ("confirmed",)},
    "dismissed": {"verdict": ("dismissed",)},
    "open": {"verdict": (listing.UNREVIEWED, "unsure")},
}


def numbers(case: "Case") -> Row:
    """The numbers of the sentences, by the names of CONTACTS and FINDINGS; first_day, last_day; what was not judged."""
    judged = listing.by_verdict(case)
    return {
        **{name: contacts.count(case, Wanted(chosen)) for name, chosen in CONTACTS.items()},
        **{
            name: sum(judged.get(verdict, 0) for verdict in chosen.get("verdict", judged))
            for name, chosen in FINDINGS.items()
        },
        **listing.span(case),
        **case.query(_UNJUDGED)[0],
        "untranscribed": views.status(case)["untranscribed"],
    }


def cards(case: "Case", page: int, rule: str = "") -> Row:
    """What was found, a rule and a contact at a time, what weighs most first: n, open (without a verdict), rows.

    A row: rule, event_id, findings (how many texts say so), severity, tier, verdict (None: not all have one, or they
    differ). Words that a machine is not sure of are left out; `doubted` has them.
    """
    about = _asked(case, _COUNT, rule)[0]
    rows = _asked(case, _PAGE, rule, ROWS, ROWS * (max(page, 1) - 1))
    return {**about, "rows": rows}


def _asked(case: "Case", sql: str, rule: str, *params: object) -> list[Row]:
    """A question to the cards of a rule, or of all of them."""
    return case.query(sql, [rule, *params], **_TABLES)


def by_rule(case: "Case", lang: str) -> list[Row]:
    """Each rule that found something, what weighs most first: rule, title, n (cards), open, severity."""
    titles = listing.rule_titles(case, lang)
    return [{**row, "title": titles[row["rule"]]} for row in case.query(_BY_RULE, **_TABLES)]


def next_open(case: "Case", rule: str, event_id: str) -> Row | None:
    """The first card without a verdict behind this one, in the order of the cards; or else the first of all."""
    for among in dict.fromkeys((rule, "")):  # of one rule alone it takes a fraction of the time
        rows = _asked(case, _NEXT, among, rule, event_id)
        if rows and (rows[0].pop("behind") or not among):
            return rows[0]
    return None


def card(case: "Case", rule: str, event_id: str, lang: str) -> Row | None:
    """One card: the contact (as `contact.contact`, of what was said only the turns beside what was found), its
    findings by this rule (as `views.finding`), what weighs most first, and whether they rest on a statement alone.
    """
    rows = case.query(_THESE, [rule, event_id])
    ids = [row["finding_id"] for row in rows]
    about = contact.contact(case, event_id, lang) if ids else None
    if about is None:
        return None
    findings = [found for one in ids[:1] if (found := views.finding(case, one, lang))]
    texts: dict[tuple[str, str], Row] = {}
    for row in rows:
        texts.setdefault((row["instrument_zh"], row["article"]), row)
    cited, stated = list(texts.values()), rests_on_word(case, ids[0])
    return {**about, "card": findings[0], "finding_ids": ids, "texts": cited, "stated": stated}


def rests_on_word(case: "Case", finding_id: str) -> int:
    """How many of the contacts and words that a finding rests on are only stated by a person."""
    return int(case.query(_STATED, [finding_id])[0]["n"]) if case.query(_TELLERS) else 0


def doubted(case: "Case", limit: int = 50) -> Row:
    """Transcribed passages that may well be wrong, and are in no number: n, and the first rows in order of time."""
    rows = case.query(_DOUBTED, [limit])
    if not rows:
        return {"n": 0, "rows": []}
    spans = [{"utterance_id": row["utterance_id"]} for row in rows]
    turns = [utterance(turn, []) for turn in turns_of(case, spans, beside=0)]
    return {"n": rows[0]["n"], "rows": turns}


def waiting(case: "Case") -> int:
    """How many statements (told.csv) were written down or changed since the case was judged last."""
    path = case.path / TOLD
    if not path.exists():
        return 0
    row = case.query(_READ)[0] if case.run() else {"sha256": None, "records": 0}
    written = len(read(path).rows)
    return 0 if row["sha256"] == sha256_of(path) else max(written - int(row["records"] or 0), 1)


_READ = "SELECT max(sha256) AS sha256, max(records) AS records FROM sources WHERE source_id = 'told'"
_UNJUDGED = """
SELECT (SELECT count(*) FROM (
        SELECT from_number AS number FROM occasions WHERE from_role IS NULL AND from_number IS NOT NULL
        UNION SELECT to_number FROM occasions WHERE to_role IS NULL AND to_number IS NOT NULL)) AS strangers,
    (SELECT count(*) FROM occasions WHERE undirected) AS undirected,
    (SELECT count(*) FROM rejects) AS rejects,
    (SELECT count(*) FROM rule_runs WHERE status <> 'ran') AS rules
"""

_WEIGHTS = "['low', 'medium', 'high', 'severe']"
_RANK = f"list_position({_WEIGHTS}, severity)"
# The cards and their order are the same as long as the run is; what people said to them are few rows, and asked anew.
_CARDS = f"""
WITH each AS (
    SELECT rule_id AS rule, event_id, min(occurred_at) AS at_local, count(*) AS findings, max({_RANK}) AS rank,
        min(tier) AS tier
    FROM findings ANTI JOIN doubts USING (finding_id) GROUP BY rule_id, event_id
),
ruled AS (SELECT *, max((rank, tier = 'finding')) OVER (PARTITION BY rule) AS weight FROM each)
SELECT *, list_extract({_WEIGHTS}, rank) AS severity,
    row_number() OVER (ORDER BY weight DESC, rule, tier, rank DESC, at_local, event_id) AS place
FROM ruled ORDER BY place
"""  # noqa: S608 — constants only
_SAID = """
SELECT place, rule, count(verdict) < any_value(c.findings) AS open,
    CASE WHEN NOT open AND min(verdict) = max(verdict) THEN min(verdict) END AS verdict
FROM findings f JOIN verdicts USING (finding_id) JOIN cards c ON c.rule = f.rule_id AND c.event_id = f.event_id
ANTI JOIN doubts USING (finding_id) GROUP BY place, rule
"""
_PER_RULE = """
SELECT rule, count(*) AS n, max_by(severity, rank) AS severity, min(tier) AS tier, min(place) AS place
FROM cards GROUP BY rule
"""
_TABLES = {"doubts": contacts.DOUBTED, "cards": _CARDS, "per_rule": _PER_RULE, "said": _SAID}

_OF = "($1 = '' OR rule = $1)"
_COUNT = f"""
SELECT n, n - closed AS open
FROM (SELECT coalesce(sum(n), 0)::BIGINT AS n FROM per_rule WHERE {_OF}),
    (SELECT count(*) AS closed FROM said WHERE NOT open AND {_OF})
"""  # noqa: S608 — constants only
_PAGE = f"""
SELECT c.*, coalesce(s.open, true) AS open, s.verdict
FROM (FROM cards WHERE {_OF} ORDER BY place LIMIT $2 OFFSET $3) c LEFT JOIN said s USING (place) ORDER BY place
"""  # noqa: S608 — constants only
_BY_RULE = """
SELECT rule, n, n - coalesce(closed, 0) AS open, severity, tier
FROM per_rule LEFT JOIN (SELECT rule, count(*) AS closed FROM said WHERE NOT open GROUP BY rule) USING (rule)
ORDER BY place
"""
_NEXT = f"""
SELECT rule, event_id, place > coalesce(here, 0) AS behind
FROM cards, (SELECT max(place) AS here FROM cards WHERE rule = $2 AND event_id = $3)
WHERE {_OF} AND place NOT IN (SELECT place FROM said WHERE NOT open) ORDER BY behind DESC, place LIMIT 1
"""  # noqa: S608 — constants only

_THESE = f"""
SELECT finding_id, f.tier, instrument_en, instrument_zh, article, authority
FROM findings f JOIN provisions p USING (provision_id) WHERE rule_id = ? AND event_id = ?
ORDER BY {_RANK} DESC, f.tier, list_position(['law', 'rule', 'std', 'self', 'guide', 'promise', 'practice'], authority),
    provision_id, finding_id
"""  # noqa: S608 — constants only
_TELLERS = "SELECT source_id FROM sources WHERE kind = 'told' ORDER BY ALL"
_STATED = """
SELECT (SELECT count(*) FROM evidence SEMI JOIN told USING (event_id) WHERE finding_id = $1)
    + (SELECT count(*) FROM evidence v JOIN signals s USING (signal_id) JOIN utterances u USING (utterance_id)
       JOIN sources x ON x.source_id = u.source_id
       WHERE finding_id = $1 AND kind = 'told' AND v.event_id NOT IN (SELECT event_id FROM told)) AS n
"""

_DOUBTED = """
SELECT utterance_id, count(*) OVER () AS n FROM spoken WHERE doubtful ORDER BY at_local, event_id, ordinal LIMIT ?
"""
