"""Writes the sample files from the stories in story*.py. Same script, same bytes; only the standard library.

    python sample_data/make.py

people.csv, facts.csv and expected/*.json are written by hand and stay as they are; speak.py makes the recordings.
"""

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from xml.sax.saxutils import quoteattr

import story
import story_agency
import story_english

HERE = Path(__file__).parent
BEIJING = timezone(timedelta(hours=8))
NEW_YORK = timezone(timedelta(hours=-5))  # in winter
CALL_TYPES = {"in": 1, "out": 2, "missed": 3, "rejected": 5, "blocked": 6}
MESSAGE_TYPES = {"in": 1, "out": 2, "draft": 3, "failed": 5}
BILLED_FROM = datetime(2026, 3, 1, tzinfo=BEIJING)
# The same number as phones write it: with the country's code, without it, with hyphens.
NOTATIONS = ("{0}", "+86{0}", "{0}", "{0}", "{1}", "{0}")
DIALLER_COLUMNS = (
    "案件编号", "拨打时间", "主叫号码", "被叫号码", "与本人关系", "通话结果", "通话时长(秒)", "坐席工号",
    "受托方", "委托方", "逾期天数", "录音文件",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the owner of a phone sees it."""

    at: datetime
    other: str
    kind: str
    seconds: int


def calls(text: str, told: ModuleType = story, zone: timezone = BEIJING) -> list[Call]:
    """The calls of a table in a story."""
    rows = (line.split() for line in text.strip().splitlines())
    return [Call(_time(f"{day} {clock}", zone), getattr(told, who), kind, int(s)) for day, clock, who, kind, s in rows]


def _time(text: str, zone: timezone = BEIJING) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)


def _epoch_ms(at: datetime, i: int) -> int:
    """Phones keep milliseconds; made from the row's place, so that they are the same each time."""
    return int(at.timestamp()) * 1000 + i * 137 % 1000


def _display(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _written(number: str, i: int) -> str:
    """A mobile number in one of the notations found in exports; other numbers stay as they are."""
    if len(number) != 11 or not number.startswith("1"):
        return number
    return NOTATIONS[i % len(NOTATIONS)].format(number, f"{number[:3]}-{number[3:7]}-{number[7:]}")


def call_log(path: Path, entries: list[Call], made: str, told: ModuleType = story) -> None:
    """A call file of SMS Backup & Restore, with the comment and the style sheet line that older versions write."""
    lines = [
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>",
        f"<!--File Created By Call Logs Backup &amp; Restore v3.51 on {made}-->",
        '<?xml-stylesheet type="text/xsl" href="calls.xsl"?>',
        f'<calls count="{len(entries)}">',
    ]
    for i, call in enumerate(entries, 1):
        lines.append(
            f'  <call number="{_written(call.other, i)}" duration="{call.seconds}" date="{_epoch_ms(call.at, i)}" '
            f'type="{CALL_TYPES[call.kind]}" presentation="1" readable_date="{_display(call.at)}" '
            f"contact_name={quoteattr(told.NAMES.get(call.other, '(Unknown)'))} />"
        )
    _write(path, [*lines, "</calls>"], "utf-8", "\n")


def message_log(path: Path, text: str, made: str) -> None:
    """A message file of SMS Backup & Restore; its emoji are two references each, as the app writes them."""
    rows = [line.split("|", 3) for line in text.strip().splitlines()]
    made_ms = _epoch_ms(_time(made), 0)
    lines = [
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>",
        f'<smses count="{len(rows)}" backup_set="sample" backup_date="{made_ms}" type="full">',
    ]
    for i, (when, who, kind, body) in enumerate(rows, 1):
        number, at = getattr(story, who), _time(when)
        sent = _epoch_ms(at, i) - 2000 if kind == "in" else 0
        lines.append(
            f'  <sms protocol="0" address="{_written(number, i)}" date="{_epoch_ms(at, i)}" '
            f'type="{MESSAGE_TYPES[kind]}" subject="null" body={_body(body)} toa="null" sc_toa="null" '
            f'service_center="null" read="1" status="-1" locked="0" date_sent="{sent}" sub_id="1" '
            f'readable_date="{_display(at)}" contact_name={quoteattr(story.NAMES.get(number, "(Unknown)"))} />'
        )
    _write(path, [*lines, "</smses>"], "utf-8", "\n")


def _body(text: str) -> str:
    return quoteattr(text).replace("&amp;#", "&#")


def bill(path: Path, owner: str, holder: str, answered: Iterable[Call], chance: random.Random) -> None:
    """A carrier's bill for March 2026: answered calls only, times without a year, started when the call was taken."""
    lines = [
        "虚构移动通信有限公司客户通话详单",
        f"客户姓名：,{holder}",
        f"客户号码：,{owner}",
        "计费周期：,2026年03月01日至2026年03月31日",
        "查询时间：,2026-03-14 09:40:12",
        "",
        "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型,套餐优惠,实收通信费(元)",
    ]
    rows = [_billed(call, chance) for call in sorted(answered, key=lambda call: call.at)]
    total = f"合计,,,,共{len(rows)}条,,,0.00"
    note = "温馨提示：本详单仅供参考，未接通的通话不产生话费，不在详单中列出。"
    _write(path, [*lines, *rows, total, note], "gb18030", "\r\n")


def _billed(call: Call, chance: random.Random) -> str:
    start = call.at + timedelta(seconds=chance.randint(5, 40))
    seconds = call.seconds + chance.randint(0, 1)
    length = f"{seconds // 60}分{seconds % 60:02}秒" if seconds >= 60 else f"{seconds}秒"
    way = "主叫" if call.kind == "out" else "被叫"
    number = call.other.replace("-", "")
    return f"{start:%m-%d %H:%M:%S},北京,{way},{number},{length},本地通话,0.00,0.00"


def contacts(path: Path) -> None:
    """An address book as two phones in a row left it: vCard 2.1 with quoted-printable names, and vCard 3.0."""
    old = [(story.MUM, "", "妈妈"), (story.FRIEND, "赵", "敏"), (story.LANDLORD, "", "房东孙阿姨")]
    new = [(story.COLLEAGUE, "李", "浩", "虚构科技公司"), (story.ZHANG, "", "张专员", "样例催收服务部")]
    lines: list[str] = []
    for number, family, given in old:
        names = f"{_quoted(family)};{_quoted(given)};;;", _quoted(family + given)
        mark = "CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
        lines += ["BEGIN:VCARD", "VERSION:2.1", f"N;{mark}{names[0]}", f"FN;{mark}{names[1]}", f"TEL;CELL:{number}"]
        lines.append("END:VCARD")
    for number, family, given, firm in new:
        lines += ["BEGIN:VCARD", "VERSION:3.0", f"N:{family};{given};;;", f"FN:{family}{given}", f"ORG:{firm}"]
        lines += [f"TEL;TYPE=CELL,VOICE:{number[:3]}-{number[3:7]}-{number[7:]}", "END:VCARD"]
    _write(path, lines, "utf-8", "\r\n")


def _quoted(text: str) -> str:
    return "".join(f"={byte:02X}" for byte in text.encode("utf-8"))


def dialler(path: Path, chance: random.Random) -> None:
    """The agency's log for February 2026: the entries of story_agency.py among everyday calls, in order of time."""
    told = [line.split("|") for line in story_agency.DIALLED.strip().splitlines()]
    rows = sorted([*told, *_everyday(told, chance)], key=lambda row: (row[1], row[0]))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(DIALLER_COLUMNS)
        for i, row in enumerate(rows, 1):
            out.writerow(_dialled(row, i))
            if row[1].startswith("2026-02-14 ") and not row[1].startswith(rows[i][1][:10]):
                out.writerow(["JX-2602", "2026-02-30 10:00:00", "010-88880021", "13800137201", "本人", "无人接听",
                              "0", "Z03", "样例催收服务部", "示例消费金融", "107", ""])  # fmt: skip
                out.writerow(["JX-2603", "2026-02-14 15:20:00", "010-888800"])


def _dialled(row: list[str], i: int) -> list[object]:
    account, when, number, relation, result, seconds, agent, agency = row
    overdue = story_agency.DAYS_PAST_DUE[account] + int(when[8:10]) - 1
    recording = _recording(when, number, agent, i) if result == "接通" else ""
    return [account, when, story_agency.OUTSIDE_LINES[agency], number, relation, result, seconds, agent, agency,
            story_agency.LENDERS[account], overdue, recording]  # fmt: skip


def _recording(when: str, number: str, agent: str, i: int) -> str:
    """The name that a switch gives to a recording: both ends, when, and a number of its own."""
    extension = 3200 + int(agent[1:]) + (50 if agent[0] == "F" else 80 if agent[0] == "Y" else 0)
    at = _time(when)
    return f"out-{number.replace('*', 'x')}-{extension}-{at:%Y%m%d-%H%M%S}-{int(at.timestamp())}.{i}.wav"


def _everyday(told: list[list[str]], chance: random.Random) -> Iterator[list[str]]:
    """Calls that break nothing: to the debtor, in the daytime, at most two a day, on days the story leaves alone."""
    for account, (number, agent, agency, days) in story_agency.EVERYDAY.items():
        taken = {row[1][:10] for row in told if row[0] == account}
        free = [day for day in days if f"2026-02-{day:02}" not in taken]
        for day in free:
            for hour in sorted(chance.sample((9, 11, 14, 17), chance.randint(1, 2))):
                when = f"2026-02-{day:02} {hour:02}:{chance.randint(0, 59):02}:{chance.randint(0, 59):02}"
                reached = chance.random() < 0.35
                yield [account, when, number, "本人", "接通" if reached else chance.choice(("无人接听", "忙线")),
                       str(chance.randint(20, 160)) if reached else "0", agent, agency]  # fmt: skip


def _write(path: Path, lines: Iterable[str], encoding: str, newline: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline=newline) as file:
        file.writelines(line + "\n" for line in lines)


def main() -> None:
    """Write every sample file."""
    chance = random.Random(20260314)  # noqa: S311 — invented data, and the same each time
    mine, hers = calls(story.CALLS), calls(story.MUM_CALLS)
    borrower, mother = HERE / "borrower", HERE / "mother"
    call_log(borrower / "calls-20260314093500.xml", mine, "14 Mar 2026 09:35:00")
    message_log(borrower / "sms-20260314093000.xml", story.MESSAGES, "2026-03-14 09:30:00")
    bill(borrower / "详单-2026-03.csv", story.ME, "陈*怡", _answered([*mine, *calls(story.BILL_ONLY)]), chance)
    contacts(borrower / "contacts.vcf")
    call_log(mother / "calls-20260314101000.xml", hers, "14 Mar 2026 10:10:00")
    message_log(mother / "sms-20260314101200.xml", story.MUM_MESSAGES, "2026-03-14 10:12:00")
    bill(mother / "详单-2026-03.csv", story.MUM, "王*兰", _answered(hers), chance)
    abroad = calls(story_english.CALLS, story_english, NEW_YORK)
    call_log(HERE / "english" / "calls-20260214091500.xml", abroad, "14 Feb 2026 09:15:00", story_english)
    (HERE / "agency").mkdir(exist_ok=True)
    dialler(HERE / "agency" / "dialler-2026-02.csv", chance)


def _answered(entries: Iterable[Call]) -> list[Call]:
    return [call for call in entries if call.seconds and call.at >= BILLED_FROM]


if __name__ == "__main__":
    main()
