"""A whole pack of the sample: checked by stock tools, counted again, made twice, and without its third parties."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import bagit  # type: ignore[import-untyped]
import duckdb
import pytest
from bigcase import sample_copy
from pypdf import PdfReader

from collectaudit.case import Case
from collectaudit.cli import main
from collectaudit.errors import WrongUse
from collectaudit.evidence.packcheck import check_pack
from collectaudit.report import book
from collectaudit.report.channels import channel, missing
from collectaudit.report.dossier import LEFT_OUT, STATES, dossier
from collectaudit.report.pack import Order, pack

pytest.importorskip("typst")
DAY = date(2026, 11, 22)
TOLD = {"complainant_name": "陈静怡", "complainant_phone": "13800138001", "respondent": "示例消费金融"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    found = sample_copy(tmp_path_factory, tmp_path_factory.mktemp("pack") / "case")
    by_law = "SELECT finding_id FROM findings WHERE regime <> 'practice' ORDER BY occurred_at, finding_id"
    ids = [row["finding_id"] for row in found.query(by_law)]
    for finding_id, verdict in zip(ids, ["confirmed"] * 4 + ["dismissed"] * 2, strict=False):
        found.review(finding_id, verdict, by="reader")
    return found


def order(**wanted: object) -> Order:
    asked = {"channel": channel("12378"), "lang": "zh", "on": DAY, "told": TOLD, **wanted}
    return Order(**asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("out") / "材料包"
    pack(case, to, order())
    return to


@pytest.fixture(scope="module")
def twin(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("twin") / "脱敏"
    pack(case, to, order(redacted=True))
    return to


def test_stock_tools_find_it_whole(made: Path) -> None:
    lists = ["seal/SHA256SUMS", "tagmanifest-sha256.txt", "manifest-sha256.txt"]
    subprocess.run(["/usr/bin/sha256sum", "--strict", "--quiet", "-c", *lists], cwd=made, check=True)
    assert bagit.Bag(str(made)).validate()
    assert check_pack(made).ok
    assert check_pack(made.with_name(made.name + ".zip")).ok


def test_the_same_order_gives_the_same_bytes(case: Case, made: Path, tmp_path: Path) -> None:
    again = tmp_path / made.name
    log_head = json.loads((made / "data" / "manifest.json").read_text(encoding="utf-8"))["case"]["log_head"]
    pack(case, again, order())
    for path in sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file()):
        ours, theirs = (made / path).read_bytes(), (again / path).read_bytes()
        if path.suffix in (".wav", ".xlsx", ".parquet", ".csv", ".sql", ".md") or path.parent.name == "05_原始文件":
            assert ours == theirs, path
    later = json.loads((again / "data" / "manifest.json").read_text(encoding="utf-8"))["case"]["log_head"]
    assert later != log_head  # the first pack is in the log by now; nothing else differs


@pytest.mark.parametrize("only_confirmed", [False, True])
def test_every_form_counts_the_same(case: Case, only_confirmed: bool, tmp_path: Path) -> None:
    to = tmp_path / "pack"
    pack(case, to, order(lang="en", only_confirmed=only_confirmed, originals=False))
    counts = json.loads((to / "data" / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert {state: counts[state] for state in (*STATES, *LEFT_OUT)} | {"confirmed": 4, "dismissed": 2} == {
        state: dossier(case, "en").counts[state] for state in (*STATES, *LEFT_OUT)
    }
    with duckdb.connect() as con:
        states = con.execute(
            "SELECT state, count(*) FROM read_parquet(?) GROUP BY 1", [str(to / "data/07_data/findings.parquet")]
        ).fetchall()
    assert dict(states) == {state: n for state in (*STATES, *LEFT_OUT) if (n := counts[state])}
    cover = PdfReader(to / "data" / "02_evidence.pdf").pages[0].extract_text()
    handed_in = {"confirmed": 4, "suspected": 0 if only_confirmed else counts["suspected"]}
    assert all(str(n) in cover for n in handed_in.values())
    assert not list((to / "data" / "05_originals").glob("*.xml"))


def test_what_is_missing_is_named_and_never_made_up(made: Path) -> None:
    still_open = json.loads((made / "data" / "manifest.json").read_text(encoding="utf-8"))["still_open"]
    assert still_open == [field.name("zh") for field in missing(channel("12378"), TOLD)]
    assert "投诉请求" in still_open
    assert all(name in (made / "00_先读我.txt").read_text(encoding="utf-8-sig") for name in still_open)


def everything(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every name and every stream of a pack, archives opened, tables and pages read."""
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        data = path.read_bytes()
        yield str(path), str(path.relative_to(root)).encode() + data
        if path.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                for name in parts.namelist():
                    yield f"{path}!{name}", parts.read(name)
        elif path.suffix == ".parquet":
            with duckdb.connect() as con:
                yield f"{path}!rows", repr(con.execute("FROM read_parquet(?)", [str(path)]).fetchall()).encode()
        elif path.suffix == ".pdf":
            document = PdfReader(path)
            text = "".join(page.extract_text() for page in document.pages)
            yield f"{path}!text", (text + repr(document.metadata)).encode()


