"""The same table by way of rows and by way of columns: the same records, the same facts, whatever is in it."""

import random
import tempfile
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_reading import DATA, as_tuples, columns, job, rows

from collectaudit.records import RAW_FIELDS, Facts, Job, Unreadable
from collectaudit.sources import table

HEADERS = {
    "dialler": ["案件编号", "拨打时间", "主叫号码", "被叫号码", "关系", "通话结果", "通话时长(秒)", "坐席", "呼叫方向"],
    "cn_carrier_calls": ["起始时间", "通信地点", "通信方式", "对方号码", "通信时长", "实收通信费"],
    "case_notes": ["案件编号", "跟进时间", "跟进方式", "催收对象", "关系", "电话", "联系结果", "跟进人员"],
    "switch_calls": ["开始时间", "主叫号码", "被叫号码", "通话时长", "通话结果"],
}
TIMES = st.sampled_from(
    ["2024-04-05 17:40:22", "04-05 17:40:22", "17:40:22", "'2024-04-05", "２０２４-04-05", " 2024", "", "合计"]
)
_KNOWN = ["主叫", "被叫", "呼转", "接通", "未接", "本人", "母亲", "同事", "电催"]
WORDS = st.sampled_from([*_KNOWN, "谁", "", " ", "查找", "\t", "　", "合计", "2024-04-05", "注：某"])
TEXTS = st.text(st.sampled_from("a1,;|\t\"' ：中\u3000\xa0\r\x0b\x85\u2028é𠮷=-"), max_size=6)
CELLS = st.one_of(TIMES, WORDS, TEXTS, st.sampled_from(["13800138000", "010-88880000", "138****8000"]))


