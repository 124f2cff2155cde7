"""Review and quality: figures of textbooks, blind samples, appeals, the log; many verdicts at once."""

from collections.abc import Iterator
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, codes, page, served_sample, widget

from collectaudit import contact, listing, quality, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.errors import IntegrityError, WrongUse
from collectaudit.evidence.log import read_chain
from collectaudit.filtering import Wanted

pytest.importorskip("streamlit")
EVERY = Wanted({})


@pytest.fixture
def case(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    case = served_sample(tmp_path_factory, tmp_path / "home")
    yield case
    if case._asked is not None:
        case._asked[1].close()


def key() -> str:
    return str(serve.desk().cases()[0]["key"])


def shown(part: str, lang: str = "zh", **query: str) -> Any:
    test = page("quality", lang, case=key(), way="inspect", part=part, **query)
    assert not test.exception
    assert [element.value for element in test.error] == []
    return test


def texts(test: Any) -> str:
    kinds = (test.text, test.title, test.subheader, test.success)
    return "\n".join(element.value for kind in kinds for element in kind)


def pairs(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[tuple[str, str]]:
    return [("y", "y")] * yes_yes + [("y", "n")] * yes_no + [("n", "y")] * no_yes + [("n", "n")] * no_no


# Cohen's kappa by hand: 50 applications, 20 both yes, 5 and 10 apart, 15 both no: po 0.7, pe 0.5·0.6 + 0.5·0.4 = 0.5.
# The two others have the same po of 0.6 with different margins (100 each): pe 0.54 and 0.46.
@pytest.mark.parametrize(
    ("counts", "value"), [((20, 5, 10, 15), 0.4), ((45, 15, 25, 15), 0.1304), ((25, 35, 5, 35), 0.2593)]
)
def test_kappa_of_textbooks(counts: tuple[int, int, int, int], value: float) -> None:
    found = quality.kappa(pairs(*counts))
    assert isclose(found["kappa"], value, abs_tol=5e-5)
    assert found["both"] == sum(counts)
    assert found["agreed"] == counts[0] + counts[3]


def test_the_interval_of_kappa() -> None:
    """√(0.7 · 0.3 / 50) / 0.5 = 0.12961; 0.4 ± 1.96 · 0.12961."""
    low, high = quality.kappa(pairs(20, 5, 10, 15))["interval"]
    assert isclose(low, 0.1460, abs_tol=1e-3)
    assert isclose(high, 0.6540, abs_tol=1e-3)


@pytest.mark.parametrize(
    ("given", "value", "band"),
    [(pairs(5, 0, 0, 5), 1.0, "high"), (pairs(0, 5, 5, 0), -1.0, "none"), (pairs(5, 0, 0, 0), None, None),
     ([], None, None)],
)  # fmt: skip
def test_kappa_at_its_ends(given: list[tuple[str, str]], value: float | None, band: str | None) -> None:
    found = quality.kappa(given)
    assert (found["kappa"], found["band"]) == (value, band)
    assert found["few"]


@pytest.mark.parametrize(
    ("value", "band"),
    [(0.4, "fair"), (0.41, "moderate"), (0.2, "slight"), (0.61, "substantial"), (0.81, "high"), (-0.2, "none")],
)
def test_bands_begin_above_their_limit(value: float, band: str) -> None:
    assert next(name for most, name in quality.BANDS if value <= most) == band


# Wilson's interval, of Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
@pytest.mark.parametrize(
    ("some", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_textbooks(some: int, of: int, low: float, high: float) -> None:
    found = quality.share(some, of)
    assert isclose(found["share"], some / of)
    assert isclose(found["interval"][0], low, abs_tol=5e-5)
    assert isclose(found["interval"][1], high, abs_tol=5e-5)
    assert quality.share(0, 0) == {"share": None, "interval": None}


def test_a_sample_is_the_same_for_the_same_seed(case: Case) -> None:
    rules = {row["rule_id"]: row["n"] for row in case.query("SELECT rule_id, count(*) AS n FROM findings GROUP BY ALL")}
    numbers = [quality.draw(case, 3, seed, by="me") for seed in ("7", "7", "8")]
    last, same, first = quality.samples(case)
    assert numbers == [1, 2, 3] == [first["sample"], same["sample"], last["sample"]]
    assert first["finding_ids"] == same["finding_ids"] != last["finding_ids"]
    assert len(first["finding_ids"]) == len(set(first["finding_ids"])) == sum(min(3, n) for n in rules.values())
    assert (first["seed"], first["by"], first["gone"]) == ("7", "me", 0)
    entry = read_chain(case.path / "log").entries[-1]
    assert (entry["ev"], entry["drawer"], entry["cmd"]) == ("drawer.write", "samples.csv", "sample")


@pytest.mark.parametrize("per_rule", [0, -1, 201])
def test_a_sample_of_no_size_is_refused(case: Case, per_rule: int) -> None:
    with pytest.raises(WrongUse):
        quality.draw(case, per_rule, "1")
    assert quality.samples(case) == []


def test_a_reviewer_sees_nothing_of_what_others_think(case: Case) -> None:
    quality.draw(case, 1, "1")
    first = quality.samples(case)[0]["finding_ids"][0]
    case.review(first, "dismissed", note="secret reasons", by="somebody else", kind="blind")
    case.review(first, "confirmed", note="secret reasons", by="somebody else")
    test = shown("sample", reviewer="me")
    everything = texts(test) + str([element.proto for element in test.get("bidi_component")])
    assert "secret reasons" not in everything
    assert "somebody else" not in everything
    words = Words("zh")
    assert not any(words.word("verdict", name) in texts(test) for name in ("confirmed", "dismissed", "unsure"))
    test.button(key="verdict-unsure").click().run()
    opinions = contact.opinions_on(case, first)
    assert [(row["by"], row["kind"], row["verdict"]) for row in opinions[-1:]] == [("me", "blind", "unsure")]
    assert quality.next_blind(case, quality.samples(case)[0]["finding_ids"], " ME ")[0] == 1


def test_the_pages_of_a_whole_review(case: Case) -> None:
    """Drawn by the form, judged to the end by one person; then the other's opinions, and what they disagree on."""
    test = shown("sample")
    test.number_input(key="per-rule").set_value(1)
    test.text_input(key="seed").set_value("3")
    next(button for button in test.button if button.label == Words("zh", "app")("blind.draw_now")).click().run()
    ids = quality.samples(case)[0]["finding_ids"]
    test = shown("sample", reviewer="a")
    for _ in ids:
        assert Words("zh", "app")("blind.not_yet", reviewer="a") in texts(shown("agreement", reviewer="a"))
        test.button(key="verdict-confirmed").click().run()
        assert not test.exception
    assert Words("zh", "app")("blind.finished") in texts(test)
    assert Words("zh", "app")("blind.too_few") in texts(shown("agreement", reviewer="a"))
    for n, finding_id in enumerate(ids):
        case.review(finding_id, "dismissed" if n == 2 else "confirmed", by="b", kind="blind")
    rows = (widget(shown("agreement"), "rows") or {})["rows"]
    assert len(rows) == len(ids)
    assert ids[2] in rows[0]["href"]
    assert listing.count(case, Wanted({"verdict": ["confirmed"]})) == len(ids) - 1
    case.review(ids[2], "dismissed", by="c", kind="final")
    assert [row["decided"] for row in quality.judged(case, ids, "zh") if row["disagree"]] == ["dismissed"]


def test_agreement_counts_the_last_opinion_of_each(case: Case) -> None:
    quality.draw(case, 2, "1")
    ids = quality.samples(case)[0]["finding_ids"][:4]
    for one, other, finding_id in zip("yyny", "ynny", ids, strict=True):
        names = {"y": "confirmed", "n": "dismissed"}
        case.review(finding_id, "unsure", by="A", kind="blind")
        case.review(finding_id, names[one], by="a", kind="blind")
        case.review(finding_id, names[other], by="b", kind="blind")
    (pair,) = quality.agreement(case, ids)
    assert (pair["both"], pair["agreed"]) == (4, 3)
    assert isclose(pair["kappa"], 0.5)  # po 3/4; pe 3/4 · 2/4 + 1/4 · 2/4 = 1/2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_precision_is_counted_from_verdicts(case: Case, lang: str) -> None:
    rule = "out-of-hours"
    ids = listing.ids(case, Wanted({"rule": [rule]}))
    for finding_id, name in zip(ids, ("confirmed", "confirmed", "dismissed", "unsure"), strict=False):
        case.review(finding_id, name)
    row = next(row for row in quality.precision(case, lang) if row["rule_id"] == rule)
    counts = [row[name] for name in ("n", "confirmed", "dismissed", "unsure", "open")]
    assert counts == [len(ids), 2, 1, 1, len(ids) - 4]
    assert isclose(row["share"], 2 / 3)
    assert {name: row[name] for name in ("share", "interval")} == quality.share(2, 3)
    lines = (widget(shown("precision", lang), "rows") or {})["rows"]
    assert sum(int(line["cells"][2]["text"]) for line in lines) == listing.count(case, EVERY)


def test_an_appeal_waits_for_a_final_decision(case: Case) -> None:
    one, other = listing.ids(case, EVERY)[:2]
    case.review(one, "confirmed", by="me")
    case.review(one, "dismissed", note="not us", by="agency", kind="appeal")
    case.review(other, "confirmed", by="chief", kind="final")
    case.review(other, "dismissed", note="agreed hours", by="agency", kind="appeal")
    assert [row["decided"] for row in quality.appeals(case, "zh")] == [None, None]  # decided before it was made
    case.review(one, "dismissed", note="you are right", by="chief", kind="final")
    rows = quality.appeals(case, "zh")
    assert [(row["finding_id"], row["decided"], row["answer"]) for row in rows] == [
        (other, None, None), (one, "dismissed", "you are right"),
    ]  # fmt: skip
    assert Words("zh", "app")("quality.appeals_counted", n=2, open=1) in texts(shown("appeals"))


def test_an_appeal_is_written_on_the_page_of_the_finding(case: Case) -> None:
    finding_id = listing.ids(case, EVERY)[0]
    test = page("event", "en", case=key(), way="inspect", finding=finding_id, kind="final")
    words = Words("en", "app")
    fields = {field.label: field for field in (*test.text_input, *test.text_area)}
    fields[words("opinions.appeal_by")].set_value("agency")
    fields[words("opinions.appeal_why")].set_value("not us\nreally")
    next(button for button in test.button if button.label == words("opinions.appeal_write")).click().run()
    test.button(key="verdict-dismissed").click().run()
    assert not test.exception
    found = [(row["kind"], row["by"], row["note"]) for row in contact.opinions_on(case, finding_id)]
    assert found[0] == ("appeal", "agency", "not us really")
    assert found[1][0] == "final"


def test_the_log_page_by_page(case: Case) -> None:
    chain = read_chain(case.path / "log")
    seen = []
    for number in range(1, len(chain.entries) // quality.ROWS + 2):
        found = quality.log_page(case, number)
        assert (found["n"], found["head"], found["fault"]) == (len(chain.entries), chain.head, None)
        seen += [(row["seq"], row["hash"]) for row in found["rows"]]
    assert seen == [(entry["seq"], entry["h"]) for entry in chain.entries[::-1]]
    test = shown("log")
    assert (widget(test, "rows") or {})["rows"][0]["cells"][0]["text"] == f"{len(chain.entries):,}"
    assert chain.head in codes(test)


def test_a_broken_log_is_said_in_words(case: Case) -> None:
    log = case.path / "log" / "audit.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([lines[0].replace(b'"seq":1', b'"seq":2'), *lines[1:]]))
    with pytest.raises(IntegrityError):
        quality.log_page(case, 1)
    test = page("quality", "zh", case=key(), way="inspect", part="log")
    assert not test.exception
    assert len(test.error) == 1


def test_whether_the_opinions_are_as_they_were_written(case: Case) -> None:
    assert quality.history_kept(case) is None
    case.review(listing.ids(case, EVERY)[0], "unsure")
    assert quality.history_kept(case) is True
    with (case.path / "reviews.csv").open("a", encoding="utf-8") as file:
        file.write("x,confirmed,,,,\r\n")
    assert quality.history_kept(case) is False


def test_many_verdicts_at_once_need_two_steps(case: Case) -> None:
    wanted = Wanted({"severity": ["high"]})
    ids, words = listing.ids(case, wanted), Words("zh", "app")
    case.review(ids[0], "confirmed")
    before = len(read_chain(case.path / "log").entries)
    test = page("findings", "zh", case=key(), way="inspect", severity="high")
    assert test.button(key="bulk-next").disabled
    test.radio(key="bulk-verdict").set_value("dismissed").run()
    test.text_input(key="bulk-note").set_value("看过原件").run()
    test.button(key="bulk-next").click().run()
    said = words("bulk.sure", n=len(ids), verdict=Words("zh").word("verdict", "dismissed"))
    assert said in texts(test)
    assert words("bulk.judged", n=1) in texts(test)
    assert len(read_chain(case.path / "log").entries) == before
    test.button(key="bulk-write").click().run()
    assert not test.exception
    assert words("bulk.written", n=len(ids)) in texts(test)
    assert listing.count(case, Wanted({"severity": ["high"], "verdict": ["dismissed"]})) == len(ids)
    assert len(read_chain(case.path / "log").entries) == before + 1
    assert case.query("SELECT DISTINCT note FROM verdicts") == [{"note": "看过原件"}]


def test_another_choice_takes_the_question_back(case: Case) -> None:
    test = page("findings", "zh", case=key(), way="inspect")
    test.radio(key="bulk-verdict").set_value("dismissed").run()
    test.button(key="bulk-next").click().run()
    assert [button for button in test.button if button.key == "bulk-write"]
    test.radio(key="bulk-verdict").set_value("confirmed").run()
    assert not [button for button in test.button if button.key == "bulk-write"]
    assert not (case.path / "reviews.csv").exists()


def test_a_borrower_is_not_asked_to_judge_many(case: Case) -> None:  # noqa: ARG001 — it is served
    test = page("findings", "zh", case=key(), way="complain")
    assert not [button for button in test.button if str(button.key).startswith("bulk")]


def test_the_same_words_elsewhere(case: Case) -> None:
    rows = case.query("SELECT DISTINCT finding_id FROM evidence WHERE signal_id IS NOT NULL ORDER BY ALL")
    assert rows
    for row in rows[:12]:
        found = contact.same_words(case, row["finding_id"]) or {}
        assert 0 <= found["same"] <= found["alike"]
        assert len(found["rows"]) == min(found["alike"], 8)
        assert [one["same"] for one in found["rows"]] == sorted([one["same"] for one in found["rows"]], reverse=True)
        assert all(one["same"] == (one["matched"] == found["matched"]) for one in found["rows"])
    without = next(
        row["finding_id"] for row in case.query("SELECT finding_id FROM evidence WHERE signal_id IS NULL ORDER BY ALL")
    )
    assert contact.same_words(case, without) is None


def test_a_record_says_when_and_how_it_was_read(case: Case) -> None:
    for row in case.query("SELECT sha256 FROM sources WHERE kind = 'events'"):
        found = contact.kept_when(case, row["sha256"])
        assert found["read"] >= found["kept"]
        assert found["tool"].startswith("collectaudit ")
    assert contact.kept_when(case, "0" * 64) == {"kept": None, "read": None, "tool": None}
