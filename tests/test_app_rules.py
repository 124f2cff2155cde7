"""Rules and law: every number is that of its rows, a value is tried and kept as an own standard, the law stays."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from appkit import LANGUAGES, page, widget
from bigcase import sample_copy
from exports import AGENT, ME, calls, people
from test_trial import CALLS, HOURS

from collectaudit import lawbook, listing, policies, serve, trial
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk
from collectaudit.listing import Wanted
from collectaudit.serve import task

pytest.importorskip("streamlit")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_copy(tmp_path_factory, tmp_path_factory.mktemp("sample") / "sample").path


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """A small case of its own, served."""
    log = calls(tmp_path / "calls.xml", CALLS)
    roles = people(tmp_path / "people.csv", f"{AGENT},collector,张专员,样例催收服务部", f"{ME},debtor")
    made = audit([log, roles], out=tmp_path / "case", owners={"": ME})
    serve.begin(Desk(tmp_path / "none", made.path), "zh")
    yield serve.desk().case(key())
    trial.forget(made)


def key() -> str:
    return str(serve.desk().cases()[0]["key"])


def texts(test: Any) -> str:
    return "\n".join(element.value for kind in (test.text, test.title, test.subheader) for element in kind)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_says_what_it_found(sample: Path, lang: str) -> None:
    serve.begin(Desk(sample.parent / "none", sample), lang)
    case = serve.desk().case(key())
    rows = lawbook.rules(case, lang)
    test = page("rules", lang, case=key())
    shown = (widget(test, "rows") or {})["rows"]
    assert [row["cells"][0]["below"] for row in shown] == [row["rule_id"] for row in rows]
    for row, line in zip(rows, shown, strict=True):
        assert line["cells"][3]["text"] == str(listing.count(case, Wanted({"rule": [row["rule_id"]]})))
    words = Words(lang, "app")
    ran = sum(row["status"] == "ran" for row in rows)
    assert words("rules.counted", n=len(rows), ran=ran, silent=len(rows) - ran) in texts(test)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_provision_says_what_rests_on_it(sample: Path, lang: str) -> None:
    serve.begin(Desk(sample.parent / "none", sample), lang)
    case = serve.desk().case(key())
    shown = (widget(page("rules", lang, case=key(), view="texts"), "rows") or {})["rows"]
    assert len(shown) == case.query("SELECT count(*) AS n FROM provisions")[0]["n"]
    assert sum(int(row["cells"][4]["text"]) for row in shown) == listing.count(case, Wanted({}))
    for row in lawbook.provisions(case, lang):
        assert row["findings"] == listing.count(case, Wanted({"provision": [row["provision_id"]]}))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_opens(sample: Path, lang: str) -> None:
    serve.begin(Desk(sample.parent / "none", sample), lang)
    case = serve.desk().case(key())
    for row in lawbook.rules(case, lang)[:: 1 if lang == "zh" else 7]:
        test = page("rules", lang, unfolded=["try", "sql"], case=key(), rule=row["rule_id"])
        assert not test.exception
        assert not test.error
        assert row["title"] in texts(test).replace("\\", "")
        about = lawbook.rule(case, row["rule_id"], lang) or {}
        assert sum(one["findings"] for one in about["provisions"]) == row["findings"]


def test_what_is_not_there_is_said(sample: Path) -> None:
    serve.begin(Desk(sample.parent / "none", sample), "zh")
    for asked in ({"rule": "nothing"}, {"provision": "nothing"}):
        test = page("rules", "zh", case=key(), **asked)
        assert not test.exception
        assert Words("zh", "app")("rules.unknown") in texts(test)


def test_the_values_are_said_in_words(case: Case) -> None:
    test = page("rules", "zh", unfolded=["try", "sql"], case=key(), rule="contact-frequency")
    assert "任何联系方式" not in texts(test)
    assert "电话，对债务人" in texts(test).replace("债务人，", "对债务人，") or "至多 3 次" in texts(test)
    assert "08:00 至 22:00 之间" in texts(page("rules", "zh", unfolded=["try", "sql"], case=key(), rule="out-of-hours"))
    assert case.run() is not None


def tried(case: Case, closes: time) -> Any:
    """The page of the rule about hours, after a trial in which the standard closes then."""
    test = page("rules", "zh", unfolded=["try", "sql"], case=key(), rule="out-of-hours")
    test.time_input(key=f"try-{HOURS}-closes").set_value(closes)
    test.button(key="FormSubmitter:try-" + Words("zh", "app")("rules.run")).click().run()
    task.wait(case, 60)
    return test.run()


def test_a_trial_shows_what_it_would_add_and_changes_nothing(case: Case) -> None:
    run = case.run()
    test = tried(case, time(21))
    assert not test.exception
    assert not test.error
    words = Words("zh", "app")
    assert words("rules.result") in texts(test)
    assert words("rules.list_added", n=1, shown=1) in [box.label for box in test.expander]
    assert case.run() == run
    test.button(key="drop").click().run()
    assert words("rules.result") not in texts(test)


def test_nothing_changed_is_said(case: Case) -> None:
    assert Words("zh", "app")("rules.nothing_changed") in texts(tried_nothing())
    assert task.of(case) is None or task.of(case).kind != "trial"  # type: ignore[union-attr]


def tried_nothing() -> Any:
    test = page("rules", "zh", unfolded=["try", "sql"], case=key(), rule="out-of-hours")
    return test.button(key="FormSubmitter:try-" + Words("zh", "app")("rules.run")).click().run()


def test_a_trial_is_kept_as_an_own_standard_and_taken_away_again(case: Case) -> None:
    first = case.run()
    before = listing.count(case, Wanted({}))
    test = tried(case, time(21))
    test.button(key="save").click().run()
    task.wait(case, 120)
    assert task.of(case).state == "done"  # type: ignore[union-attr]
    assert list(case.options[policies.OPTION]) == ["own.1"]
    # 23:10 and 21:30 of the same day are outside of the own hours
    assert listing.count(case, Wanted({"regime": ["own.1"]})) == 2
    assert listing.count(case, Wanted({})) == before + 2
    assert listing.count(case, Wanted({"regime": ["own.1"], "severity": ["low"], "authority": ["practice"]})) == 2
    listed = page("rules", "zh", case=key())
    assert Words("zh", "app")("rules.own") in texts(listed)
    listed.button(key="away-own.1").click().run()
    task.wait(case, 120)
    assert policies.OPTION not in case.options
    assert case.run() == first
