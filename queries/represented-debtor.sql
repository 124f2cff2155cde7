/*
id       = "represented-debtor"
severity = "medium"
needs    = ["stop_terms.fact=represented", "case_facts.fact=represented"]
[en]
title    = "Direct contact with somebody represented by a lawyer"
message  = "{channel} to {to_role} on {on_date}; representation by a lawyer is declared since {since}, and {instrument} refers contact to the lawyer"
limits   = "Rests on the declared date. A date without a time counts from the next day; a declaration without a date is not used. Whether the caller knew of the lawyer is not seen."
[zh]
title    = "由律师代理后的直接联系"
message  = "{on_date}向{to_role}发起的{channel}；已声明自{since}起由律师代理，{instrument}载明应与律师联系"
limits   = "以声明的日期为准：只写日期未写时刻的，从次日起算；没有日期的声明不予采用。催收方是否知道有律师代理，本规则看不到。"
*/
SELECT provision_id, account, event_id, channel, to_role, to_number, on_date, at_time, min(since) AS since
FROM declared
JOIN stop_terms USING (fact, channel, to_role)
WHERE fact = 'represented' AND later AND from_role = 'collector'
    AND on_date >= in_force_from AND on_date < in_force_until
GROUP BY ALL
