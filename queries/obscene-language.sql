/*
id       = "obscene-language"
severity = "severe"
needs    = ["banned_conduct.conduct=T12 or banned_conduct.conduct=T27"]
[en]
title    = "Wording listed as obscene or sexual"
message  = "{channel} on {on_date} contains wording listed as obscene or sexual: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Pictures are not looked at. Whether it was meant, in what tone and in answer to what, is for a reader."
[zh]
title    = "列为淫秽或带有性意味的措辞"
message  = "{on_date}的{channel}含有列为淫秽或带有性意味的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。不查看图片。是否当真、语气如何、前因后果怎样，需由人判断。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'abuse.obscene'
    AND on_date >= in_force_from AND on_date < in_force_until