def test_the_twin_tells_nothing_of_third_parties(case: Case, made: Path, twin: Path) -> None:
    rows = case.query("SELECT number, name FROM parties WHERE role NOT IN ('debtor', 'collector')")
    rows += case.query("SELECT to_number AS number, NULL AS name FROM occasions WHERE to_role IS NULL")
    tokens = {str(text).removeprefix("+86") for row in rows for text in row.values() if text and len(text) > 1}
    tokens = {token for token in tokens if not token.isdigit() or len(token) > 6}
    assert len(tokens) > 5
    there = [name for name, data in everything(made) if any(token.encode() in data for token in tokens)]
    assert len(there) > 5  # the search finds them where they are
    left = [(name, token) for name, data in everything(twin) for token in tokens
            if any(token.encode(code) in data for code in ("utf-8", "utf-16-le", "gb18030"))]  # fmt: skip
    assert left == []
    assert not [path for path in twin.rglob("*") if path.suffix in (".wav", ".amr", ".xml", ".vcf")]


def test_the_twin_counts_the_same_and_says_what_it_is(made: Path, twin: Path) -> None:
    ours, theirs = (json.loads((root / "data" / "manifest.json").read_text(encoding="utf-8")) for root in (made, twin))
    assert theirs["counts"] == ours["counts"]
    assert (ours["redacted"], theirs["redacted"]) == (False, True)
    assert "脱敏版" in (twin / "00_先读我.txt").read_text(encoding="utf-8-sig")
    assert "脱敏版" in (twin / "data" / "04_浏览" / "index.html").read_text(encoding="utf-8")


def test_a_killed_export_leaves_nothing(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(book, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        pack(case, tmp_path / "pack", order())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["taken", "inside", "bad:name"])
def test_a_place_that_will_not_do_is_refused(case: Case, tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").mkdir()
    to = {"taken": tmp_path / "taken", "inside": case.path / "runs" / "x"}.get(name, tmp_path / name)
    with pytest.raises(WrongUse):
        pack(case, to, order())


def test_the_command_makes_it_and_verify_finds_a_changed_byte(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = Case(Path(shutil.copytree(case.path, tmp_path / "case")))
    to = tmp_path / "pack"
    asked = ["pack", str(mine.path), "--channel", "police", "-o", str(to), "--date", "2026-11-22", "--lang", "en"]
    assert main([*asked, "--field", "request=Please stop the calls."]) == 0
    assert "--field complainant_name" in capsys.readouterr().out
    assert main(["verify", str(to)]) == 0
    victim = to / "data" / "07_data" / "rerun.sql"
    victim.write_bytes(victim.read_bytes().replace(b"state", b"stade", 1))
    assert main(["verify", str(to)]) == 4
    assert "rerun.sql" in capsys.readouterr().out
    assert main([*asked, "--field", "request"]) == 2


@pytest.mark.parametrize("ending", [".html", ".pdf", ".xlsx", ".md"])
def test_a_report_hides_the_middle_of_numbers_unless_told(case: Case, ending: str, tmp_path: Path) -> None:
    for name, more in (("masked", []), ("full", ["--unmask"])):
        assert main(["report", str(case.path), "-o", str(tmp_path / f"{name}{ending}"), "-q", *more]) == 0
    masked, full = (
        b"".join(data for name, data in everything(tmp_path) if Path(name.partition("!")[0]).stem == stem)
        for stem in ("masked", "full")
    )
    assert b"13800138002" in full
    assert b"13800138002" not in masked
    assert b"138****8002" in masked.replace(b"\\", b"")  # Markdown escapes its stars
