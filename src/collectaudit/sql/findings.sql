-- From what the rules returned to findings and evidence.
-- Given, beside the tables of the run: asked (n, the rule's columns of rule_runs), hits (n, what rule n returned),
-- explicit (regime): those to be taken as applying.

CREATE TEMP VIEW placed AS
SELECT h.*, p.regime, p.authority, p.modality, p.tier AS provision_tier, c.at_local, c.on_date,
    coalesce(c.lender, '') AS lender
FROM hits h JOIN provisions p USING (provision_id) JOIN contacts c USING (event_id);

-- Where it has to be asked whether a regime applies: once for each account, lender and day.
CREATE TEMP TABLE scoped AS
SELECT DISTINCT regime, account, lender, on_date
FROM placed SEMI JOIN regime_scopes USING (regime) ANTI JOIN explicit USING (regime);

-- What the export or a person says there: the lender of the contact itself goes before a declared one.
CREATE TEMP VIEW said AS
SELECT regime, account, lender, on_date, 'lender' AS fact, lender AS value FROM scoped WHERE lender <> ''
UNION ALL
SELECT regime, s.account, lender, on_date, fact, value
FROM scoped s JOIN case_facts f ON f.account = s.account
WHERE (fact <> 'lender' OR lender = '')
    AND (from_at IS NULL OR CAST(from_at AS DATE) <= on_date) AND (until_at IS NULL OR on_date < until_at)
UNION ALL
SELECT regime, s.account, lender, on_date, fact, value
FROM scoped s CROSS JOIN case_facts f
WHERE f.account IS NULL AND (fact <> 'lender' OR lender = '')
    AND (from_at IS NULL OR CAST(from_at AS DATE) <= on_date) AND (until_at IS NULL OR on_date < until_at);

CREATE TEMP TABLE applicability AS
WITH compared AS (
    SELECT s.*, r.fact, max(r.when_unknown) AS when_unknown,
        bool_or(lower(trim(d.value)) = lower(trim(r.value))) AS fits  -- NULL: nobody says
    FROM scoped s
    JOIN regime_scopes r USING (regime)
    LEFT JOIN said d USING (regime, account, lender, on_date, fact)
    GROUP BY ALL
)
SELECT regime, account, lender, on_date,
    bool_and(coalesce(fits, when_unknown = 'review')) AS applies, bool_or(fits IS NULL) AS unknown
FROM compared
GROUP BY ALL;

CREATE TEMP TABLE judged AS
SELECT
    left(sha256(concat_ws(chr(10), r.rule_id, p.provision_id, array_to_string(p.event_ids, chr(10)),
        coalesce(p.signal_id, ''))), 16) AS finding_id,
    r.rule_id, p.regime, p.provision_id,
    CASE WHEN p.tier = 'review' OR p.provision_tier = 'review' OR a.unknown THEN 'review' ELSE 'finding' END AS tier,
    -- no finding weighs more than the word of its provision
    list_extract(['low', 'medium', 'high', 'severe'], least(
        list_position(['low', 'medium', 'high', 'severe'], r.severity),
        CASE WHEN p.authority = 'practice' THEN 1 WHEN p.modality = 'prohibit' THEN 4
             WHEN p.modality IN ('require', 'presume') THEN 2 ELSE 1 END)) AS severity,
    p.account, p.event_id, p.at_local AS occurred_at, p.facts, p.event_ids, p.signal_id
FROM placed p
JOIN asked r USING (n)
LEFT JOIN applicability a USING (regime, account, lender, on_date)
WHERE coalesce(a.applies, true);

-- The same rule, provision and contacts twice are one finding, with the facts that come first.
CREATE TEMP TABLE doubled AS
SELECT * FROM judged SEMI JOIN (SELECT finding_id FROM judged GROUP BY finding_id HAVING count(*) > 1) USING (finding_id)
QUALIFY row_number() OVER (PARTITION BY finding_id ORDER BY facts, tier, account, event_id) = 1;

CREATE TEMP VIEW single AS
SELECT * FROM judged ANTI JOIN doubled USING (finding_id) UNION ALL SELECT * FROM doubled;

CREATE TEMP VIEW findings_rows AS
SELECT finding_id, rule_id, regime, provision_id, tier, severity, account, event_id, occurred_at, facts FROM single;

CREATE TEMP VIEW evidence_rows AS
SELECT finding_id, CAST(ordinal AS INTEGER) AS ordinal, event_id, CASE WHEN event_id = own THEN signal_id END AS signal_id
FROM (
    SELECT finding_id, event_id AS own, signal_id, unnest(event_ids) AS event_id,
        generate_subscripts(event_ids, 1) AS ordinal
    FROM single
);

CREATE TEMP VIEW rule_runs_rows AS
SELECT rule_id, rule_sha256, status, reason, contacts_seen, count(finding_id) AS findings, a.severity,
    title_en, title_zh, message_en, message_zh, sql
FROM asked a LEFT JOIN single USING (rule_id)
GROUP BY ALL;
