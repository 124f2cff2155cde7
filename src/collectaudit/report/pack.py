"""A complaint pack: every form of one dossier in a bag that a stranger can check, as a folder and as a zip."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..catalogue import Words
from ..drawers import safe_cell
from ..errors import IntegrityError, WrongUse
from ..evidence import files, handout, seal
from ..evidence.bag import PAYLOAD, make_bag, portable, zip_bag
from ..evidence.packcheck import check_pack
from ..evidence.selfcheck import write_checks
from . import book, letter, statements
from .channels import Channel, missing
from .clips import Clip, write_clips
from .dossier import Dossier, dossier
from .figures import write_figures
from .page import Sound, pages
from .redact import Redactor, redacted
from .tables import write_tables

if TYPE_CHECKING:
    from ..case import Case

Tell = Callable[[str, int, int], None]
_STEPS = 8


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. `on`: the day on its cover; `told`: what the person says of the complaint; `key`: signs it."""

    channel: Channel
    lang: str
    on: date
    told: Mapping[str, str]
    account: str | None = None
    redacted: bool = False
    only_confirmed: bool = False
    originals: bool = True
    key: Path | None = None


def pack(case: "Case", to: Path, order: Order, tell: Tell = lambda *_: None) -> str:
    """Make the pack `to` (a folder) and `to`.zip; the hash of its tagmanifest, which stands for it.

    The same case, order and day give the same bytes. Nothing stands under these names before all of it is whole and
    checked. Raises WrongUse if they are taken, MissingPart without the extra `report`.
    """
    _refuse(case, to)
    with handout.beside(to, "pack") as folder:
        made = _Pack(case, order, folder / to.name, tell).make()
        if not (report := check_pack(folder / to.name)).ok:
            raise IntegrityError("the pack is not what was written", "; ".join(line.what for line in report.lines))
        zipped = to.with_name(to.name + ".zip")
        zip_bag(folder / to.name, folder / zipped.name, at=datetime.combine(order.on, time(), UTC))
        files.move(folder / to.name, to)
        for name in (zipped.name, zipped.name + ".sha256"):
            files.move(folder / name, to.with_name(name))
        case.note("pack", channel=order.channel.id, redacted=int(order.redacted), sha256=made)
    return made


def _refuse(case: "Case", to: Path) -> None:
    handout.check_free(case.path, to, to.with_name(to.name + ".zip"))
    if portable(to.name) != to.name:
        raise WrongUse(f"{files.shown(to.name)} is a name that other systems cannot write", "Give it another name.")


