-- The contacts of one part, made once for all rules. Accounts and words are held as what they are, a few different ones:
-- to group and to sort them costs a third of text, and to a rule they are text. `worded` is what many rules ask for.
DROP TABLE IF EXISTS temp.occasions CASCADE;
CREATE OR REPLACE TEMP TYPE account AS ENUM (
    SELECT account FROM memory.main.occasions UNION SELECT '' ORDER BY account  -- DuckDB 1.5 knows none without a word
);
CREATE TEMP TABLE occasions AS
SELECT * REPLACE (
    CAST(account AS account) AS account, CAST(channel AS word) AS channel, CAST(from_role AS word) AS from_role,
    CAST(to_role AS word) AS to_role, CAST(precision AS word) AS precision, CAST(outcome AS word) AS outcome)
FROM memory.main.occasions;
CREATE OR REPLACE TEMP VIEW contacts AS SELECT * EXCLUDE (undirected) FROM temp.occasions WHERE NOT undirected;
CREATE OR REPLACE TEMP TABLE worded AS FROM memory.main.worded;
