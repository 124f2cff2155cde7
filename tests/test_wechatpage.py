"""Pages that WechatExporter makes of an iPhone's chats, and the pieces that they load."""

import json
from pathlib import Path

import pytest
from test_chats import plain, read_bytes, read_file

from collectaudit.records import Record

DATA = Path(__file__).parent / "data" / "wechatpage"
FILES = sorted(path for path in DATA.iterdir() if not path.name.endswith(".golden.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    rows, facts = read_file(path, path.name)
    assert plain(rows) == json.loads(path.with_name(f"{path.stem}.golden.json").read_text(encoding="utf-8"))
    assert (facts.parser, facts.status, facts.reason) == ("wechatpage", "ok", None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_truncated_at_every_byte(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    whole = [row.fields for row in read_file(path, "")[0] if isinstance(row, Record)]
    end = data.index(b"</script>") if path.suffix == ".html" else data.index(b"];")
    for length in range(data.index(b"nt-box"), end - 2, 3):
        rows, facts = read_bytes(tmp_path, data[:length], "")
        found = [row.fields for row in rows if isinstance(row, Record)]
        assert facts.status in ("partial", "unrecognised")
        assert found == whole[: len(found)]


def test_an_older_page(tmp_path: Path) -> None:
    page = (DATA / "page.html").read_text(encoding="utf-8")
    for side in ("left", "right"):
        page = page.replace(f"msg chat {side}", f"msg chat-{side}").replace(f"msg media {side}", f"msg media-{side}")
    rows, _ = read_bytes(tmp_path, page.replace("dspname", "name").encode(), "")
    assert plain(rows) == json.loads((DATA / "page.golden.json").read_text(encoding="utf-8"))
