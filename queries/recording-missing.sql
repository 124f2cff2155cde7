/*
id       = "recording-missing"
severity = "medium"
needs    = ["retention.object=recording or retention.object=recording_if_made", "kept.kept_as=recording"]
[en]
title    = "A call without its recording"
message  = "{channel} at {at_time} on {on_date}: no recording of it is among the files; of the calls of {caller} from {first_day} to {last_day}, {recorded} have one; recording named in the log: {named}; {instrument} asks that recordings be kept for {months} months"
limits   = "Looks only at calls in a log of the calling side, on the days for which recordings of that caller were handed in for that account. A recording whose call was not found may be this one's; one made by the person called counts as well. Whether a recording was made, deleted or merely not handed in is not seen. A person has to ask for it."
[zh]
title    = "没有录音的通话"
message  = "{on_date} {at_time} 的{channel}：文件中没有这次通话的录音；{caller} 在 {first_day} 至 {last_day} 的其他通话中，有 {recorded} 次附有录音；日志所载的录音：{named}；{instrument}要求录音保存 {months} 个月"
limits   = "只看拨打一方的日志所载的通话，且只看该账户交来该拨打方录音的首日至末日。未能对应到通话的录音，可能就是这一次的；接听一方自己录的也算有录音。录音是否录过、是否已删除、是否只是没有交来，本规则看不到，需由人追问。"
*/
WITH calls AS (
    SELECT *, coalesce(agency, lender, from_number, '') AS caller
    FROM contacts
    WHERE from_role = 'collector' AND channel = 'call'
),
handed_in AS (
    -- for which days of an account there are recordings of a caller that the person called did not make
    SELECT account, caller, count(*) AS recorded, min(on_date) AS first_day, max(on_date) AS last_day
    FROM calls
    SEMI JOIN (SELECT event_id FROM kept WHERE kept_as = 'recording' AND holder IS DISTINCT FROM 'to') USING (event_id)
    GROUP BY account, caller
),
until AS (SELECT account, max(on_date) AS last_on_record FROM contacts GROUP BY account),
lacking AS (
    SELECT *
    FROM calls
    JOIN handed_in USING (account, caller)
    ANTI JOIN (SELECT event_id FROM kept WHERE kept_as = 'recording') USING (event_id)
    WHERE connected AND to_role IS NOT NULL AND at_time IS NOT NULL AND on_date >= first_day AND on_date <= last_day
),
logged AS (
    -- by the calling side; a recording of the name that the log tells is this call's, whatever its own time
    SELECT event_id, coalesce(list(DISTINCT told ORDER BY told) FILTER (told IS NOT NULL), []) AS named
    FROM lacking
    JOIN (SELECT event_id, holder, recording AS told, stem FROM kept WHERE kept_as = 'log') USING (event_id)
    LEFT JOIN (SELECT DISTINCT stem, true AS found FROM kept WHERE kept_as = 'recording') USING (stem)
    GROUP BY event_id
    HAVING bool_or(holder IN ('switch', 'from')) AND count(found) = 0
)
SELECT provision_id, account, event_id, 'review' AS tier, named, caller, recorded, first_day, last_day, months,
    channel, to_role, on_date, at_time
FROM lacking
JOIN logged USING (event_id)
JOIN until USING (account)
JOIN retention ON on_date >= in_force_from AND on_date < in_force_until
WHERE on_date + to_months(months) > last_on_record
    AND (object = 'recording' OR (object = 'recording_if_made' AND named <> []))
