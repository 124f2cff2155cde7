/*
id       = "demand-on-third-party"
severity = "high"
needs    = ["banned_conduct.conduct=T06"]
[en]
title    = "Wording listed as asking somebody else to pay"
message  = "{channel} on {on_date} contains wording listed as asking somebody else to pay: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Rests on who each number belongs to. Whether that person stands surety or offered to pay is not seen."
[zh]
title    = "列为要求他人代为还款的措辞"
message  = "{on_date}的{channel}含有列为要求他人代为还款的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。以号码的身份标注为准；对方是否为担保人、是否主动提出代还，本规则看不到。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, to_number, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'third_party.demand'
    AND on_date >= in_force_from AND on_date < in_force_until
