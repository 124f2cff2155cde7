"""The redacted twin: nothing that tells who a third party is stays in any text, in any spelling; counts stay."""

import random
from pathlib import Path

import pytest
from bigcase import sample_copy

from collectaudit.catalogue import Words
from collectaudit.report.dossier import as_json, dossier
from collectaudit.report.redact import Redactor, redacted

KEY = bytes(range(32))
MOTHER, ME, AGENT = "+8613800138002", "+8613800138001", "95000121"
PEOPLE = [
    {"number": MOTHER, "role": "family", "name": "王秀兰"},
    {"number": ME, "role": "debtor", "name": "陈静怡"},
    {"number": AGENT, "role": "collector", "name": "样例催收服务部"},
]
ZH = Redactor(KEY, PEOPLE, Words("zh", "report"), ["XF-2023-0518"])


@pytest.mark.parametrize(
    "text",
    [
        "打给王秀兰", "打给王 秀 兰", "打给王\u200b秀兰", "打给王秀蘭", "打给王*秀*兰",
        "13800138002", "+8613800138002", "86-138-0013-8002", "138 0013 8002", "138.0013.8002", "(138)0013-8002",
        "１３８００１３８００２", "一三八零零一三八零零二", "幺三八〇〇幺三八〇〇二", "1\u200b3800138002",
    ],
)  # fmt: skip
def test_one_person_has_one_pseudonym_however_they_are_written(text: str) -> None:
    made = ZH.text(f"请转告{text}还钱")
    assert ZH.person(MOTHER) in made
    assert made == f"请转告{made[3:-2]}还钱"
    assert not any(part in made for part in ("秀", "8002", "８００２", "零零二"))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("身份证11010119900307123X", "身份证〔号码或证件已隐去〕"),
        ("卡号 6222 0212 3456 7890 123", "卡号 〔号码或证件已隐去〕"),
        ("家住浙江省杭州市西湖区文三路138号2单元301室", "〔地址已隐去〕"),
        ("发到wang.xl@example.com", "发到〔邮箱已隐去〕"),
        ("lives at 12 Elm Street Apt 4, right", "lives at 〔地址已隐去〕, right"),
    ],
)
def test_papers_and_addresses_go(text: str, made: str) -> None:
    assert ZH.text(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "本人13800138001", "95000121来电", "账户XF-2023-0518", "欠款 12345678元", "2026-03-02 16:40", "共 3 次",
        "2026年3月2日", "", "陈静怡女士",
    ],
)  # fmt: skip
def test_what_the_matter_is_about_stays(text: str) -> None:
    assert ZH.text(text) == text


def test_without_the_key_a_pseudonym_cannot_be_guessed() -> None:
    other = Redactor(bytes(32), PEOPLE, Words("zh", "report"))
    assert other.person(MOTHER) != ZH.person(MOTHER)
    assert ZH.person("+8613800138003") != ZH.person(MOTHER)


def test_a_passage_stays_where_its_words_are() -> None:
    text = "找王秀兰要钱，不然报警抓你"
    start = text.index("报警抓")
    turn = {"text": text, "spans": [{"start_char": start, "end_char": start + 3}, {"start_char": 0, "end_char": 3}]}
    made = ZH.turn(turn)
    cut = [made["text"][span["start_char"] : span["end_char"]] for span in made["spans"]]
    assert cut == ["报警抓", f"找{ZH.person(MOTHER)}"]


def test_the_sample_keeps_its_counts_and_loses_its_third_parties(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = dossier(sample_copy(tmp_path_factory, tmp_path / "case"), "zh")
    redactor = Redactor(KEY, made.parties, Words("zh", "report"))
    twin = redacted(made, redactor)
    assert twin.counts == made.counts
    assert [row["exhibits"] for row in twin.findings] == [row["exhibits"] for row in made.findings]
    told = as_json(twin)
    others = [row for row in made.parties if row["role"] not in ("debtor", "collector")]
    assert others
    for row in others:
        assert row["number"].removeprefix("+86") not in told
        assert row["name"] not in told
    assert ME in told
    assert as_json(redacted(made, redactor)) == told


def test_five_hundred_planted_tokens() -> None:
    dice = random.Random(20261122)  # noqa: S311 — only has to be the same again
    left = []
    for n in range(500):
        digits = "1" + dice.choice("3589") + "".join(dice.choices("0123456789", k=9))
        token = _spelled(digits, n % 8)
        made = ZH.text(f"联系他{token}，别拖")
        left += [(token, made)] if token in made or digits[-8:] in made else []
    assert left == []


def _spelled(digits: str, how: int) -> str:
    groups = digits[:3], digits[3:7], digits[7:]
    return [
        digits, "+86" + digits, "0086" + digits, "-".join(groups), " ".join(groups), ".".join(groups),
        "".join(chr(ord(d) + 0xFEE0) for d in digits), "".join("零一二三四五六七八九"[int(d)] for d in digits),
    ][how]  # fmt: skip
