"""Small exports written for tests: SMS Backup & Restore files and people's tables, from readable rows."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
AGENT, ME, MOTHER = "02188880000", "13800138000", "13800138001"


def epoch(at: str) -> int:
    """Milliseconds of a civil time in Shanghai."""
    return int(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).timestamp() * 1000)


def calls(path: Path, rows: Sequence[tuple[str, str, int]], number: str = AGENT) -> Path:
    """(civil time, `in` · `out` · `missed`, seconds) as a calls backup."""
    kinds = {"in": 1, "out": 2, "missed": 3}
    lines = [
        f'  <call number="{number}" duration="{seconds}" date="{epoch(at)}" type="{kinds[kind]}" presentation="1" />'
        for at, kind, seconds in rows
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
    path.write_text(f'{head}<calls count="{len(rows)}">\n' + "\n".join(lines) + "\n</calls>\n", encoding="utf-8")
    return path


def people(path: Path, *rows: str) -> Path:
    """A people.csv of `number,role[,name,organisation,account,lender]` rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = "number,role,name,organisation,account,lender,relation,note"
    full = [row + "," * (header.count(",") - row.count(",")) for row in rows]
    path.write_text("\n".join([header, *full]) + "\n", encoding="utf-8")
    return path


def facts(path: Path, *rows: str) -> Path:
    """A facts.csv of `account,party,fact,from_at,until_at,value,note` rows."""
    path.write_text("\n".join(["account,party,fact,from_at,until_at,value,note", *rows]) + "\n", encoding="utf-8")
    return path


def bill(path: Path, rows: Sequence[tuple[str, str, str]], owner: str = ME, month: str = "2025-06") -> Path:
    """A carrier's bill in GB18030: (time, 主叫 or 被叫, duration as written), all with the agent's number."""
    lines = [
        f"{month}通话详单", f"客户号码：{owner}", f"计费周期：{month}-01至{month}-30", "",
        "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,实收通信费(元)",
        *[f"{at},上海,{kind},{AGENT},{seconds},本地,0.00" for at, kind, seconds in rows],
        f"合计,,,,,,{len(rows)}",
    ]  # fmt: skip
    path.write_text("\r\n".join(lines) + "\r\n", encoding="gb18030")
    return path
