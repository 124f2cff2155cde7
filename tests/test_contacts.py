"""The list of contacts: what a filter leaves is what it counts, page by page, facet by facet."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from exports import AGENT, ME, calls, people

from collectaudit import contacts
from collectaudit.audit import audit
from collectaudit.case import Case
from collectaudit.filtering import Wanted

MOTHER = "+8613800138002"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Monday 9 March 2026: the agent calls at 22:15 (too late) and is called back; Tuesday at 10:00 the agent calls."""
    home = tmp_path_factory.mktemp("contacts")
    log = calls(
        home / "calls.xml",
        [("2026-03-09 22:15:00", "in", 30), ("2026-03-09 22:40:00", "out", 12), ("2026-03-10 10:00:00", "in", 5)],
    )
    roles = people(home / "people.csv", f"{AGENT},collector,,样例催收服务部", f"{ME},debtor")
    return audit([log, roles], out=home / "case", owners={"": ME})


def filtered(**facets: str) -> Wanted:
    period = {name: facets.pop(name) for name in ("since", "until", "search", "order") if name in facets}
    return Wanted({name: [value] for name, value in facets.items()}, **period)


@pytest.mark.parametrize(
    ("wanted", "hours"),
    [
        ({}, [22, 22, 10]),
        ({"order": "latest"}, [10, 22, 22]),
        ({"side": "theirs"}, [22, 10]),
        ({"side": "ours"}, [22]),
        ({"weekday": "1"}, [22, 22]),
        ({"weekday": "2"}, [10]),
        ({"hour": "22", "side": "theirs"}, [22]),
        ({"since": "2026-03-10"}, [10]),
        ({"until": "2026-03-09"}, [22, 22]),
        ({"since": "no day"}, [22, 22, 10]),
        ({"party": "debtor"}, [22, 22, 10]),
        ({"flagged": "finding"}, [22]),
        ({"flagged": "no"}, [22, 10]),
        ({"number": f"+86{ME}"}, [22, 22, 10]),
        ({"number": MOTHER}, []),
        ({"search": AGENT[-6:]}, [22, 22, 10]),
        ({"search": "%"}, []),
        ({"channel": "nonsense"}, []),
    ],
)
def test_a_filter_leaves_what_it_counts(case: Case, wanted: dict[str, str], hours: list[int]) -> None:
    chosen = filtered(**wanted)
    rows = contacts.page(case, chosen, 1)
    assert [row["at_local"].hour for row in rows] == hours
    assert contacts.count(case, chosen) == len(hours)


def test_facets_count_the_contacts_that_the_others_leave(case: Case) -> None:
    found = contacts.facets(case, filtered(side="theirs", hour="22"))
    assert found["side"] == {"theirs": 1, "ours": 1}
    assert found["flagged"] == {"finding": 1}
    for name in contacts.FACETS:
        told: Counter[Any] = Counter(found[name])
        for value, n in told.items():
            also = {} if name == "side" else {"side": "theirs"}
            assert contacts.count(case, filtered(hour="22", **{**also, name: value})) == n


def test_a_verdict_changes_what_a_contact_is_flagged_as(tmp_path: Path, case: Case) -> None:
    import shutil

    shutil.copytree(case.path, tmp_path / "case")
    mine = Case(tmp_path / "case")
    ids = [row["finding_id"] for row in mine.query("SELECT finding_id FROM findings ORDER BY ALL")]
    for finding_id in ids:
        mine.review(finding_id, "dismissed")
    assert contacts.facets(mine, Wanted({}))["flagged"] == {"no": 2, "dismissed": 1}
    mine.review(ids[0], "confirmed")
    assert contacts.facets(mine, Wanted({}))["flagged"] == {"no": 2, "confirmed": 1}
