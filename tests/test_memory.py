"""How much memory the engine is told it may take."""

from pathlib import Path

import duckdb
import pytest

from collectaudit import memory, runs
from collectaudit.errors import WrongUse

MIB = 1 << 20


def given_to(con: duckdb.DuckDBPyConnection) -> float:
    (text,) = con.execute("SELECT current_setting('memory_limit')").fetchone() or ("",)
    number, unit = text.split()
    return float(number) * {"KiB": 2**-10, "MiB": 1.0, "GiB": 2**10, "TiB": 2**20}[unit]


def test_two_gigabytes_at_most_and_sixty_percent_of_a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    with duckdb.connect() as con:
        eighty_percent = given_to(con)
        memory.bound(con)
        assert given_to(con) == pytest.approx(min(2048, eighty_percent * 0.75), rel=0.02)
        monkeypatch.setenv(memory.VARIABLE, "64GB")
        memory.bound(con, memory.USUAL_MIB)
        assert given_to(con) == 2048
        monkeypatch.delenv(memory.VARIABLE)
        con.execute("SET memory_limit = '1000MiB'")
        memory.bound(con)
        assert given_to(con) == pytest.approx(750, abs=1)


@pytest.mark.parametrize(
    ("said", "mib"),
    [
        ("1GB", 1e9 / MIB),
        ("1 GiB", 1024),
        ("1.5gb", 1.5e9 / MIB),
        ("512MB", 512e6 / MIB),
        (" 300mib ", 300),
        ("1TB", 1e12 / MIB),
    ],
)
def test_as_much_as_was_said(said: str, mib: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, said)
    with runs.connect(tmp_path) as con:
        assert given_to(con) == pytest.approx(mib, abs=103)  # it says whole tenths of GiB


@pytest.mark.parametrize("said", ["much", "1", "-1GB", "1e3GB", "GB", "10MB", "0GB", "1GB;", "50%"])
def test_what_is_no_amount_of_memory_is_wrong_use(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, said)
    with pytest.raises(WrongUse, match="no amount of memory"):
        runs.connect(tmp_path)
