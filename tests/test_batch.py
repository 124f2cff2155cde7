"""Many cases at once: what each becomes, what is not done again, what one that fails or dies does to the others."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import jsonschema
import pytest
from batch_listening import heard, listened, opened, transcripts
from bigcase import made_once
from conftest import Run
from exports import AGENT, ME, calls, people
from partitions import cut, dies, dies_once, either, every_situation, fails, found_in, killer
from situations import rows

import collectaudit
from collectaudit import cluster, pool
from collectaudit.batch import Item, audit_many
from collectaudit.case import Case
from collectaudit.caseload import _of, audit_folder, case_name
from collectaudit.desk import desk_at
from collectaudit.errors import InputProblem, MissingPart, WrongUse

SCHEMA = json.loads((resources.files("collectaudit") / "schema-batch.json").read_text(encoding="utf-8"))


def handed_in(folder: Path, minute: int) -> Path:
    """A case's exports: a call at 22:xx by a collector."""
    calls(folder / "calls.xml", [(f"2025-06-01 22:{minute:02}:00", "in", 35)])
    people(folder / "people.csv", f"{AGENT},collector", f"{ME},debtor")
    return folder


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cases that are alright, one of which nothing can be read, and a file beside them; audited."""
    home = tmp_path_factory.mktemp("batch")
    for n, name in enumerate(("a", "案 卷[1]", "c")):
        handed_in(home / "in" / name, n)
    (home / "in" / "odd").mkdir()
    (home / "in" / "odd" / "x.bin").write_bytes(b"\0\1\2" * 99)
    (home / "in" / "stray.txt").write_text("x", encoding="utf-8")
    audit_folder(home / "in", home / "out")
    return home


def only(home: Path, *names: str) -> None:
    """Leave these cases alone among the inputs."""
    for path in (home / "in").iterdir():
        if path.name not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def home(once: Path, tmp_path: Path) -> Path:
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def published(out: Path) -> dict[str, bytes]:
    """What a batch has made that anybody reads: the tables of all, and those of each case's run."""
    made = {path.name: path.read_bytes() for path in out.glob("*.parquet")}
    for case in (path for path in out.iterdir() if (path / "case.json").exists()):
        run = Case.open(case).run()
        made |= {f"{case.name}/{path.name}": path.read_bytes() for path in (run.iterdir() if run else ())}
    return made


def tables(out: Path) -> dict[str, bytes]:
    """Of what it has made, all but manifests, which tell when."""
    return {to: data for to, data in published(out).items() if to.endswith(".parquet")}


def states(found: list[dict[str, Any]]) -> list[tuple[str, str, int, bool]]:
    return [(row["input"], row["state"], row["code"], row["again"]) for row in found]


MARKED = case_name("案 卷[1]")
AS_IT_IS = [
    ("a", "complete", 0, False), ("c", "complete", 0, False), ("odd", "incomplete", 3, False),
    ("案 卷[1]", "complete", 0, False), ("stray.txt", "failed", 3, True),
]  # fmt: skip


def test_what_is_done_is_not_done_again(home: Path) -> None:
    before = published(home / "out")
    assert states(audit_folder(home / "in", home / "out", jobs=1)) == AS_IT_IS
    assert published(home / "out") == before


def test_only_what_has_changed_is_done_again(home: Path) -> None:
    only(home, "a", "c", "案 卷[1]")
    handed_in(home / "in" / "a", 50)
    Case.open(home / "out" / "c").declare("settled", from_at="2025-01-01")
    Case.open(home / "out" / MARKED).note("test")  # the log grows with every look at a case
    again = {row["input"]: row["again"] for row in audit_folder(home / "in", home / "out", jobs=1)}
    assert again == {"a": True, "c": True, "案 卷[1]": False}


def test_other_options_are_another_case(home: Path) -> None:
    only(home, "a")
    found = audit_folder(home / "in", home / "out", jobs=1, regimes=("us.regf",), threads=2)
    assert [row["again"] for row in found] == [True]


