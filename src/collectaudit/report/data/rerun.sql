-- Every count of this material again, from the tables beside this file, in a bare DuckDB 1.0 or newer:
--     duckdb -f rerun.sql          (in this folder)
-- 材料中的每一个数字，都可以在本文件夹里用 DuckDB 1.0 以上版本重新算出来：duckdb -f rerun.sql
-- state: confirmed 已有人核实 · suspected 疑似 · review 待人查看 · dismissed 看过，不是 · practice 只依据本软件自己的尺度

-- 1. Findings by state
SELECT state, count(*) AS findings FROM 'findings.parquet' GROUP BY state ORDER BY state;

-- 2. Findings by kind of authority and state
SELECT authority, state, count(*) AS findings FROM 'findings.parquet' WHERE state NOT IN ('dismissed', 'practice')
GROUP BY authority, state ORDER BY authority, state;

-- 3. Findings by provision, rule and state, those handed in
SELECT provision_id, rule_id, state, count(*) AS findings, min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM 'findings.parquet' WHERE handed_in GROUP BY provision_id, rule_id, state ORDER BY provision_id, rule_id, state;

-- 4. Contacts, those from the collecting side, people beside the debtor whom it reached
SELECT count(*) AS contacts, count(*) FILTER (from_role = 'collector' AND NOT undirected) AS collector_contacts,
    count(DISTINCT to_number) FILTER (from_role = 'collector' AND NOT undirected
        AND to_role IN ('family', 'colleague', 'reference', 'other')) AS third_parties
FROM 'contacts.parquet';

-- 5. Exhibits: the contacts behind the findings handed in
SELECT count(DISTINCT event_id) FILTER (NOT second_record) AS exhibits, count(DISTINCT sha256) AS files
FROM 'evidence.parquet';

-- 6. Files, records, and what could not be read
SELECT count(*) AS files, sum(records) AS records, sum(events) AS events, sum(rejects) AS rejects
FROM 'sources.parquet';
