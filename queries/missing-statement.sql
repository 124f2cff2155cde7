/*
id       = "missing-statement"
severity = "medium"
needs    = ["required_statements.moment=first_contact or required_statements.moment=every_contact or required_statements.moment=later_contact"]
[en]
title    = "A required statement that was not found"
message  = "{channel} to {to_role} on {on_date}; {instrument} asks for: {statements}; not found in its words"
limits   = "Looks only at contacts whose words are known and were clear. A statement in words of its own may be missed; a message sent in two parts counts as two; earlier contacts may be missing from the exports. A person has to read it."
[zh]
title    = "未见应作的说明"
message  = "{on_date} 向{to_role}发起的{channel}；{instrument}要求说明：{statements}；其内容中未见"
limits   = "只看内容已知且清楚的联系。换了说法的说明可能认不出；分两条发出的短信按两条计；更早的联系可能不在导出记录里。需由人查看。"
*/
WITH reached AS (
    -- where nobody answered, nothing could be said
    SELECT *, coalesce(agency, lender, from_number, '') AS caller
    FROM contacts
    WHERE from_role = 'collector' AND (connected OR (channel <> 'call' AND outcome IS DISTINCT FROM 'undelivered'))
),
begun AS (
    SELECT account, caller, to_role, min({'at': at_local, 'id': event_id}) AS first
    FROM reached
    GROUP BY ALL
),
heard AS (
    SELECT event_id, bool_and(NOT coalesce(doubtful, false)) AS clear
    FROM spoken
    WHERE coalesce(speaker_role, 'collector') = 'collector'
    GROUP BY event_id
),
told AS (
    -- contacts of which it is known what the collector said
    SELECT reached.*, CASE WHEN event_id = first.id THEN 'first_contact' ELSE 'later_contact' END AS place
    FROM reached
    JOIN begun USING (account, caller, to_role)
    JOIN heard USING (event_id)
    WHERE clear
),
asked AS (
    -- a statement that no pattern looks for cannot be missed
    SELECT *
    FROM required_statements
    SEMI JOIN (SELECT replace(category, 'states.', '') AS statement FROM patterns) USING (statement)
)
SELECT provision_id, account, event_id, 'review' AS tier, list(statement ORDER BY statement) AS statements,
    channel, to_role, on_date, at_time
FROM told
JOIN asked USING (channel, to_role)
ANTI JOIN stated USING (event_id, statement)
WHERE on_date >= in_force_from AND on_date < in_force_until AND moment IN ('every_contact', place)
GROUP BY ALL
