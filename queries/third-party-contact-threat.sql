/*
id       = "third-party-contact-threat"
severity = "high"
needs    = ["banned_conduct.conduct=T04 or banned_conduct.conduct=T14"]
[en]
title    = "Wording listed as announcing contact with family, friends or employer"
message  = "{channel} on {on_date} contains wording listed as announcing contact with family, friends or employer: “{quote}”"
limits   = "Looks at words of a collector, and, always for review, of somebody unknown who also speaks of a debt. Whether such contact followed is for the rules on contacts."
[zh]
title    = "列为扬言联系亲友、单位或通讯录的措辞"
message  = "{on_date}的{channel}含有列为扬言联系亲友、单位或通讯录的措辞：“{quote}”"
limits   = "只看已知催收方的话，以及身份不明但同时谈到债务者的话；后者一律交人工查看。其后是否真的联系，由关于联系的规则判断。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'third_party.contact_threat'
    AND on_date >= in_force_from AND on_date < in_force_until
