"""What a dossier asks of a case. $1: the account that it is about, or NULL for all of them."""

# dismissed: a person has looked, and it is not so. review: nobody has confirmed it, and the records alone cannot.
# practice: rests on our own yardstick alone, which binds nobody: counted, never handed in.
STATE = """
CASE WHEN p.authority = 'practice' THEN 'practice'
    WHEN v.verdict = 'confirmed' THEN 'confirmed' WHEN v.verdict = 'dismissed' THEN 'dismissed'
    WHEN f.tier = 'review' THEN 'review' ELSE 'suspected' END"""
OF = "($1 IS NULL OR nullif(f.account, '') IS NOT DISTINCT FROM $1)"

FOUND = f"""
SELECT f.*, p.authority, p.modality, p.article, p.instrument_en, p.instrument_zh, p.quote, p.text_en, p.text_zh, p.url,
    p.confidence, p.reviewed, p.in_force_from, p.in_force_until, p.caveat_en, p.caveat_zh, r.title_en, r.title_zh,
    r.message_en, r.message_zh, r.limits_en, r.limits_zh, e.precision, v.verdict, v.note, v."by", v."at" AS judged_at,
    h.heard, h.passages, {STATE} AS state, x.event_ids
FROM findings f JOIN provisions p USING (provision_id) JOIN rule_runs r USING (rule_id)
LEFT JOIN (
    SELECT finding_id, list(event_id ORDER BY ordinal) AS event_ids FROM evidence
    SEMI JOIN (SELECT finding_id FROM findings f WHERE {OF}) USING (finding_id) GROUP BY 1
) x USING (finding_id)
LEFT JOIN verdicts v USING (finding_id) LEFT JOIN speech h USING (finding_id)
LEFT JOIN events e ON e.event_id = f.event_id
WHERE {OF}
ORDER BY f.occurred_at, f.rule_id, f.provision_id, f.finding_id
"""  # noqa: S608 — constants only
# Every finding of an account ($1, or of all) with its state.
STATED = f"""
SELECT f.finding_id, f.event_id, p.authority, {STATE} AS state
FROM findings f JOIN provisions p USING (provision_id) LEFT JOIN verdicts v USING (finding_id) WHERE {OF}
"""  # noqa: S608 — constants only
COUNTED = f"""
SELECT authority, state, count(*) AS n FROM ({STATED}) GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 — constants only

MINE = "($1 IS NULL OR account = $1)"
CONTACTS = f"""
SELECT count(*) AS contacts, count(*) FILTER (from_role = 'collector' AND NOT undirected) AS collector_contacts,
    count(DISTINCT to_number) FILTER (from_role = 'collector' AND NOT undirected
        AND to_role IN ('family', 'colleague', 'reference', 'other')) AS third_parties
FROM occasions WHERE {MINE}
"""  # noqa: S608 — constants only
SPAN = f"SELECT min(on_date) AS first_day, max(on_date) AS last_day FROM occasions WHERE {MINE}"  # noqa: S608 — constants only
DAYS = f"""
SELECT on_date AS day, channel, count(*) AS contacts, count(*) FILTER (from_role = 'collector') AS from_collector
FROM occasions WHERE {MINE} GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 — constants only
PARTIES = f"""
WITH ends AS (
    SELECT from_number AS number, account FROM occasions UNION ALL SELECT to_number, account FROM occasions
), seen AS (SELECT number, count(*) AS contacts FROM ends WHERE {MINE} GROUP BY 1)
SELECT p.number, p.role, p.name, p.organisation, p.lender, p.relation, p.basis, coalesce(s.contacts, 0) AS contacts
FROM parties p LEFT JOIN seen s USING (number)
WHERE p.role IS NOT NULL AND ($1 IS NULL OR p.account_id IS NULL OR p.account_id = $1)
ORDER BY p.role = 'debtor' DESC, p.role = 'collector' DESC, contacts DESC, p.number, p.name
"""  # noqa: S608 — constants only
REACHED = f"""
SELECT o.to_number AS number, any_value(o.to_role) AS role, min(p.name) AS name, min(p.relation) AS relation,
    count(*) AS contacts, min(on_date) AS first_day, max(on_date) AS last_day
FROM occasions o LEFT JOIN parties p ON p.number = o.to_number
WHERE {MINE} AND from_role = 'collector' AND NOT undirected
    AND to_role IN ('family', 'colleague', 'reference', 'other')
GROUP BY 1 ORDER BY contacts DESC, number
"""  # noqa: S608 — constants only
FROM_DEBTOR = f"""
SELECT count(*) AS from_debtor, min(on_date) AS first_day, max(on_date) AS last_day
FROM occasions WHERE {MINE} AND to_role = 'collector' AND NOT undirected
"""  # noqa: S608 — constants only
FACTS = """
SELECT account, party, fact, from_at, until_at, value, note FROM case_facts
WHERE $1 IS NULL OR account IS NULL OR account = $1 ORDER BY ALL
"""
AGREED = f"SELECT * FROM ({FACTS}) WHERE fact IN ('agreed_hours', 'quiet_hours_consent', 'third_party_consent', \
'unreachable', 'visit_consent')"  # noqa: S608 — constants only
GUARANTORS = """
SELECT DISTINCT number, name FROM parties
WHERE role = 'guarantor' AND ($1 IS NULL OR account_id IS NULL OR account_id = $1) ORDER BY ALL
"""
ENGINES = "SELECT DISTINCT engine FROM utterances WHERE engine IS NOT NULL ORDER BY engine"
LEXICONS = "SELECT DISTINCT lexicons_sha256 AS sha256 FROM patterns WHERE lexicons_sha256 IS NOT NULL ORDER BY 1"
