/*
id       = "second-look"
severity = "low"
needs    = ["patterns.lexicon=reviewer", "banned_conduct.conduct=unsorted"]
[en]
title    = "A passage close to listed wording"
message  = "{channel} on {on_date} contains no listed wording; the second look places it close to some: “{quote}”"
limits   = "Rests on the likeness of whole passages, which says neither why nor to what; it may well be mistaken. A person has to read it."
[zh]
title    = "与所列措辞相近的内容"
message  = "{on_date}的{channel}不含所列措辞，但复看认为与之相近：“{quote}”"
limits   = "只凭整段文字的相似程度，说不出理由，也可能看错，需由人阅读判断。"
*/
SELECT provision_id, account, event_id, event_ids, signal_id, 'review' AS tier, quote,
    channel, speaker_role, to_role, on_date, at_time, at_second, until_second
FROM worded
JOIN banned_conduct USING (conduct)
WHERE category = 'reviewer.look'
    AND on_date >= in_force_from AND on_date < in_force_until
