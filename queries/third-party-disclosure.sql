/*
id       = "third-party-disclosure"
severity = "high"
needs    = ["banned_conduct.conduct=T05"]
[en]
title    = "Wording listed as telling somebody else of the debt"
message  = "{channel} on {on_date} contains wording listed as telling somebody else of the debt: “{quote}”"
limits   = "Rests on who each number belongs to. Words to somebody known not to be the debtor count also while nobody knows who says them; otherwise the words of unknown people are always for review, and only if they speak of a debt. Whether that person knew already, or stands surety, is not seen."
[zh]
title    = "列为向他人透露欠款的措辞"
message  = "{on_date}的{channel}含有列为向他人透露欠款的措辞：“{quote}”"
limits   = "以号码的身份标注为准。对方已知不是债务人的，说话人身份不明时也直接列为疑点；除此之外，身份不明者的话只有同时谈到债务才列出，且一律交人工查看。对方是否早已知情、是否为担保人，本规则看不到。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, tier, conduct, quote, asks,
    channel, speaker_role, to_role, to_number, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'third_party.disclosure'
    AND on_date >= in_force_from AND on_date < in_force_until
