/*
id       = "contact-despite-declaration"
severity = "medium"
needs    = ["case_facts.fact=payment_plan or case_facts.fact=employer_forbids or case_facts.fact=deceased or case_facts.fact=incapacity"]
[en]
title    = "Contact while a declared circumstance stands against it"
message  = "{channel} to {to_role} on {on_date}; declared since {since}: {fact}, for which {instrument} provides for no contact of this kind"
limits   = "Rests on the declared date. A date without a time counts from the next day; a declaration without a date is not used. Whether the caller knew of it is not seen."
[zh]
title    = "已声明不宜联系的情形下的联系"
message  = "{on_date}向{to_role}发起的{channel}；已声明自{since}起：{fact}，{instrument}载明此情形下不作此类联系"
limits   = "以声明的日期为准：只写日期未写时刻的，从次日起算；没有日期的声明不予采用。催收方是否知情，本规则看不到。"
*/
-- every circumstance that has no rule of its own
SELECT provision_id, account, event_id, fact, channel, to_role, to_number, on_date, at_time, min(since) AS since
FROM declared
JOIN stop_terms USING (fact, channel, to_role)
WHERE fact NOT IN ('refusal', 'settled', 'cease_request', 'represented') AND later AND from_role = 'collector'
    AND on_date >= in_force_from AND on_date < in_force_until
GROUP BY ALL
