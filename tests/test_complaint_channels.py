"""Where a complaint can go: every place is complete data, nothing weakly known is told as fact, gaps are named."""

from pathlib import Path

import pytest

from collectaudit.case import Case
from collectaudit.drawers import COMPLAINT
from collectaudit.errors import WrongUse
from collectaudit.report import complaint
from collectaudit.report.channels import BASES, Channel, agent_keys, channel, channels, fields, missing

PLACES = channels()
LANGS = ("zh", "en")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.id)
def test_a_place_says_everything_in_both_languages(place: Channel) -> None:
    assert place.basis in BASES
    assert place.jurisdiction in ("cn", "us")
    assert place.asks and place.papers
    assert place.source or place.basis == "own"
    assert 200 <= place.short <= 2000 and not place.short_found
    for lang in LANGS:
        assert all(place.text(name, lang) for name in ("", "to", "title", "for", "note"))
        assert all(paper.name(lang) for paper in place.papers)


def test_what_was_not_found_is_said() -> None:
    unknown = {"pboc", "nifa", "consumer", "us-ag"}
    assert unknown <= {place.id for place in PLACES if place.basis == "own"}
    for place in (channel(name) for name in unknown):
        assert "查" in place.text("note", "zh") or "没有见到" in place.text("note", "zh")


@pytest.mark.parametrize(
    ("alias", "name"),
    [("12378", "nfra"), ("12315", "consumer"), ("12321", "spam"), ("110", "police"), ("黑猫", "platform")],
)
def test_a_place_is_known_by_its_number(alias: str, name: str) -> None:
    assert channel(alias).id == name


def test_names_are_used_once() -> None:
    names = [name for place in PLACES for name in (place.id, *place.aliases)]
    assert len(names) == len(set(names))
    with pytest.raises(WrongUse, match="not a channel"):
        channel("police ")


def test_every_field_has_a_name_and_those_to_fill_in_a_blank() -> None:
    used = {field.key for place in PLACES for field in place.asks} | set(agent_keys())
    assert used == set(fields())
    for field in fields().values():
        assert field.source in ("person", "agent", "records", "hand")
        for lang in LANGS:
            assert field.name(lang) and field.blank(lang)[1:4] == ("待填写" if lang == "zh" else "to ")
        assert bool(field.blank_zh) == bool(field.blank_en) == (field.source in ("person", "agent"))


def test_missing_fields_are_asked_for_and_never_made_up() -> None:
    place = channel("lender")
    assert [field.key for field in missing(place, {})] == [f.key for f in place.asks if f.source == "person"]
    given = {field.key: "x" for field in missing(place, {})}
    assert missing(place, given) == []
    assert [field.key for field in missing(place, {**given, "respondent": " "})] == ["respondent"]
    assert [field.key for field in missing(place, {**given, "agent_name": "x"})] == ["agent_id"]
    assert not {field.key for field in missing(place, {})} & {"signature", "date", "facts"}


def test_papers_of_a_representative_only_where_there_is_one() -> None:
    place = channel("nfra")
    alone, with_one = ([paper.key for paper in place.attach(agent=agent)] for agent in (False, True))
    assert set(with_one) - set(alone) == {"authorisation", "agent_identity"}


def test_what_the_person_says_is_kept_in_the_case(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    assert complaint.told(case) == {}
    complaint.keep(case, {"complainant_name": "陈喆", "request": '第一行\n"第二行" \\ ='})
    complaint.keep(case, {"respondent": "示例消费金融", "complainant_name": ""})
    kept = {"respondent": "示例消费金融", "request": '第一行\n"第二行" \\ ='}
    assert complaint.told(case) == kept
    assert complaint.told(case, {"respondent": "范例小贷"}) == {**kept, "respondent": "范例小贷"}
    assert "喆" not in (case.path / "log" / "audit.jsonl").read_text(encoding="utf-8")


def test_receipts_are_kept_beside_the_fields_and_are_asked_by_no_place(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    complaint.keep(case, {complaint.RECEIPTS: "12378\n0018"})
    assert complaint.told(case) == {complaint.RECEIPTS: "12378\n0018"}
    assert complaint.RECEIPTS not in fields()


def test_what_is_said_again_is_not_written_again(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    complaint.keep(case, {"request": "x"})
    before = case.log_head()
    complaint.keep(case, {"request": "x", "respondent": ""})
    assert case.log_head() == before


@pytest.mark.parametrize(
    "text", ['respondant = "x"', "request = 3", "request", '"a" = 1', 'request = "\\u0000"', "\udcff", "request = []"]
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    case = Case.create(tmp_path / "case")
    (case.path / COMPLAINT).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(WrongUse, match=COMPLAINT):
        complaint.told(case)
