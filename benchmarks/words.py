"""Measures LISTEN on millions of text messages against what people would use instead, in one run, into RESULTS.md.

    python benchmarks/words.py --messages 5000000 --sample 5000

The others get the same frames as regular expressions and texts that are folded already, so that all look for the same
thing; they are far slower, so they get a sample, and what is compared is CPU time per message. The row is void unless
every (message, pattern, place) of the sample is the same.
"""

import argparse
import random
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
DATA = HERE / "data"
sys.path.insert(0, str(HERE.parent / "tests"))
BEGIN, END = "<!-- words -->", "<!-- /words -->"
Place = tuple[int | str, ...]  # which text, which frame, and where if that is known

# What a dialler's SMS log is made of: many reminders, few threats. {n}: a number, {w}: a name.
TEMPLATES = (
    "【青禾金服】{w}您好，您的借款已逾期{n}天，应还{n}.{n}元，请于今日18:00前处理，如已还款请忽略。退订回T",
    "【南湖消费金融】尊敬的{w}，本期账单{n}元将于{n}日到期，请确保账户余额充足。",
    "【青禾金服】{w}，您的还款{n}元已入账，感谢您的支持。",
    "【示例资产】{w}先生/女士，我司受托处理您的欠款{n}元，请致电40000{n}与专员{n}联系协商分期方案。",
    "验证码{n}，您正在办理还款业务，请勿泄露给他人。编号{n}",
    "【示例银行】{w}您尾号{n}的信用卡本期最低还款额{n}元，逾期将依法报送征信。",
    "{w}，案件{n}今天18点前不还，就给你通讯录里所有人挨个打电话",
    "{w}再拖下去，明天就带人去你单位门口坐着，金额{n}，工号{n}",
    "{w} 你涉嫌诈骗，案号{n}，派出所今天就来抓你",
    "Hi {w}, this is Harbor Recovery. Your balance of ${n}.{n} is past due. Reply STOP to opt out. Ref {n}",
    "{w}, final notice {n}: pay ${n} by 5pm today or officers will come to arrest you",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """One contender: CPU seconds for so many messages, and what it found in the sample."""

    label: str
    cpu_s: float
    messages: int
    found: set[Place]

    @property
    def per_message(self) -> float:
        """Microseconds of CPU time."""
        return self.cpu_s / self.messages * 1e6


def distinct_texts(count: int) -> list[str]:
    """So many different messages from the templates, nine in ten harmless."""
    rng = random.Random(20261122)  # noqa: S311  invented data
    weights = [30, 20, 10, 10, 10, 10, 2, 2, 2, 3, 1]
    texts: dict[str, None] = {}
    while len(texts) < count:
        template = rng.choices(TEMPLATES, weights)[0]
        name = rng.choice("赵钱孙李周吴郑王") + rng.choice(("先生", "女士", "某某"))
        filled = re.sub(r"\{n\}", lambda _: str(rng.randrange(10, 99_999)), template.replace("{w}", name))
        texts[filled] = None
    return list(texts)


def write_run(folder: Path, texts: list[str], messages: int) -> None:
    """The tables LISTEN reads: `messages` contacts by known collectors, each text used equally often."""
    from collectaudit.runs import SCHEMA

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "texts.csv").write_text("\n".join(f'"{t}"' for t in texts), encoding="utf-8")
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE texts AS SELECT row_number() OVER () - 1 AS n, text "
            f"FROM read_csv('{folder / 'texts.csv'}', header=false, columns={{'text': 'VARCHAR'}})"
        )
        con.execute(
            f"CREATE TABLE m AS SELECT i, 'L' || i AS id, i * 7919 % {len(texts)} AS n FROM range({messages}) r(i)"
        )
        con.execute(SCHEMA)
        con.execute(
            "INSERT INTO events BY NAME SELECT id AS event_id, 's' AS source_id, id AS locator,"
            " 'A' || i % 200000 AS account_id, 'sms' AS channel, '+86138' || i % 300 AS from_number,"
            " '+86139' || i % 200000 AS to_number, 'collector' AS from_role, 'debtor' AS to_role,"
            " TIMESTAMP '2026-01-01' + to_seconds(i * 3) AS at_local, 'second' AS \"precision\" FROM m"
        )
        con.execute(
            "INSERT INTO utterances BY NAME SELECT id || '#0' AS utterance_id, id AS event_id, 's' AS source_id,"
            " 0 AS ordinal, 'from' AS speaker, text FROM m JOIN texts USING (n) ORDER BY i"
        )
        for table in ("events", "utterances"):
            con.execute(f"COPY {table} TO '{folder / f'{table}.parquet'}'")


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process and its children while `work` runs."""

    def used() -> float:
        parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(part.ru_utime + part.ru_stime for part in parts)

    before = used()
    work()
    return used() - before


def frames() -> Iterator[tuple[str, str]]:
    """Every frame of the shipped lexicons: (name, regular expression)."""
    from frame_regexes import regex

    from collectaudit.words.lexicon import load_lexicon

    lexicon = load_lexicon()
    for pattern in lexicon.patterns:
        for number, frame in enumerate(pattern.frames):
            yield f"{pattern.id}#{number}", regex(frame, lexicon)


def ours(texts: list[str]) -> set[Place]:
    """Every frame's places in folded texts, before exclusions: what the others look for."""
    from dataclasses import replace

    from collectaudit.words.lexicon import load_lexicon
    from collectaudit.words.matcher import Matcher

    lexicon = load_lexicon()
    single = [
        replace(pattern, id=f"{pattern.id}#{number}", frames=(frame,))
        for pattern in lexicon.patterns
        for number, frame in enumerate(pattern.frames)
    ]
    matcher = Matcher(replace(lexicon, patterns=tuple(single)))
    sights = (matcher.look(text, message=False) for text in texts)
    return {(n, h.pattern.id, h.start, h.end) for n, s in enumerate(sights) for h, _ in matcher.all_hits(s)}


