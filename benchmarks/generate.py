"""Makes invented exports of any size: a dialler log, an SMS backup, a carrier bill. Same arguments, same bytes.

    python benchmarks/generate.py dialler 1000000 OUT.csv
    python benchmarks/generate.py sms 1000000 OUT.xml
    python benchmarks/generate.py bill 100000 OUT.csv

All numbers begin with 140, a range set aside for machines in China's numbering plan: nobody answers there.
"""

import argparse
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import quoteattr

import duckdb

FIRST_DAY = "2025-12-16"
DAYS = 90  # 45 days on either side of 2026-01-30, when one of the Chinese guidelines was published
ROWS_PER_ACCOUNT = 25
REDIAL_SECONDS = 120
CHUNK = 20_000

# A 32-bit mixer in plain arithmetic: unlike hash() it gives the same numbers in every DuckDB version.
MACROS = """
CREATE MACRO mix1(x) AS ((xor(x, x >> 15) * 1540483477) % 4294967296);
CREATE MACRO mix(i, salt) AS xor(mix1((i * 2654435761 + salt * 40503 + 97) % 4294967296),
                                 mix1((i * 2654435761 + salt * 40503 + 97) % 4294967296) >> 13);
CREATE MACRO unit(i, salt) AS mix(i, salt) / 4294967296.0;
CREATE MACRO pick(u, words) AS words[1 + CAST(floor(u * len(words)) AS INTEGER)];
CREATE MACRO notation(digits, u) AS CASE
    WHEN u < 0.80 THEN digits
    WHEN u < 0.87 THEN '+86' || digits
    WHEN u < 0.91 THEN '0086' || digits
    WHEN u < 0.94 THEN '86' || digits
    WHEN u < 0.97 THEN digits[1:3] || '-' || digits[4:7] || '-' || digits[8:11]
    ELSE digits[1:3] || ' ' || digits[4:7] || ' ' || digits[8:11] END;
CREATE MACRO second_of_day(u) AS CAST(CASE
    WHEN u < 0.010 THEN 25200 + u / 0.010 * 3600
    WHEN u < 0.930 THEN 28800 + (u - 0.010) / 0.920 * 46800
    WHEN u < 0.985 THEN 75600 + (u - 0.930) / 0.055 * 3600
    ELSE 79200 + (u - 0.985) / 0.015 * 5400 END AS INTEGER);
"""

# Three layers: where a row stands (day, second, burst), whom it reaches, what is written.
# Bursts: rows are cut into blocks of 8 × `shift` rows; in 4 of 100 columns of a block the first 3 to 8 rows, about two
# minutes apart, ring the same debtor. One row in twelve takes its second from a coarser clock, so that calls tie.
DIALLER = """
WITH placed AS (
    SELECT i, i * {days} // {rows} AS day, (i * {days} % {rows}) / {rows}::DOUBLE AS u_day,
        (i // ({shift} * 8)) * {shift} + i % {shift} AS burst, (i // {shift}) % 8 AS step
    FROM range({rows}) t(i)
), reached AS (
    SELECT i, day, second_of_day(u_day) - if(mix(i, 1) % 12 = 0, second_of_day(u_day) % 5, 0) AS second,
        mix(burst, 2) % 100 < 4 AND step < 3 + mix(burst, 3) % 6 AS redial,
        CAST(floor({accounts} * pow(if(redial, unit(burst, 4), unit(i, 4)), 2)) AS BIGINT) AS account,
        if(redial, 0.0, unit(i, 5)) AS u_relation, unit(i, 6) AS u_result
    FROM placed
), called AS (
    SELECT *, CASE WHEN u_relation < 0.88 THEN 0 WHEN u_relation < 0.91 THEN 1 WHEN u_relation < 0.94 THEN 2
            WHEN u_relation < 0.97 THEN 3 ELSE 4 END AS relation,
        CASE WHEN u_result < 0.34 THEN 0 WHEN u_result < 0.80 THEN 1 WHEN u_result < 0.87 THEN 2
            WHEN u_result < 0.92 THEN 3 WHEN u_result < 0.97 THEN 4 ELSE 5 END AS result,
        mix(account, 7) % 8 AS agency, mix(i, 8) % 50 AS seat
    FROM reached
)
SELECT printf('D%08d', account) AS 案件编号,
    strftime(TIMESTAMP '{first} 00:00:00' + to_seconds(day * 86400 + second), '%Y-%m-%d %H:%M:%S') AS 拨打时间,
    printf('010-8888%04d', agency * 100 + seat) AS 主叫号码,
    notation(printf('140%08d', account * 5 + relation), unit(i, 9)) AS 被叫号码,
    pick((relation + 0.5) / 5, ['本人', '配偶', '父母', '同事', '紧急联系人']) AS 与本人关系,
    pick((result + 0.5) / 6, ['接通', '无人接听', '关机', '忙线', '拒接', '空号']) AS 通话结果,
    if(result = 0, 1 + CAST(floor(240 * pow(unit(i, 10), 2)) AS INTEGER), 0) AS "通话时长(秒)",
    printf('A%03d', agency * 50 + seat) AS 坐席工号,
    pick((agency + 0.5) / 8, ['样例催收服务部', '演示资产管理服务部', '虚构信用服务社', '例子外包服务部',
        '试验账务服务部', '假想咨询服务部', '测试贷后服务部', '模拟清收服务部']) AS 受托方,
    pick((mix(account, 11) % 5 + 0.5) / 5,
        ['示例消费金融', '范例小额贷款', '样例银行', '演示网络贷款', '假定信托']) AS 委托方,
    mix(account, 12) % 300 + day AS 逾期天数,
    if(result = 0, printf('rec/%03d/%d.wav', day, i), NULL) AS 录音文件
FROM called
"""

