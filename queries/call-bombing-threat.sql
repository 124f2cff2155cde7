/*
id       = "call-bombing-threat"
severity = "medium"
needs    = ["banned_conduct.conduct=T21"]
[en]
title    = "Wording listed as announcing calls or messages without end"
message  = "{channel} on {on_date} contains wording listed as announcing calls or messages without end: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether such calls followed is for the rules that count contacts."
[zh]
title    = "列为扬言不停拨打或信息轰炸的措辞"
message  = "{on_date}的{channel}含有列为扬言不停拨打或信息轰炸的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。其后是否真的频繁拨打，由计数的规则判断。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'pressure.call_bombing'
    AND on_date >= in_force_from AND on_date < in_force_until
