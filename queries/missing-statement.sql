/*
id       = "missing-statement"
severity = "medium"
needs    = ["required_statements.moment=first_contact or required_statements.moment=every_contact or required_statements.moment=later_contact"]
[en]
title    = "A required statement that was not found"
message  = "{channel} to {to_role} on {on_date}; {instrument} asks for: {statements}; not found in the {turns} message(s) or turn(s) looked at"
limits   = "Looks only at contacts whose words are known and were clear, in a call at its beginning. A statement in words of its own, or misheard, may be missed; a recording that began in mid-call lacks the opening; a message sent in two parts counts as two; earlier contacts may be missing from the exports. A person has to read it."
[zh]
title    = "未见应作的说明"
message  = "{on_date}向{to_role}发起的{channel}；{instrument}要求说明：{statements}；所看的 {turns} 段话中未见"
limits   = "只看内容已知且清楚的联系，通话则须开头部分清楚。换了说法或被听错的说明可能认不出；中途才开始的录音缺少开头；分两条发出的短信按两条计；更早的联系可能不在导出记录里。需由人查看。"
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
asked AS (
    -- a statement that no pattern looks for cannot be missed
    SELECT *
    FROM required_statements
    SEMI JOIN (SELECT replace(category, 'states.', '') AS statement FROM patterns) USING (statement)
),
due AS (
    -- what has to be said early is a matter of how long to look, and only where a text asks for it at all
    SELECT provision_id, account, event_id, channel, to_role, on_date, at_time, statement, within_seconds
    FROM reached
    JOIN begun USING (account, caller, to_role)
    JOIN asked USING (channel, to_role)
    WHERE on_date >= in_force_from AND on_date < in_force_until
        AND moment IN ('every_contact', CASE WHEN event_id = first.id THEN 'first_contact' ELSE 'later_contact' END)
    QUALIFY within_seconds IS NULL OR bool_or(within_seconds IS NULL) OVER (PARTITION BY event_id, statement)
),
lines AS (
    -- what the collector says, or nobody knows who; what is written has no opening that could be looked at alone
    SELECT event_id, start_s, end_s, coalesce(doubtful, false) AS unclear,
        coalesce(start_s < (SELECT max(within_seconds) FROM asked), true) AS opening
    FROM spoken
    WHERE coalesce(speaker_role, 'collector') = 'collector'
),
looked_at AS (
    -- contacts of which it is known how the collector began
    SELECT due.*, count(*) AS turns, count_if(unclear) AS unclear, CAST(trunc(min(start_s)) AS INTEGER) AS at_second,
        CAST(max(end_s) AS INTEGER) AS until_second
    FROM due
    JOIN lines USING (event_id)
    WHERE coalesce(start_s < within_seconds, true)
    GROUP BY ALL
    HAVING bool_or(opening) AND NOT bool_or(opening AND unclear)
)
SELECT provision_id, account, event_id, 'review' AS tier, list(statement ORDER BY statement) AS statements,
    channel, to_role, on_date, at_time, within_seconds, turns, l.unclear, l.at_second, until_second,
    max(s.at_second) AS said_at_second
FROM looked_at l
LEFT JOIN stated s USING (event_id, statement)
WHERE s.event_id IS NULL AND within_seconds IS NULL OR s.at_second >= within_seconds
GROUP BY ALL