TEXTS = (
    "【样例银行】您的验证码是{n:06d}，5分钟内有效，请勿告诉他人。",
    "【虚构快递】您的包裹已到驿站，取件码{n}，请及时领取。",
    "【样例催收】您在示例消费金融的账单已逾期，请尽快处理，详询010-88880021。",
    "周末一起吃饭吗？我大概{n}点以后有空。",
    "妈，我今天加班，晚点给你回电话。&#55357;&#56834;",
    "【示例消费金融】您本期应还{n}.00元，请于还款日前存入足够款项。",
)


def dialler(rows: int, out: Path) -> None:
    """An agency's dialler log: skewed accounts, five relations, mixed number notations, bursts, ties in one second."""
    sql = DIALLER.format(
        rows=rows, days=DAYS, first=FIRST_DAY, accounts=max(1, rows // ROWS_PER_ACCOUNT),
        shift=max(1, rows * REDIAL_SECONDS // (DAYS * 52_000)),
    )  # fmt: skip
    with duckdb.connect() as con:
        con.execute(MACROS)
        con.execute(f"COPY ({sql}) TO '{out.as_posix()}' (FORMAT csv, HEADER true)")


def sms(rows: int, out: Path) -> None:
    """An SMS Backup & Restore file: two in three received, one draft in a thousand, emoji as two references."""
    start = int(datetime(2025, 12, 16, tzinfo=UTC).timestamp() * 1000)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n")
        file.write(f'<smses count="{rows}" backup_set="invented" backup_date="{start + rows * 7919}" type="full">\n')
        file.writelines(_lines(rows, lambda i, chance: _message(i, start + i * 7919, chance)))
        file.write("</smses>\n")


def _message(i: int, at: int, chance: random.Random) -> str:
    kind = 3 if i % 1000 == 999 else 2 if i % 3 == 2 else 1
    body = TEXTS[i % len(TEXTS)].format(n=chance.randrange(10, 1_000_000))
    address = f"1069000{i % 50:06d}" if body.startswith("【") else f"140{i % 200:08d}"
    text = quoteattr(body).replace("&amp;#", "&#")  # the emoji's references stay as the exporter writes them
    return (
        f'  <sms protocol="0" address="{address}" date="{at}" type="{kind}" subject="null" body={text} toa="null" '
        f'sc_toa="null" service_center="null" read="1" status="-1" locked="0" date_sent="{at - 1000}" sub_id="1" '
        f'readable_date="n/a" contact_name="(Unknown)" />\n'
    )


def bill(rows: int, out: Path) -> None:
    """A carrier's call bill in GB18030 with a title, the owner, the cycle, answered calls only and a total row."""
    start = datetime(2025, 12, 16, 8, tzinfo=UTC)
    with out.open("w", encoding="gb18030", newline="\r\n") as file:
        file.write("虚构移动通信客户通话详单\n客户号码：,14000000000\n计费周期：,2025年12月16日至2026年03月15日\n\n")
        file.write("起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,套餐优惠,实收通信费(元)\n")
        file.writelines(_lines(rows, lambda i, chance: _billed(start + timedelta(seconds=i * 61), chance)))
        file.write(f"合计,,,,共{rows}条,,,0.00\n")


def _billed(at: datetime, chance: random.Random) -> str:
    way = "主叫" if chance.random() < 0.4 else "被叫"
    seconds = chance.randrange(1, 400)
    length = f"{seconds // 60}分{seconds % 60}秒" if seconds >= 60 else f"{seconds}秒"
    return f"{at:%Y-%m-%d %H:%M:%S},北京,{way},140{chance.randrange(300):08d},{length},本地,0.00,0.00\n"


def _lines(rows: int, line: Callable[[int, random.Random], str]) -> Iterator[str]:
    chance = random.Random(20260314)  # noqa: S311 - invented data, and the same each time
    for start in range(0, rows, CHUNK):
        yield "".join(line(i, chance) for i in range(start, min(rows, start + CHUNK)))


MAKERS = {"dialler": dialler, "sms": sms, "bill": bill}


def main() -> None:
    """Make one file and say how long it took and what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shape", choices=MAKERS)
    parser.add_argument("rows", type=int)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    started = time.perf_counter()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    MAKERS[args.shape](args.rows, args.out)
    took = time.perf_counter() - started
    with args.out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    print(f"{args.out}: {args.rows:,} rows, {args.out.stat().st_size:,} bytes in {took:.1f} s, sha256 {digest}")


if __name__ == "__main__":
    main()