def test_what_is_said_of_one_input_stays_in_its_case(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    said = {str(tmp_path / "a" / "calls.xml"): "1", "c/calls.xml": "2", "": "3"}
    told = {name: _of(tmp_path / name, {"owners": said, "map_file": None}) for name in ("a", "c", "odd")}
    keys = {name: list(settings["owners"].values()) for name, settings in told.items()}
    assert keys == {"a": ["1", "3"], "c": ["2", "3"], "odd": ["3"]}
    assert all(set(settings) == {"owners"} for settings in told.values())


def test_the_tables_of_all(once: Path) -> None:
    with duckdb.connect() as con:
        found = con.execute(f"SELECT * FROM '{once}/*/cases.parquet' ORDER BY input").fetchall()
        counted = con.execute(
            f"SELECT sum(findings), count(DISTINCT \"case\") FROM '{once}/out/counts.parquet'"
        ).fetchone()
    assert [row[:4] for row in found] == [
        ("a", "a", "complete", 0), ("c", "c", "complete", 0), ("odd", "odd", "incomplete", 3),
        (None, "stray.txt", "failed", 3), (MARKED, "案 卷[1]", "complete", 0),
    ]  # fmt: skip
    assert counted == (sum((row[13] or 0) + (row[14] or 0) for row in found), 3)
    assert [row["input"] for row in rows(once / "out", "errors")] == ["odd/x.bin", "stray.txt"][1:]


def test_it_opens_as_a_folder_of_cases(once: Path) -> None:
    assert sorted(row["name"] for row in desk_at(once / "out").cases()) == sorted(["a", "c", "odd", MARKED])


def test_a_case_that_is_damaged_fails_alone(home: Path) -> None:
    (home / "out" / "a" / "log" / "audit.jsonl").write_text("{}\n", encoding="utf-8")
    only(home, "a", "c")
    found = {row["input"]: row for row in audit_folder(home / "in", home / "out", jobs=1)}
    assert (found["a"]["state"], found["a"]["code"], found["c"]["state"]) == ("failed", 4, "complete")
    assert found["a"]["reason"]


@pytest.mark.parametrize(
    "name",
    ["x", "-o", "a\nb", "\u202egnp.exe", "x" * 250, "a*b?[c]", "a\\b", "n\udcffame", "cases.parquet", "x=1", "; rm"],
)
def test_any_name_becomes_a_folder_of_its_own(name: str) -> None:
    found = case_name(name)
    assert found == case_name(name) and len(found.encode()) < 200 and found.isprintable()
    assert not set(found) & set("/\\*?[]\n") and found[0] not in "-" and Path(found).suffix != ".parquet"
    assert found == name or found[-9] == "-"


def test_names_that_try_something(tmp_path: Path) -> None:
    names = ("-o \u202e$(id)\n[1]", os.fsdecode(b"n\xff"))
    for name in names:
        handed_in(tmp_path / "in" / name, 1)
    found = audit_folder(tmp_path / "in", tmp_path / "out", jobs=1)
    assert [row["state"] for row in found] == ["complete"] * len(names)
    assert len(list((tmp_path / "out").glob("*/case.json"))) == len(names)


@pytest.mark.parametrize(
    ("folder", "out", "error"),
    [
        ("none", "out", InputProblem), ("in/a/calls.xml", "out", InputProblem), ("in/a", "new", InputProblem),
        ("in", "in/out", WrongUse), ("in/a", "in", WrongUse), ("in", "full", WrongUse), ("in", "out/a", WrongUse),
    ],
)  # fmt: skip
def test_what_cannot_be_done(home: Path, folder: str, out: str, error: type[Exception]) -> None:
    (home / "full").mkdir()
    (home / "full" / "mine.txt").write_text("x", encoding="utf-8")
    before = published(home / "out")
    with pytest.raises(error):
        audit_folder(home / folder, home / out)
    assert published(home / "out") == before


def test_settings_that_fit_no_case_begin_nothing(once: Path, tmp_path: Path) -> None:
    for settings in ({"regimes": ("none",)}, {"time_zone": "Mars"}, {"rules": (tmp_path,)}, {"engine": "spark"}):
        with pytest.raises(WrongUse):
            audit_folder(once / "in", tmp_path / "out", **settings)
    with pytest.raises(WrongUse):
        audit_many([Item((), tmp_path / "out")] * 2)
    assert not (tmp_path / "out").exists()


# The command


def test_the_document(home: Path, run: Run) -> None:
    ran = run("batch", home / "in", "-o", home / "out", "--format", "json")
    document = json.loads(ran.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert (ran.code, len(document["cases"]), ran.out.isascii()) == (3, 5, True)
    lines = run("batch", home / "in", "-o", home / "out", "--format", "jsonl", lang="zh").out.splitlines()
    assert [json.loads(line)["input"] for line in lines] == [row["input"] for row in document["cases"]]
    assert json.loads(lines[-1])["reason"].startswith("它放在")


def test_the_page_and_the_exit_code(home: Path, run: Run) -> None:
    only(home, "a", "c")
    ran = run("batch", home / "in", "-o", home / "out", "--strict")
    assert (ran.code, "2 complete, 0 incomplete, 0 failed." in ran.out) == (0, True)
    assert "Audited now: 0" in ran.out
    assert run("batch", home / "in", "-o", home / "out", "--fail-on", "medium").code == 1
    assert run("batch", home / "in", "-o", home / "out", "--fail-on", "severe").code == 0
    assert run("batch", home / "in", "-o", home / "in").code == 2


def test_without_ray_it_says_how_to_get_it(
    once: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    ran = run("batch", once / "in", "-o", tmp_path / "out", "--engine", "ray")
    assert (ran.code, "pip install 'collectaudit[ray]'" in ran.err) == (5, True)
    assert issubclass(MissingPart, Exception) and not (tmp_path / "out").exists()


def test_the_public_names() -> None:
    assert (collectaudit.audit_many, collectaudit.Case) == (audit_many, Case)
    assert callable(collectaudit.audit) and collectaudit.audit.__module__ == "collectaudit.audit"
    assert not hasattr(collectaudit, "nothing")


# Killed


def test_a_worker_that_dies_costs_nothing_but_its_item(tmp_path: Path) -> None:
    markers = [tmp_path / str(n) for n in range(3)]
    assert sorted(pool.share(dies_once, markers, 2)) == [(n, "done") for n in range(3)]
    assert list(pool.share(dies, ["x"], 2)) == [(0, pool.Ended(failed=False))]
    assert list(pool.share(fails, ["x"], 2)) == [(0, pool.Ended(failed=True))]


def same(home: Path, once: Path, *names: str) -> bool:
    """Whether the cases of these names hold, byte for byte, the same."""
    mine, others = tables(home / "out"), tables(once / "out")
    parts = [{to: data for to, data in made.items() if to.split("/")[0] in names} for made in (mine, others)]
    return parts[0] == parts[1] and len({to.split("/")[0] for to in parts[0]}) == len(names)


def test_a_worker_killed_in_mid_case(once: Path, home: Path) -> None:
    only(home, "a", "c")
    shutil.rmtree(home / "out")
    with killer(home / "out" / "a") as killed:
        found = audit_folder(home / "in", home / "out", jobs=2)
    assert killed and not Path(f"/proc/{killed[0]}").exists()
    assert [row["state"] for row in found] == ["complete"] * 2
    assert same(home, once, "a", "c")


def test_the_program_killed_and_begun_again(once: Path, home: Path) -> None:
    only(home, "a", "c")
    shutil.rmtree(home / "out")
    program = "import sys; from collectaudit.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "batch", str(home / "in"), "-o", str(home / "out"), "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(home.glob("out/.batch/*.json")):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL and not list(home.glob("out/*.parquet"))
    assert [row["again"] for row in audit_folder(home / "in", home / "out", jobs=1)] == [False, True]
    assert same(home, once, "a", "c")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder in which Ray's sockets have room for their names."""
    with TemporaryDirectory(prefix="c", dir="/tmp") as folder:
        yield Path(folder)


def test_on_ray_it_is_the_same(
    once: Path, home: Path, short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One Ray for all: the cases byte for byte, a worker killed in mid-case, the findings of parts; the same heard."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(cluster, "HOME", str(short))
    left = short / "collectaudit-ray-left"  # by a program that was killed
    left.mkdir()
    (left / "lock").touch()
    accounts = every_situation(home / "whole")
    parts = [cut(home / "whole", accounts[n::2], home / f"part-{n}") for n in range(2)]
    shutil.rmtree(home / "out")
    items = [Item((home / "in" / name,), home / "out" / name) for name in ("a", "c")]
    made_once(home, "heard", heard)
    (home / "deadly").touch()
    with cluster.sharing(2) as share:
        with killer(home / "out" / "a") as killed:
            found: dict[int, Any] = dict(share(either, [*items, *parts, "fault"], 2))
        monkeypatch.setattr(cluster, "sharing", lambda _: nullcontext(share))
        listened(home, "ray", partial(opened, home), "ray")
    assert not (home / "deadly").exists()
    for made in (transcripts, tables):
        assert made(home / "ray") == made(home / "heard")
    assert killed and [found[n]["state"] for n in range(2)] == ["complete"] * 2
    assert capsys.readouterr().out == ""  # Ray says something there when a worker dies
    assert found[4] == pool.Ended(failed=True)
    assert same(home, once, "a", "c")
    for table in ("findings", "evidence"):
        assert found_in(parts, table) == found_in([home / "whole"], table)
    assert "RAY_AUTH_TOKEN" not in os.environ and list(short.iterdir()) == []


def test_a_cluster_that_does_not_answer(once: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise ConnectionError("no")

    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    monkeypatch.setattr(cluster, "import_module", lambda _: type("Ray", (), {"init": staticmethod(refuse)}))
    ran = run("batch", once / "in", "-o", tmp_path / "out", "--engine", "ray")
    assert (ran.code, "RAY_ADDRESS" in ran.err) == (2, True)
