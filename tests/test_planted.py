"""Five hundred planted tokens of third parties: none is in any stream of the redacted pack, nor in logs or messages."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from exports import AGENT, ME, epoch, people
from test_pack import everything, order

from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.report.channels import channel
from collectaudit.report.pack import pack

pytest.importorskip("typst")
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈", "秀兰桂英建国淑珍志强玉梅海燕俊杰"
DICE = random.Random(20261122)  # noqa: S311 — only has to be the same again


def planted() -> Iterator[tuple[str, str, str | None]]:
    """(the sentence that holds it, the token to look for, the number it belongs to in people.csv)."""
    for n in range(500):
        digits = "1" + DICE.choice("3589") + "".join(DICE.choices("0123456789", k=9))
        name = DICE.choice(_SURNAMES) + "".join(DICE.sample(_GIVEN, 2))
        groups = digits[:3], digits[3:7], digits[7:]
        spelled = [
            digits, "+86" + digits, "0086" + digits, "-".join(groups), " ".join(groups), ".".join(groups),
            "".join(chr(ord(d) + 0xFEE0) for d in digits), "".join("零一二三四五六七八九"[int(d)] for d in digits),
        ]  # fmt: skip
        kinds = [
            (f"打他手机{spelled[n % 8]}", spelled[n % 8], None),
            (f"他身份证{digits}1990{digits[:3]}X", f"{digits}1990{digits[:3]}X", None),
            (f"他卡号6222 {digits[:4]} {digits[4:8]} {digits[8:]}1", f"6222 {digits[:4]} {digits[4:8]}", None),
            (f"找{name}要去", name, f"+86{digits}"),
            (f"他住杭州市西湖区文三路{n + 100}号3单元{n % 30 + 1}01室", f"文三路{n + 100}号", None),
        ]  # fmt: skip
        yield kinds[n % 5]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, set[str]]:
    home = tmp_path_factory.mktemp("planted")
    rows = list(planted())
    said = ["。".join(said for said, _, _ in rows[n : n + 5]) for n in range(0, len(rows), 5)]  # one of each kind
    first = epoch("2026-03-09 22:15:00")
    lines = [
        f'<sms protocol="0" address="{AGENT}" date="{first + n * 60_000}" type="1" '
        f'body="再不还钱就给你通讯录里的人打电话，{text}" read="1" status="-1" />'
        for n, text in enumerate(said)
    ]
    log = home / "in" / f"与{rows[3][1]}有关.xml"
    log.parent.mkdir()
    text = (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"{len(lines)}\">\n" + "\n".join(lines) + "\n</smses>\n"
    )
    log.write_text(text, encoding="utf-8")
    known = [f"{number},family,{token}," for _, token, number in rows if number]
    roles = people(home / "in" / "people.csv", f"{AGENT},collector,,样例催收服务部", f"{ME},debtor", *known)
    return audit([log, roles], out=home / "case", owners={"": ME}), {token for _, token, _ in rows}


def test_the_twin_holds_none_of_them(
    case: tuple[Case, set[str]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mine, tokens = case
    assert len(tokens) > 480
    to = tmp_path / "twin"
    pack(mine, to, order(channel=channel("police"), redacted=True))
    left = [
        (name, token)
        for name, data in everything(tmp_path)
        for token in tokens
        if any(token.encode(code) in data for code in ("utf-8", "utf-16-le", "gb18030"))
    ]
    assert left == []
    assert capfd.readouterr() == ("", "")
    log = (mine.path / "log" / "audit.jsonl").read_text(encoding="utf-8")
    assert not [token for token in tokens if token in log]
    assert not list((mine.path / "tmp").iterdir())


def test_the_search_would_find_them(case: tuple[Case, set[str]], tmp_path: Path) -> None:
    mine, tokens = case
    pack(mine, tmp_path / "pack", order())
    found = {token for _, data in everything(tmp_path) for token in tokens if token.encode() in data}
    assert len(found) == len(tokens)
