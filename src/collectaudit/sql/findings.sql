-- From what the rules returned to findings and evidence.
-- Given, beside the tables of the run: kinds (what findings of rule n under a provision have in common), hits (n, what
-- rule n returned), explicit (regime): those to be taken as applying, and the variable told: whether a person stated any
-- contact.

-- Accounts with a declaration of their own on what decides whether a regime applies.
CREATE OR REPLACE TEMP TABLE informed AS
SELECT DISTINCT account FROM case_facts SEMI JOIN regime_scopes USING (fact) WHERE account <> '';

-- Where it has to be asked: on each day of each lender, and again in those accounts.
CREATE OR REPLACE TEMP TABLE scoped AS
WITH selective AS (SELECT DISTINCT regime FROM regime_scopes ANTI JOIN explicit USING (regime))
SELECT regime, '' AS account, lender, on_date
FROM (SELECT DISTINCT coalesce(lender, '') AS lender, on_date FROM occasions) CROSS JOIN selective
UNION ALL
SELECT DISTINCT regime, h.account, coalesce(lender, ''), on_date
FROM hits h SEMI JOIN informed i ON i.account = h.account
JOIN provisions ON provisions.provision_id = h.provision_id
SEMI JOIN selective USING (regime)
JOIN occasions c ON c.event_id = h.event_id;

-- What the export or a person says there: the lender of the contact itself goes before a declared one.
CREATE OR REPLACE TEMP VIEW said AS
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

CREATE OR REPLACE TEMP TABLE applicability AS
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

-- What only a person's own statement shows asks for a reader. Where a rule counts, a finding stands if enough contacts
-- are left without those that are only stated; any other rule needs every contact that it names, and its words. What was
-- not said cannot be told from what somebody remembers.
CREATE OR REPLACE TEMP VIEW weighed AS
SELECT h.*,
    CASE WHEN NOT getvariable('told') THEN false
        WHEN list_has_any(event_ids, ids) THEN len(event_ids) - len(list_intersect(event_ids, ids))
            < coalesce(CAST(facts ->> 'max_count' AS INTEGER) + 1, CAST(facts ->> 'max_contacts' AS INTEGER) + 1,
                CAST(facts ->> 'min_calls' AS INTEGER), len(event_ids))
        WHEN signal_id IS NOT NULL THEN list_contains(words, signal_id)
        WHEN days <> [] THEN list_contains(days, concat_ws(' ', facts ->> 'spoke_on', h.account))
        ELSE false END AS stated
FROM hits h, (
    SELECT coalesce(list(event_id), []) AS ids, coalesce(list(concat_ws(' ', CAST(on_date AS VARCHAR), account)), []) AS days
    FROM told JOIN occasions USING (event_id)
), (
    SELECT coalesce(list(signal_id), []) AS words FROM signals JOIN utterances USING (utterance_id)
    JOIN sources ON sources.source_id = utterances.source_id WHERE sources.kind = 'told'
)
WHERE NOT getvariable('told') OR facts ->> 'statements' IS NULL OR event_id NOT IN (
    SELECT u.event_id FROM utterances u JOIN sources USING (source_id) WHERE kind = 'told');

CREATE OR REPLACE TEMP TABLE judged AS
SELECT
    left(sha256(concat(k.head, array_to_string(h.event_ids, chr(10)), chr(10), h.signal_id)), 16) AS finding_id,
    k.rule_id, k.regime, k.provision_id,
    CAST(CASE WHEN h.tier = 'review' OR k.review OR a.unknown OR h.stated THEN 'review' ELSE 'finding' END AS tier) AS tier,
    k.severity, h.account, h.event_id, c.at_local AS occurred_at, h.facts, h.event_ids, h.signal_id, k.house
FROM weighed h
JOIN kinds k USING (n, provision_id)
JOIN occasions c USING (event_id)
LEFT JOIN informed i ON i.account = h.account
LEFT JOIN applicability a ON a.regime = k.regime AND a.account = coalesce(i.account, '')
    AND a.lender = coalesce(c.lender, '') AND a.on_date = c.on_date
WHERE coalesce(a.applies, true);  -- no row: the regime applies to everybody

-- Wording that no text names is shown by the house standard. Where a text that applies names it, that text is enough.
DELETE FROM judged AS house
WHERE house.house AND EXISTS (
    SELECT 1 FROM judged AS text
    WHERE NOT text.house AND text.rule_id = house.rule_id AND text.signal_id = house.signal_id
);

-- The same rule, provision and contacts twice are one finding, with the facts that come first.
CREATE OR REPLACE TEMP TABLE doubled AS
SELECT * FROM judged SEMI JOIN (SELECT finding_id FROM judged GROUP BY finding_id HAVING count(*) > 1) USING (finding_id)
QUALIFY row_number() OVER (PARTITION BY finding_id ORDER BY facts, tier, account, event_id) = 1;

CREATE OR REPLACE TEMP VIEW single AS
SELECT * FROM judged ANTI JOIN doubled USING (finding_id) UNION ALL SELECT * FROM doubled;

CREATE OR REPLACE TEMP VIEW findings_rows AS
SELECT finding_id, rule_id, regime, provision_id, tier, severity, account, event_id, occurred_at, facts FROM single;

CREATE OR REPLACE TEMP VIEW evidence_rows AS
SELECT finding_id, CAST(ordinal AS INTEGER) AS ordinal, event_id, CASE WHEN event_id = own THEN signal_id END AS signal_id
FROM (
    SELECT finding_id, event_id AS own, signal_id, unnest(event_ids) AS event_id,
        generate_subscripts(event_ids, 1) AS ordinal
    FROM single
);
