/*
id       = "ambiguous-pressure"
severity = "low"
needs    = ["banned_conduct.conduct=unsorted"]
[en]
title    = "Wording that presses without saying with what"
message  = "{channel} on {on_date} contains wording listed as pressure of no stated kind: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. By itself such wording shows nothing; a person has to read it in its context."
[zh]
title    = "未言明内容的施压措辞"
message  = "{on_date}的{channel}含有列为施压但未言明内容的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。单凭此类措辞说明不了什么，需由人结合上下文查看。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, 'review' AS tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'pressure.ultimatum'
    AND on_date >= in_force_from AND on_date < in_force_until
