"""SHOW: what a person may hand in: which findings, where to, what is still missing, and what was made already.

What becomes of a finding (its state) is the dossier's business, so that pages and packs count the same.
"""

from collections.abc import Callable, Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .evidence import files
from .evidence.bag import TAGMANIFEST
from .evidence.store import EXPORTS
from .export import export
from .holdings import place
from .report.channels import Channel, Field, agent_keys, channels, fields, missing
from .report.dossier import AUTHORITIES, LEFT_OUT, STATES
from .report.pack import Order, pack
from .report.questions import STATED
from .report.single import write_report

if TYPE_CHECKING:
    from .case import Case

Row = dict[str, Any]
Work = Callable[["Case", Callable[[str, int, int], None]], object]
CHOICES = {"confirmed": STATES[:1], "all": STATES}
# Where each state stands in the list of findings.
_RULES, _OPEN = {"authority": list(AUTHORITIES)}, ["none", "unsure"]
FILTERS: Mapping[str, Mapping[str, list[str]]] = {
    "confirmed": {"verdict": ["confirmed"], **_RULES}, "dismissed": {"verdict": ["dismissed"], **_RULES},
    "suspected": {"verdict": _OPEN, "tier": ["finding"], **_RULES},
    "review": {"verdict": _OPEN, "tier": ["review"], **_RULES}, "practice": {"authority": ["practice"]},
}  # fmt: skip
SHOWN = (*STATES, *LEFT_OUT)
FORMS = ("html", "pdf", "xlsx", "csv")
_PARTS = ("typst", "pylopdf_fonts_zh_cn", "docx", "xlsxwriter", "jinja2")  # what the extra `report` brings


def ready() -> bool:
    """Whether what writes packs and reports is installed; tables as CSV need nothing."""
    return all(find_spec(name) is not None for name in _PARTS)


def places(case: "Case") -> list[Channel]:
    """Where a complaint of this case can go."""
    return [channel for channel in channels() if channel.jurisdiction == case.options["jurisdiction"]]


def asked(channel: Channel, *, agent: bool) -> list[Field]:
    """What a page asks the person for; numbers of identity documents are for ink and stay out of the case."""
    keys = [field.key for field in channel.asks if field.source == "person"] + (list(agent_keys()) if agent else [])
    return [fields()[key] for key in keys if not key.endswith("_id")]


def open_points(channel: Channel, told: Mapping[str, str], *, facts: int) -> list[tuple[Field, str]]:
    """What a place asks for, each with where it stands: there · missing · hand (written on the print)."""
    lacking = missing(channel, told)
    asked = [*channel.asks, *(field for field in lacking if field not in channel.asks)]
    return [(field, _standing(field, field in lacking, facts)) for field in asked]


def _standing(field: Field, lacking: bool, facts: int) -> str:
    if field.source == "hand":
        return "hand"
    return "missing" if lacking or (field.source == "records" and not facts) else "there"


def respondents(case: "Case", choice: str, account: str | None = None) -> list[Row]:
    """Who the findings are about, as far as the records say: lender, agency, numbers, findings; the most first."""
    found: list[Row] = case.query(_RESPONDENTS, [account, list(CHOICES[choice])])
    return found


def pack_to(case: "Case", order: Order) -> Path:
    """A free name for a pack in the case's folder for copies."""
    twin = "-redacted" if order.redacted else ""
    return place(case, f"pack-{order.channel.id}{twin}", "", ".zip")


def packing(order: Order) -> Work:
    """The work of making a pack in the case's folder for copies."""
    return lambda case, tell: pack(case, pack_to(case, order), order, tell)


def writing(form: str, lang: str, on: date, *, account: str | None, choice: str) -> Work:
    """The work of writing one of FORMS into the case's folder for copies."""

    def work(case: "Case", tell: Callable[[str, int, int], None]) -> None:
        tell("report", 0, 1)
        if form == "csv":
            export(case, place(case, "findings", ".csv"), ids(case, choice, account))
        else:
            to = place(case, "report", f".{form}")
            write_report(case, to, lang, on=on, account=account, only_confirmed=choice == "confirmed", unmask=True)
        tell("report", 1, 1)

    return work


def ids(case: "Case", choice: str, account: str | None = None) -> list[str]:
    """The findings that go in."""
    return [row["finding_id"] for row in case.query(_IDS, [account, list(CHOICES[choice])])]


def packs(case: "Case") -> list[Row]:
    """The packs in the case's folder for copies, the newest first: name, folder, zip, its size, the hash for it."""
    folder = case.path / EXPORTS
    found = sorted(folder.glob(f"*/{TAGMANIFEST}"), key=lambda path: (-path.stat().st_mtime_ns, str(path)))
    return [_pack(path) for path in found]


def _pack(tagmanifest: Path) -> Row:
    folder = tagmanifest.parent
    zipped = folder.with_name(folder.name + ".zip")
    size = zipped.stat().st_size if zipped.is_file() else None
    return {"name": folder.name, "folder": folder, "zip": zipped, "size_bytes": size,
            "sha256": files.sha256_of(tagmanifest)}  # fmt: skip


_IDS = f"""
SELECT finding_id FROM ({STATED}) WHERE list_contains($2::VARCHAR[], state) ORDER BY finding_id
"""  # noqa: S608 — constants only

_RESPONDENTS = f"""
SELECT lender, agency, count(*) AS findings,
    list(DISTINCT number ORDER BY number) FILTER (number IS NOT NULL) AS numbers
FROM (
    SELECT e.lender, e.agency, CASE WHEN from_role = 'collector' THEN from_number
        WHEN to_role = 'collector' THEN to_number END AS number
    FROM ({STATED}) s JOIN events e ON e.event_id = s.event_id WHERE list_contains($2::VARCHAR[], s.state)
)
WHERE lender IS NOT NULL OR agency IS NOT NULL OR number IS NOT NULL
GROUP BY lender, agency ORDER BY findings DESC, lender, agency LIMIT 20
"""  # noqa: S608 — constants only
