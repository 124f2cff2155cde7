-- The records of all sources as contacts, who said what of whom put together.
-- Of a recording it may be unknown who called whom (`undirected`): then the other party is put in front, and nothing
-- that depends on the direction looks at it. Its number may be known from the one contact of that name. A name in a
-- chat (`name:…`) is a number's only where a person says so, in people.csv.
WITH named AS (
    SELECT name, min(number) AS number FROM labels WHERE name IS NOT NULL
    GROUP BY name HAVING count(DISTINCT number) = 1
),
chats AS (
    SELECT 'name:' || name AS chat, min(number) AS known FROM labels
    WHERE name IS NOT NULL AND basis = 'people.csv' AND number NOT LIKE 'name:%'
    GROUP BY name HAVING count(DISTINCT number) = 1
),
ends AS (
    SELECT r.* REPLACE (
            coalesce(r.direction, 'in') AS direction,
            coalesce(o_chat.known, r.other, CASE r.kind WHEN 'recording' THEN named.number ELSE 'hidden' END) AS other,
            coalesce(a_chat.known, r.caller) AS caller, coalesce(b_chat.known, r.callee) AS callee),
        r.source_id || ':' || r.locator AS event_id, r.caller IS NOT NULL OR r.callee IS NOT NULL AS switch,
        coalesce(r.own, o.owner_number) AS own_number, r.kind = 'recording' AS recorded,
        r.kind = 'recording' AND r.direction IS NULL AND r.caller IS NULL AND r.callee IS NULL AS undirected
    FROM records r LEFT JOIN source_facts o USING (source_id)
    LEFT JOIN named ON r.kind = 'recording' AND named.name = r.name
    LEFT JOIN chats o_chat ON o_chat.chat = r.other
    LEFT JOIN chats a_chat ON a_chat.chat = r.caller
    LEFT JOIN chats b_chat ON b_chat.chat = r.callee
    WHERE r.kind IN ('event', 'recording') AND r.reason IS NULL
),
directed AS (
    SELECT *,
        CASE WHEN switch THEN caller WHEN direction = 'in' THEN other ELSE own_number
            END AS from_number,
        CASE WHEN switch THEN callee WHEN direction = 'in' THEN own_number ELSE other
            END AS to_number,
        CASE WHEN switch THEN CASE collector WHEN 'caller' THEN 'collector' WHEN 'callee' THEN role END
            WHEN direction = 'in' THEN role END AS from_said,
        CASE WHEN switch THEN CASE collector WHEN 'callee' THEN 'collector' WHEN 'caller' THEN role END
            WHEN direction = 'out' THEN role END AS to_said,
        CASE WHEN switch THEN collector = 'callee' ELSE direction = 'in' END AS other_calls
    FROM ends
),
placed AS (
    SELECT d.*, coalesce(d.account_id, CASE WHEN f.role = 'collector' OR from_said = 'collector' THEN f.account_id END,
            CASE WHEN t.role = 'collector' OR to_said = 'collector' THEN t.account_id END) AS account,
        f.role AS from_any, t.role AS to_any, CASE WHEN other_calls THEN f.name ELSE t.name END AS known_name,
        CASE WHEN f.role = 'collector' THEN f.organisation WHEN t.role = 'collector' THEN t.organisation
            END AS organisation_known,
        CASE WHEN f.role = 'collector' THEN f.lender WHEN t.role = 'collector' THEN t.lender END AS lender_known
    FROM directed d
    LEFT JOIN anywhere f ON f.number = d.from_number
    LEFT JOIN anywhere t ON t.number = d.to_number
)
SELECT event_id, p.source_id, p.locator, p.n, p.account AS account_id, channel, from_number, to_number,
    coalesce(lf.role, from_any, from_said) AS from_role, coalesce(lt.role, to_any, to_said) AS to_role,
    at_local, at_utc, utc_offset, precision,
    CASE WHEN direction = 'forwarded' THEN 'not_sent' ELSE outcome END AS outcome, connected, duration_s,
    coalesce(p.name, CASE WHEN other_calls THEN lf.name ELSE lt.name END, known_name) AS name, agent,
    coalesce(p.lender, lender_known, fa.lender, fg.lender) AS lender,
    nullif(coalesce(agency, organisation_known), coalesce(p.lender, lender_known, fa.lender, fg.lender)) AS agency,
    coalesce(days_past_due, CASE WHEN coalesce(fa.due_on, fg.due_on) <= CAST(at_local AS DATE)
        THEN date_diff('day', coalesce(fa.due_on, fg.due_on), CAST(at_local AS DATE)) END) AS days_past_due,
    recording, call_id, least_s, body, recorded, undirected, switch, own_number, other_calls, from_said
FROM placed p
LEFT JOIN labels lf ON lf.number = from_number AND lf.account_id = p.account
LEFT JOIN labels lt ON lt.number = to_number AND lt.account_id = p.account
LEFT JOIN account_facts fa ON fa.account = p.account
LEFT JOIN account_facts fg ON fg.account IS NULL
