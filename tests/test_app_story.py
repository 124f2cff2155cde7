"""What happened, as a page: each number is that of the rows behind its link; a verdict leads on; a statement counts."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from appkit import LANGUAGES, page, spoken_inputs, widget

from collectaudit import contacts, listing, near, serve, story
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.filtering import PERIOD, Wanted

pytest.importorskip("streamlit")
KEPT = ("case", "lang", "way")


def key(desk: Desk, name: str = "sample") -> str:
    return str(next(row["key"] for row in desk.cases() if row["name"] == name))


def case(desk: Desk) -> Case:
    return desk.case(key(desk))


def shown(test: Any) -> str:
    assert not test.exception
    assert [element.value for element in test.error] == []
    return "\n".join(element.value for kind in (test.text, test.title, test.subheader) for element in kind)


def tables(test: Any) -> list[dict[str, Any]]:
    import json

    parts = [part.proto for part in test.get("bidi_component")]
    return [json.loads(part.json) for part in parts if part.component_name.endswith("rows")]


def behind(href: str) -> tuple[str, Wanted]:
    """The page that an address opens, and its filter."""
    asked = {name: values for name, values in parse_qs(urlsplit(href).query).items() if name not in KEPT}
    one = {name: asked.pop(name)[0] for name in PERIOD if name in asked}
    return urlsplit(href).path.strip("/"), Wanted(asked, **one)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_number_is_that_of_the_rows_behind_it(showcase: Desk, lang: str) -> None:
    test = page("story", lang, case=key(showcase))
    shown(test)
    links = [piece for line in (widget(test, "linked") or {})["sentences"] for piece in line if piece["href"]]
    counted = {"contacts": contacts.count, "findings": listing.count}
    known = [link for link in links if behind(link["href"])[0] in counted]
    assert len(known) == len(story.CONTACTS) + len(story.FINDINGS)
    words = Words(lang, "app")
    for link in known:
        name, wanted = behind(link["href"])
        said = {"contacts": "story.times", "findings": "story.items"}[name]
        assert link["text"] == words(said, n=counted[name](case(showcase), wanted)), link


def test_the_numbers_of_the_sample(showcase: Desk) -> None:
    """Counted in the files by hand: what they were made to hold (sample_data/README.md)."""
    found = story.numbers(case(showcase))
    assert (found["theirs"], found["third"]) == (77, 6)
    sql = "SELECT count(DISTINCT event_id) AS n FROM findings WHERE rule_id = 'out-of-hours'"
    assert found["outside"] == case(showcase).query(sql)[0]["n"] == 8
    assert found["all"] == found["open"] == 73
    assert found["strangers"] > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_below_the_picture_has_its_numbers(showcase: Desk, lang: str) -> None:
    test = page("story", lang, unfolded=["dots-hours"], case=key(showcase), span="all")
    hours = next(table for table in tables(test) if "hour=" in table["rows"][0]["href"])
    for row in hours["rows"]:
        name, wanted = behind(row["href"])
        assert name == "contacts"
        assert row["cells"][1]["text"] == f"{contacts.count(case(showcase), wanted):,}"
    total = sum(int(row["cells"][1]["text"]) for row in hours["rows"])
    assert total == contacts.count(case(showcase), Wanted(story.CONTACTS["theirs"]))  # each has a time of day


def test_the_picture_begins_where_contacts_lie_close_and_says_so(showcase: Desk) -> None:
    words = Words("zh", "app")
    test = page("story", "zh", case=key(showcase))
    assert words("dots.recent", day="2026年2月2日") in shown(test)
    test.button(key="dots-all").click().run()
    assert test.query_params["span"] == "all"
    assert "2023年6月1日" in next(element.value for element in test.text if "有具体时刻" in element.value)


def test_cards_hold_every_finding_once(showcase: Desk) -> None:
    rules = story.by_rule(case(showcase), "zh")
    rows = [row for one in rules for row in story.cards(case(showcase), 1, one["rule"])["rows"]]
    assert sum(row["findings"] for row in rows) == listing.count(case(showcase), Wanted({}))
    assert len({(row["rule"], row["event_id"]) for row in rows}) == len(rows) == story.cards(case(showcase), 1)["n"]
    weights = ["low", "medium", "high", "severe"]
    assert [weights.index(row["severity"]) for row in rules] == sorted(
        (weights.index(row["severity"]) for row in rules), reverse=True
    )


@pytest.mark.parametrize("verdict", ["confirmed", "dismissed", "unsure"])
def test_a_verdict_is_for_the_whole_card_and_leads_to_the_next(desk: Desk, verdict: str) -> None:
    first, second = story.cards(case(desk), 1)["rows"][:2]
    test = page("story", "zh", case=key(desk))
    assert (widget(test, "talk") or {})["turns"]
    test.button(key=f"verdict-{verdict}").click().run()
    shown(test)
    assert (test.query_params["rule"], test.query_params["ref"]) == (second["rule"], second["event_id"])
    on_it = story.card(case(desk), first["rule"], first["event_id"], "zh")
    assert on_it and len(on_it["finding_ids"]) == first["findings"]
    found = case(desk).query("SELECT verdict FROM verdicts")
    assert [row["verdict"] for row in found] == [verdict] * first["findings"]
    assert story.cards(case(desk), 1)["open"] == story.cards(case(desk), 1)["n"] - 1
    counted = story.numbers(case(desk))
    assert counted["confirmed"] + counted["dismissed"] == (first["findings"] if verdict != "unsure" else 0)


def test_the_last_card_has_no_next_one(desk: Desk) -> None:
    ids = [row["finding_id"] for row in case(desk).query("SELECT finding_id FROM findings")]
    last = story.cards(case(desk), 1)["rows"][-1]
    mine = story.card(case(desk), last["rule"], last["event_id"], "zh")
    assert mine
    case(desk).review_all([one for one in ids if one not in mine["finding_ids"]], "confirmed")
    test = page("story", "zh", case=key(desk))  # the only one that is open
    assert mine["card"]["title"] in shown(test).replace("\\", "")
    test.button(key="verdict-confirmed").click().run()
    assert story.next_open(case(desk), last["rule"], last["event_id"]) is None
    assert Words("zh").word("verdict", "confirmed") in shown(test)


def test_an_address_names_a_card_and_a_wrong_one_is_another(showcase: Desk) -> None:
    row = story.cards(case(showcase), 1)["rows"][-1]
    titles = listing.rule_titles(case(showcase), "zh")
    test = page("story", "zh", case=key(showcase), rule=row["rule"], ref=row["event_id"])
    assert titles[row["rule"]] in shown(test).replace("\\", "")
    for asked in ({"rule": "nothing", "ref": "nothing"}, {"rule": "nothing"}, {"ref": "x"}, {"page": "99"}):
        test = page("story", "zh", case=key(showcase), **asked)
        shown(test)
        assert test.button(key="verdict-confirmed")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_near_misses_are_shown_and_are_no_findings(showcase: Desk, lang: str) -> None:
    hours, limits = near.near_hours(case(showcase), lang), near.near_limits(case(showcase), lang)
    label = Words(lang, "app")("story.near", n=hours["n"] + limits["n"])
    test = page("story", lang, unfolded=["near"], case=key(showcase))
    listed = next(table for table in tables(test) if table["caption"] == label)["rows"]
    assert len(listed) == len(hours["rows"]) + len(limits["rows"])
    assert label in [box.label.replace("\\", "") for box in test.expander]
    outside = {
        row["event_id"] for row in case(showcase).query("SELECT event_id FROM findings WHERE rule_id = 'out-of-hours'")
    }
    assert hours["n"] and not outside & {row["event_id"] for row in hours["rows"]}


def test_a_statement_is_written_waits_and_counts(desk: Desk) -> None:
    words, before = Words("zh", "app"), story.numbers(case(desk))["theirs"]
    test = page("story", "zh", unfolded=["told"], case=key(desk))
    test.date_input(key="told-day").set_value("2026-03-12")
    test.text_input(key="told-clock").set_value("22：45")
    test.text_area(key="told-said").set_value("再不还钱\n就打断你的腿")
    next(button for button in test.button if button.label == words("told.add")).click().run()
    assert words("told.waiting", n=1) in shown(test)
    assert story.numbers(case(desk))["theirs"] == before
    test.button(key="judge").click().run(timeout=120)
    assert words("told.waiting", n=1) not in shown(test)
    assert story.numbers(case(desk))["theirs"] == before + 1
    (event,) = case(desk).query("FROM told")
    found = case(desk).query("SELECT DISTINCT rule_id, tier FROM findings WHERE event_id = ?", [event["event_id"]])
    assert {row["tier"] for row in found} == {"review"}
    assert {"threatening-language", "out-of-hours"} <= {row["rule_id"] for row in found}
    card = page("story", "zh", case=key(desk), rule="threatening-language", ref=event["event_id"])
    assert words("told.finding_review") in shown(card)
    assert words("told.mark") in str(widget(card, "talk"))
    whole = page("event", "zh", case=key(desk), ref=event["event_id"])
    assert words("told.alone") in shown(whole) and words("told.mark") in shown(whole)
    listed = page("contacts", "zh", case=key(desk), since="2026-03-12", until="2026-03-12", half="22:30")
    assert words("told.mark") in str(widget(listed, "rows"))


@pytest.mark.parametrize("name", ["sample", "empty"])
def test_a_statement_that_cannot_be_one_is_said_in_words(desk: Desk, name: str) -> None:
    test = page("story", "zh", unfolded=["told"], case=key(desk, name))
    next(button for button in test.button if button.label == Words("zh", "app")("told.add")).click().run()
    assert not test.exception
    assert len(test.error) == 1
    assert not (desk.home / name / "told.csv").exists()


def test_a_doubtful_passage_is_in_no_number_and_no_card(tmp_path: Path) -> None:
    """A transcript whose machine was unsure: shown below as perhaps misheard, counted nowhere above."""
    import json

    folder = spoken_inputs(tmp_path / "in")
    for old in folder.glob("*.srt"):
        turns = [{"id": 0, "start": 12.0, "end": 16.0, "text": "再不还，我就给你通讯录里的人挨个打电话。",
                  "avg_logprob": -3.0, "no_speech_prob": 0.9, "compression_ratio": 3.0}]  # fmt: skip
        old.with_suffix(".json").write_text(
            json.dumps({"text": "", "segments": turns, "language": "zh"}), encoding="utf-8"
        )
        old.unlink()
    from exports import ME

    from collectaudit.audit import audit

    made = audit([folder], out=tmp_path / "case", owners={"": ME})
    doubtful = made.query("SELECT count(*) AS n FROM utterances WHERE doubtful")[0]["n"]
    assert doubtful == story.doubted(made)["n"] == 1
    assert made.query("SELECT 1 FROM signals")
    assert story.numbers(made)["threats"] == 0
    assert "third-party-contact-threat" not in {row["rule"] for row in story.by_rule(made, "zh")}
    desk = Desk(tmp_path / "none", made.path)
    serve.begin(desk, "zh")
    test = page("story", "zh", case=desk.cases()[0]["key"])
    assert Words("zh", "app")("story.doubted", n=1) in [box.label for box in test.expander]