def with_re(texts: list[str]) -> set[Place]:
    """Python's re, one compiled expression a frame."""
    compiled = [(name, re.compile(pattern, re.ASCII)) for name, pattern in frames()]
    return {
        (n, name, *found.span())
        for n, text in enumerate(texts)
        for name, pattern in compiled
        for found in pattern.finditer(text)
    }


def with_duckdb(texts: list[str]) -> set[Place]:
    """DuckDB's regexp_matches, one pass a frame; it says whether, not where."""
    found: set[Place] = set()
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("CREATE TABLE t (n INTEGER, text VARCHAR)")
        con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(texts)))
        for name, pattern in frames():
            rows = con.execute("SELECT n FROM t WHERE regexp_matches(text, ?)", [pattern]).fetchall()
            found |= {(n, name) for (n,) in rows}
    return found


def measure(messages: int, distinct: int, sample: int) -> list[Cost]:
    """Every contender; LISTEN on all messages, the others on a sample of them."""
    from collectaudit.signals import listen
    from collectaudit.text import fold

    texts = distinct_texts(distinct)
    run = DATA / f"words-{messages}"
    write_run(run, texts, messages)
    listening = cpu(lambda: listen(run))
    folded = [fold(texts[i * 7919 % distinct], message=True).text for i in range(sample)]
    places = ours(folded)
    by_re: set[Place] = set()
    re_cost = cpu(lambda: by_re.update(with_re(folded)))
    by_sql: set[Place] = set()
    sql_cost = cpu(lambda: by_sql.update(with_duckdb(folded)))
    shutil.rmtree(run)
    return [
        Cost("collectaudit, from utterances to signals", listening, messages, places),
        Cost("Python re, one expression a frame", re_cost, sample, by_re),
        Cost("DuckDB regexp_matches, one query a frame (whether, not where)", sql_cost, sample, by_sql),
    ]


def void(cost: Cost, reference: set[Place]) -> str:
    """Why a contender's time may not be compared: it found something else."""
    known = reference if all(len(place) == 4 for place in cost.found) else {place[:2] for place in reference}
    differing = len(cost.found ^ known)
    return f" **void**: {differing} places differ" if differing else ""


def report(costs: list[Cost], messages: int, distinct: int) -> str:
    """The block of RESULTS.md."""
    first = costs[0]
    reference = first.found
    count = sum(1 for _ in frames())
    lines = [
        BEGIN,
        "## Words",
        "",
        f"{messages:,} text messages, {distinct:,} of them different; {count:,} frames of the lexicons. The others "
        f"were given {costs[1].messages:,} of the messages, folded already. "
        f"{len(reference):,} places in the sample, the same for all. {time.strftime('%Y-%m-%d', time.gmtime())}",
        "",
        "| contender | messages | CPU s | µs a message | × |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {c.label}{void(c, reference)} | {c.messages:,} | {c.cpu_s:.2f} | {c.per_message:,.2f} | "
            f"{c.per_message / first.per_message:,.0f} |"
            for c in costs
        ),
        END,
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and put the block into RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=5_000_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    distinct = max(1, args.messages // 50)
    block = report(measure(args.messages, distinct, args.sample), args.messages, distinct)
    text = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
    before, _, rest = text.partition(BEGIN)
    args.out.write_text(before.rstrip("\n") + "\n\n" + block + rest.partition(END)[2].lstrip("\n"), encoding="utf-8")
    print(block)
    if "**void**" in block:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
