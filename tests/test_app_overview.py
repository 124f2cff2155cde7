"""The overview as a page: each number leads to as many rows as it says, in every state of a case and a folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from appkit import LANGUAGES, page, widget
from bigcase import sample_copy, shared_big_case
from officerkit import KEPT, links, number, rows_behind, wanted

from collectaudit import contacts, portfolio, serve
from collectaudit.case import Case
from collectaudit.catalogue import Words
from collectaudit.desk import Desk, desk_at
from collectaudit.filtering import Wanted

pytest.importorskip("streamlit")

FILTERS: list[dict[str, str]] = [
    {}, {"since": "2026-03-01", "until": "2026-03-07"}, {"severity": "high", "channel": "sms"},
    {"verdict": "confirmed"}, {"agency": "样例催收服务部", "since": "2026-02-01"}, {"severity": "none of these"},
    {"since": "not a day", "what": "contacts"},
]  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, some of its findings judged."""
    case = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("overview") / "sample")
    found = case.query("SELECT finding_id FROM findings ORDER BY finding_id LIMIT 30")
    for row, verdict in zip(found, ["confirmed", "dismissed", "unsure"] * 10, strict=True):
        case.review(row["finding_id"], verdict)
    return case.path


@pytest.fixture
def case(sample: Path) -> Iterator[Case]:
    desk = desk_at(sample)
    serve.begin(desk, "zh")
    yield desk.case(desk.cases()[0]["key"])


def key() -> str:
    return str(serve.desk().cases()[0]["key"])


@pytest.mark.parametrize("asked", FILTERS, ids=str)
def test_each_number_leads_to_as_many_rows(case: Case, asked: dict[str, str]) -> None:
    test = page("overview", "zh", unfolded=("days", "rules", "hours", "dots-hours"), case=key(), **asked)
    assert not test.exception
    assert [element.value for element in test.error] == []
    found = links(test)
    for text, name, query in found:
        rows = rows_behind(case, name, query)
        known = {rows, accounts(case, query)} if is_of_accounts(case, query) else {rows}
        assert number(text) in known, (text, name, query)
    assert found or "none of these" in str(asked)


def is_of_accounts(case: Case, query: dict[str, list[str]]) -> bool:
    """Whether the tile of accounts leads there, too: it counts the accounts of these contacts."""
    tile = next(tile for tile in portfolio.tiles(case, wanted(query)) if tile.name == "accounts")
    ours = {name: tuple(values) for name, values in query.items() if name not in KEPT}
    return ours == tile.now.query


def accounts(case: Case, query: dict[str, list[str]]) -> int:
    return len(contacts.facets(case, wanted(query))["account"].keys() - {"-"})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_asked_for_stands_in_the_boxes(case: Case, lang: str) -> None:  # noqa: ARG001 — it is served
    test = page("overview", lang, case=key(), severity="high", since="2026-03-01", until="2026-03-07")
    assert {box.key: box.value for box in test.multiselect}["in-severity"] == ["high"]
    assert [str(box.value) for box in test.date_input] == ["2026-03-01", "2026-03-07"]


def test_choosing_a_period_goes_into_the_address(case: Case) -> None:  # noqa: ARG001 — it is served
    import datetime

    test = page("overview", "zh", case=key())
    test.date_input[0].set_value(datetime.date(2026, 3, 1)).run()
    assert test.query_params["since"] == "2026-03-01"
    assert "until" not in test.query_params
    test.date_input[0].set_value(datetime.date(2023, 6, 1)).run()  # the first day of the records: no limit
    assert "since" not in test.query_params
    assert not test.exception


def test_what_the_map_shows_stands_in_the_address(case: Case) -> None:  # noqa: ARG001 — it is served
    test = page("overview", "zh", case=key())
    test.button_group(key="in-what").set_value("contacts").run()
    assert test.query_params["what"] == "contacts"
    assert [element.value for element in test.error] == []


def test_what_waits_opens(case: Case) -> None:
    rows = (widget(page("overview", "zh", case=key()), "rows") or {})["rows"]
    waiting = portfolio.waiting(case, Wanted({}), "zh")[1]
    assert waiting
    assert all(f"finding={of['finding_id']}" in row["href"] for row, of in zip(rows, waiting, strict=True))
    assert all("/event?" in row["href"] for row in rows)


def texts(test: object) -> str:
    return "\n".join(element.value for element in [*test.text, *test.title, *test.subheader])  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_folder_of_cases_one_of_them_damaged(sample: Path, tmp_path: Path, lang: str) -> None:
    for name in ("good", "bad", "locked"):
        shutil.copytree(sample, tmp_path / name)
    Case.create(tmp_path / "empty")
    for file in (tmp_path / "bad" / "runs").rglob("findings.parquet"):
        file.chmod(0o600)
        file.write_bytes(b"PAR1 no")
    serve.begin(Desk(tmp_path), lang)
    with Case.open(tmp_path / "locked").session("audit"):
        test = page("overview", lang)
    assert not test.exception
    shown = {
        row["cells"][0]["text"]: [cell["text"] for cell in row["cells"][1:]]
        for row in (widget(test, "rows") or {})["rows"]
    }
    waiting = str(portfolio.waiting(Case.open(sample), Wanted({}), lang)[0].n)
    assert sorted(shown) == ["bad", "empty", "good", "locked"]
    assert shown["good"][:4] == shown["locked"][:4] == ["77", "53", "10", waiting]
    assert shown["bad"][:4] == shown["empty"][:4] == ["", "", "", ""]
    assert shown["bad"][4] != shown["good"][4] == Words(lang).word("state", "clean")


def test_of_many_cases_those_opened_last_are_kept_in_memory(tmp_path: Path) -> None:
    for n in range(6):
        Case.create(tmp_path / str(n))
    desk = Desk(tmp_path)
    keys = [row["key"] for row in desk.cases()]
    opened = [desk.case(key) for key in keys]
    assert all(desk.case(key) is case for key, case in list(zip(keys, opened, strict=True))[2:])
    assert desk.case(keys[0]) is not opened[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text(tmp_path: Path, evil: Case, lang: str) -> None:
    serve.begin(Desk(tmp_path / "none", evil.path), lang)
    test = page("overview", lang, case=key())
    assert [element.value for element in test.error] == []
    for element in (*test.get("page_link"), *test.expander, *test.multiselect):
        label = element.proto.label
        assert "![" not in label
        assert "\u202e" not in label


def test_with_100_000_findings_each_number_has_its_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = desk_at(shared_big_case(tmp_path_factory))
    serve.begin(desk, "zh")
    test = page("overview", "zh", case=key())
    assert [element.value for element in test.error] == []
    tiles = [link for link in links(test) if set(link[2]) & {"verdict", "sound"}]
    assert tiles
    for text, name, query in tiles:
        assert number(text) == rows_behind(desk.case(key()), name, query)