class _Pack:
    """One pack being made."""

    def __init__(self, case: "Case", order: Order, root: Path, tell: Tell) -> None:
        self.case, self.order, self.root, self.tell = case, order, root, tell
        self.words = Words(order.lang, "report")
        self.done = 0
        made = dossier(case, order.lang, account=order.account, only_confirmed=order.only_confirmed)
        self.mask: Callable[[Any], Any] = lambda value: value
        if order.redacted:
            redactor = Redactor(case.secret(), made.parties, self.words, _accounts(made))
            made, self.mask = redacted(made, redactor), redactor.value
            made = replace(
                made, about={**made.about, "number": f"{made.about['number']} · {self.words('pack.redacted')}"}
            )
        self.made: Dossier = made

    def make(self) -> str:
        """Everything, then the lists, then the seal; the hash that stands for it."""
        (self.root / PAYLOAD).mkdir(parents=True)
        self._letter()
        book.write(self.made, self._place("book", ".pdf"), self.order.told, self.order.on)
        self._step()
        write_tables(self.case, self.made, self._place("tables", ".xlsx"), self.mask)
        self._step()
        clips = [] if self.order.redacted else self._clips()
        self._pages(clips)
        self._originals()
        write_figures(self.case, self.made, self._folder("figures"), self.mask if self.order.redacted else None)
        self._step()
        if not self.order.redacted:
            statements.write(self.made, self._folder("statements"), self.order.told, self.order.on)
        self._about(clips)
        self._tags()
        digest = make_bag(self.root, dated=self.order.on, about={"External-Identifier": self.made.about["number"]})
        seal.ask(self.root)
        if self.order.key:
            seal.sign(self.root, self.order.key, at=datetime.combine(self.order.on, time(), UTC))
        return digest

    def _step(self) -> None:
        self.done += 1
        self.tell("pack", self.done, _STEPS)

    def _place(self, what: str, ending: str = "") -> Path:
        return self.root / PAYLOAD / (self.words(f"pack.{what}") + ending)

    def _folder(self, what: str) -> Path:
        place = self._place(what)
        place.mkdir()
        return place

    def _letter(self) -> None:
        letter.write(self.made, self._place("letter"), self.order.told, self.order.channel, self.order.on)
        self._step()

    def _clips(self) -> list[Clip]:
        if not any(record["parser"] == "recording" for row in self.made.exhibits for record in row["records"]):
            return []
        folder = self._folder("clips")
        clips, not_cut = write_clips(self.case, self.made, folder)
        rows = [[one.path.name, one.exhibit, one.recording, one.recording_sha256, f"{one.start_s:.2f}",
                 f"{one.end_s:.2f}", one.sha256] for one in clips]  # fmt: skip
        rows += [["", n, why, "", "", "", ""] for n, why in not_cut.items()]
        _table(
            folder / "clips.csv", ["clip", "exhibit", "recording", "recording_sha256", "from_s", "to_s", "sha256"], rows
        )
        self._step()
        return clips

    def _pages(self, clips: list[Clip]) -> None:
        sounds = {one.exhibit: Sound(f"../{one.path.parent.name}/{one.path.name}", one.start_s) for one in clips}
        folder = self._folder("pages")
        for name, text in pages(self.made, sounds).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        self._step()

    def _originals(self) -> None:
        """The originals as they are, and their list; of a redacted pack, or one without them, the list alone."""
        folder, rows = self._folder("originals"), []
        for sha256, name, size in self.case.kept():
            to = folder / f"{sha256[:12]}_{portable(Path(name).name)}"
            copied = self.order.originals and not self.order.redacted and self._copied(sha256, to)
            rows.append([to.name if copied else "", self.mask(name), size, sha256])
        _table(folder / "originals.csv", ["file", "name", "bytes", "sha256"], rows)
        self._step()

    def _copied(self, sha256: str, to: Path) -> bool:
        original = self.case.original(sha256)
        if not original.exists():
            return False
        shutil.copyfile(original, to)
        return True

    def _about(self, clips: list[Clip]) -> None:
        """manifest.json: what made this, from what, with which settings, which counts, what is still open."""
        order, made = self.order, self.made
        open_fields = [field.name(order.lang) for field in missing(order.channel, order.told)]
        about = {
            "tool": {"name": "collectaudit", "version": __version__}, "case": made.about, "language": order.lang,
            "channel": order.channel.id, "dated": order.on, "redacted": order.redacted,
            "only_confirmed": order.only_confirmed, "counts": made.counts, "exhibits": len(made.exhibits),
            "still_open": open_fields, "rules": made.method["rules"], "lexicons": made.method["lexicons"],
            "clips": [{"exhibit": one.exhibit, "file": one.path.name, "from_s": one.start_s, "to_s": one.end_s,
                       "recording_sha256": one.recording_sha256, "sha256": one.sha256} for one in clips],
        }  # fmt: skip
        text = json.dumps(about, ensure_ascii=False, indent=2, default=str) + "\n"
        (self.root / PAYLOAD / "manifest.json").write_text(text, encoding="utf-8", newline="\n")

    def _tags(self) -> None:
        """What a reader meets first, and how a stranger checks it."""
        open_fields = [field.name(self.order.lang) for field in missing(self.order.channel, self.order.told)]
        text = self.words(
            "pack.read_me", number=self.made.about["number"], place=self.order.channel.text("", self.order.lang),
            letter=self.words("pack.letter"), book=self.words("pack.book"), pages=self.words("pack.pages"),
            open=self.words("summary.comma").join(open_fields) or self.words("word.none"),
        )  # fmt: skip
        text += "\n" + self.words("pack.caution") + "\n" if self.order.redacted else ""
        first = self.root / (self.words("pack.first") + ".txt")
        first.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
        write_checks(self.root, self.order.lang)


def _accounts(made: Dossier) -> list[str]:
    """What accounts are called: they stay, since the complaint is about them."""
    return sorted({row["account"] for row in (*made.findings, *made.exhibits, *made.facts) if row["account"]})


def _table(to: Path, columns: list[str], rows: list[list[Any]]) -> None:
    """A table for people: opens right in a Chinese Excel, and no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([columns, *([safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)])
    to.write_bytes(text.getvalue().encode("utf-8-sig"))