def quoted(cell: str, separator: str, how: str) -> str:
    if how == "all" or (how == "some" and (separator in cell or '"' in cell)):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    header = HEADERS[draw(st.sampled_from(sorted(HEADERS)))]
    separator = draw(st.sampled_from([",", "\t", "|", ";"]))
    how = draw(st.sampled_from(["none", "some", "all"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    width = len(header)
    row = st.lists(CELLS, min_size=max(width - 2, 1), max_size=width + 1)
    good = st.tuples(st.just("2024-04-05 17:40:22"), st.lists(WORDS, min_size=width, max_size=width)).map(
        lambda pair: [pair[0] if "时间" in name else word for name, word in zip(header, pair[1], strict=True)]
    )
    lines = draw(st.lists(st.one_of(row, good, good, st.just(header), st.just([])), max_size=25))
    text = end.join(separator.join(quoted(cell, separator, how) for cell in line) for line in [header, *lines])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    return (text + draw(st.sampled_from(["", end, end * 2]))).encode(encoding)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_any_table_is_the_same_both_ways(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task = job(folder, content)
        try:
            items, facts = rows(task)
        except Unreadable as problem:
            with pytest.raises(Unreadable) as caught:
                columns(task, folder / "out.parquet")
            assert str(caught.value) == str(problem)
            return
        locators = [item.locator for item in items]
        assert len(set(locators)) == len(locators)
        found, learned = columns(task, folder / "out.parquet")
        if found is not None:
            assert found == as_tuples(items)
            assert learned == facts


def test_the_hypothesis_above_takes_the_columnar_way_often(tmp_path: Path) -> None:
    taken = []

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(tables())
    def attempt(content: bytes) -> None:
        try:
            taken.append(table.copy_raw(job(tmp_path, content), Facts("table"), tmp_path / "out.parquet"))
        except Unreadable:
            taken.append(False)

    attempt()
    assert sum(taken) >= 15


def big(how: str, odd: int, seed: int = 1) -> bytes:
    """60,000 dialler rows, one in `odd` of which is ragged, blank, a total, quoted or has no callee."""
    chance = random.Random(seed)  # noqa: S311 — test data
    lines = ['"' + '","'.join(HEADERS["dialler"]) + '"' if how == "all" else ",".join(HEADERS["dialler"])]
    for n in range(60_000):
        cells = [
            f"C-{n // 33}", f"2025-03-{1 + n % 28:02} 09:{n % 60:02}:00", "01088880021", f"1380013{n % 10_000:04}",
            chance.choice(["本人", "母亲", "同事", "谁", ""]), chance.choice(["接通", "未接", "关机", "奇怪"]),
            str(n % 300), f"A{n % 40}", chance.choice(["呼出", "呼入", ""]),
        ]  # fmt: skip
        if chance.randrange(odd) == 0:
            cells = chance.choice([cells[:5], [*cells, "x"], [""], ["合计", *[""] * 8], [*cells[:3], "", *cells[4:]]])
            if chance.random() < 0.3:
                cells[0] = '引"号'
        lines.append(",".join(quoted(cell, ",", how) for cell in cells))
    return "\n".join(lines).encode()


@pytest.mark.parametrize(("how", "odd"), [("none", 10**9), ("none", 50), ("some", 50), ("all", 50), ("all", 10**9)])
def test_a_big_log_is_the_same_both_ways(tmp_path: Path, how: str, odd: int) -> None:
    task = job(tmp_path, big(how, odd))
    items, facts = rows(task)
    found, learned = columns(task, tmp_path / "out.parquet")
    assert found == as_tuples(items)
    assert learned == facts


def test_too_many_odd_rows_go_row_by_row(tmp_path: Path) -> None:
    assert columns(job(tmp_path, big("none", 3)), tmp_path / "out.parquet")[0] is None


def test_bytes_that_are_no_utf8_far_down(tmp_path: Path) -> None:
    content = big("none", 10**9)
    broken = content[:-20] + b"\xff" + content[-19:]
    assert columns(job(tmp_path, broken), tmp_path / "out.parquet")[0] is None
    whole = content.decode().encode("gb18030")
    task = job(tmp_path, b"a,b,c\n" * 50_000 + whole)  # the first 256 KiB are ASCII
    with pytest.raises(Unreadable):
        rows(task)
    with pytest.raises(Unreadable):
        columns(task, tmp_path / "out.parquet")


@pytest.mark.parametrize("name", ["a[12]*", "b{1,2}?", "c'); drop table t; --", "d%20e#f", "~", "中文 空格\t"])
def test_names_are_no_patterns(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for neighbour in ("a1", "a2", "b1", "b2"):
        (tmp_path / neighbour).mkdir()
        (tmp_path / neighbour / "original").write_bytes(b"not,the,file\n")
    task = job(folder, DATA / "dialler.csv")
    (folder / "x[12]*.csv").write_bytes((DATA / "dialler.csv").read_bytes())
    task = Job(folder / "x[12]*.csv", "x[12]*.csv", task.work)
    (folder / "x1.csv").write_bytes(b"not,the,file\n")
    out = folder / "raw[0]*-0000.parquet"
    items, _ = rows(task)
    found, _ = columns(task, out)
    assert found == as_tuples(items)
    gbk = (DATA / "dialler.csv").read_text(encoding="utf-8").encode("gb18030")
    (folder / "x[12]*.csv").write_bytes(gbk)
    out.unlink()
    assert columns(task, out)[0] == found


def test_the_file_has_the_agreed_layout(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert table.copy_raw(job(tmp_path, big("none", 50)), Facts("table"), out)
    con = duckdb.connect()
    described = con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(out)]).fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [
        ("n", "BIGINT"),
        *[(name, "VARCHAR") for name in ("locator", "reason", "raw", *RAW_FIELDS)],
    ]
    counted = con.execute(
        "SELECT count(*), min(n), max(n), count(DISTINCT n) FROM read_parquet(?)", [str(out)]
    ).fetchone()
    assert counted is not None
    assert counted[0] == counted[2] == counted[3] > 50_000
    assert counted[1] == 1
    con.close()


def test_nothing_is_left_in_the_work_folder(tmp_path: Path) -> None:
    task = job(tmp_path, (DATA / "dialler.csv").read_text(encoding="utf-8").encode("gb18030"))
    columns(task, tmp_path / "out.parquet")
    assert [path.name for path in task.work.iterdir() if path.name not in ("utf8.txt", "lines.txt")] == []


def test_the_raw_text_of_a_reject_is_cut(tmp_path: Path) -> None:
    content = big("none", 10**9) + b"\n2025-03-01," + b"x" * 5000
    out = tmp_path / "out.parquet"
    assert table.copy_raw(job(tmp_path, content), Facts("table"), out)
    assert pl.read_parquet(out)["raw"].str.len_chars().max() == 2000
