"""One writer at a time: the second is told who holds the case; readers go on; what is left behind is cleaned."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from casekit import add_source, publish

from collectaudit.case import Case
from collectaudit.errors import CollectAuditError
from collectaudit.evidence.lock import Held
from collectaudit.evidence.log import read_chain
from collectaudit.evidence.verify import verify


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case")


HOLDER = """
import sys, time
from pathlib import Path
from collectaudit.case import Case
with Case.open(Path(sys.argv[1])).session("audit"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_told_who_holds_the_case_since_when(case: Case) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(case.path)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        began = time.monotonic()
        for act in (lambda: case.label("1", "other"), lambda: verify(case), lambda: publish(case)):
            with pytest.raises(Held) as held:
                act()
            assert f"in use by process {holder.pid} (collectaudit audit) since 20" in held.value.what
        assert time.monotonic() - began < 1 and held.value.fix and held.value.exit_code == 2
        assert case.state() == "empty", "reading needs no lock"
        holder.send_signal(signal.SIGKILL)
    case.label("1", "other")


def test_two_cases_of_one_process_exclude_each_other_and_one_may_nest(case: Case) -> None:
    with case.session("outer"), case.session("inner"):
        assert verify(case).ok
        case.label("1", "other")
        with pytest.raises(Held, match=rf"process {os.getpid()} \(collectaudit outer\)"):
            Case.open(case.path).label("2", "other")
    assert {entry["cmd"] for entry in read_chain(case.path / "log").entries} == {"create", "outer"}


PARENT = """
import os, signal, sys, time
from pathlib import Path
from collectaudit.case import Case
with Case.open(Path(sys.argv[1])).session("audit"):
    child = os.fork()
    if child == 0:
        time.sleep(60)
    print(child, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_child_does_not_keep_the_case_when_its_parent_dies(case: Case) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(case.path)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.wait()
        time.sleep(0.1)
        case.label("1", "other")
        os.kill(child, signal.SIGKILL)


def test_tmp_is_emptied_but_not_where_another_process_is_working(case: Case) -> None:
    tmp = case.path / "tmp"
    names = ["stage-1", f"spill-{os.getpid()}-0a1b", "spill-999999999-0a1b"]
    for name in names:
        (tmp / name).mkdir()
        (tmp / name / "file").write_bytes(b"x")
    with case.session():
        assert [path.name for path in tmp.iterdir()] == [names[1]]


def test_a_session_cleans_up_behind_itself(case: Case) -> None:
    with case.session():
        (case.staging() / "file").write_bytes(b"x")
    assert not list((case.path / "tmp").iterdir())


def test_readers_never_fail_while_a_writer_works(tmp_path: Path) -> None:
    case = Case.create(tmp_path / "case")
    publish(case, "r0")
    problems: list[BaseException] = []
    stop = threading.Event()

    def reader() -> None:
        while not stop.is_set():
            try:
                mine = Case.open(case.path)
                assert mine.query("SELECT count(*) AS n FROM events") == [{"n": 1}]
                mine.kept(), mine.ledgers(), mine.log_head()
                assert re.match("clean|empty|incomplete", mine.state())
            except (CollectAuditError, AssertionError, OSError) as problem:
                problems.append(problem)

    threads = [threading.Thread(target=reader) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(5):
        (tmp_path / "in.csv").write_bytes(b"%d" % number)
        add_source(case, tmp_path / "in.csv")
        publish(case, f"r{number}", name=f"{number}.csv")
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems, problems[0]
