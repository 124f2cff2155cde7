"""For a table that no map fits: what its columns could be, with reasons, as a column map that a person completes.

Nothing is read by a guess. The proposal is text to look at, correct and pass with --map.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from collectaudit.sources._grid import Grid, Row
from collectaudit.sources._map import shipped
from collectaudit.sources._mapcheck import COLUMNS
from collectaudit.sources._words import fold, fold_header

_HEADER_ROWS, _SAMPLE = 30, 200
_PREVIEW = 5
_FEW, _LONGEST = 12, 20  # different words in a column, letters in each
_LOOKS: Mapping[str, re.Pattern[str]] = {
    "a date and time": re.compile(r"['\"=\s]*(?:\d{4}|\d{1,2})\D?\d{1,2}\D?\d{1,2}\D{1,3}\d{1,2}:\d{2}.*|20\d{12}"),
    "a date": re.compile(r"['\"=\s]*\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.*"),
    "a time of day": re.compile(r"\d{1,2}:\d{2}(?::\d{2})?"),
    "telephone numbers": re.compile(
        r"['\"=\s]*(?:\+?86|0086)?[- ]?(?:1[3-9]\d[\d*]{4}\d{4}|0\d{2,3}-?\d{7,8}|95\d{3,6}|106\d{5,})\"?"
    ),
    "a duration": re.compile(r"(?:\d+小?时)?(?:\d+分钟?)?\d+秒|\d+分钟?|00:\d{2}:\d{2}"),
    "who called whom": re.compile(r"主叫.*|被叫.*|呼入|呼出|来电|去电|incoming|outgoing|inbound|outbound"),
}
_FIELDS = {
    "a date and time": ("date",),
    "a date": ("date",),
    "a time of day": ("time", "duration"),
    "telephone numbers": ("other", "own"),
    "a duration": ("duration",),
    "who called whom": ("direction",),
}
_LISTS = {"role": "relations", "outcome": "call_results"}
_SECTIONS = {
    "direction": 'in = ["被叫", "呼入", "来电"]\nout = ["主叫", "呼出", "去电"]\nforwarded = ["转"]',
    "channel": 'sms = ["短信"]\nim = ["微信"]\nvisit = ["外访", "上门"]\ncall = ["电话", "电催"]',
}


@dataclass(frozen=True, slots=True)
class Guess:
    """One column: its header, the canonical field it could be (None: no idea), and why."""

    header: str
    field: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A table's header and first rows, what each column could be, and a column map to complete, as TOML.

    `words`: header → the different cells below it, of columns in which a few stand again and again.
    """

    sheet: str
    locator: str
    guesses: tuple[Guess, ...]
    preview: tuple[tuple[str, ...], ...]
    text: str
    header: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def proposal(grids: Sequence[Grid]) -> Proposal | None:
    """The proposal for the way of cutting that gives the most columns; None if no row looks like a header."""
    found = [(header, rows, grid) for grid in grids for header, rows in [_header(grid)] if header is not None]
    if not found:
        return None
    header, rows, grid = max(found, key=lambda item: len(_filled(item[0])))
    guesses = tuple(_guesses(header, rows))
    preview = tuple(tuple(row.cells) for row in rows[:_PREVIEW])
    words = {text: few for i, text in enumerate(header.cells) if text.strip() and (few := _few(rows, i))}
    return Proposal(grid.name, header.locator, guesses, preview, _toml(guesses), tuple(header.cells), words)


def _few(rows: Sequence[Row], i: int) -> tuple[str, ...]:
    """The different cells of a column if they are few words; nothing else can say who called whom."""
    found = dict.fromkeys(row.cells[i].strip() for row in rows if i < len(row.cells))
    words = [cell for cell in found if cell]
    few = 0 < len(words) <= _FEW and not any(len(cell) > _LONGEST or any(map(str.isdigit, cell)) for cell in words)
    return tuple(words) if few else ()


def _header(grid: Grid) -> tuple[Row | None, list[Row]]:
    """The first row with the most different words and no digits-only cells, and the rows below it."""
    rows = [row for row in islice(grid.rows(), _SAMPLE) if not row.fault]
    best = max(rows[:_HEADER_ROWS], key=lambda row: len(_filled(row)), default=None)
    if best is None or len(_filled(best)) < 2:
        return None, []
    return best, [row for row in rows if row.last > best.last and any(map(str.strip, row.cells))]


def _filled(row: Row) -> set[str]:
    return {cell for cell in map(fold_header, row.cells) if cell and not re.fullmatch(r"[\d*+]+|20\d{6,}", cell)}


def _guesses(header: Row, rows: Sequence[Row]) -> Iterator[Guess]:
    taken: set[str] = set()
    for i, text in enumerate(header.cells):
        if not fold_header(text):
            continue
        field, reason = _by_name(text, taken) or _by_cells([row.cells[i] for row in rows if i < len(row.cells)], taken)
        taken |= {field} if field else set()
        yield Guess(text, field, reason)


def _by_name(header: str, taken: set[str]) -> tuple[str, str] | None:
    """The field that most shipped maps give this header."""
    votes = Counter(
        field
        for column_map in shipped()
        if column_map.kind == "events"
        for field, headers in column_map.columns.items()
        if field not in taken and fold_header(header) in map(fold_header, headers)
    )
    return next(((field, "known by this name from other tables") for field, _ in votes.most_common(1)), None)


def _by_cells(cells: Sequence[str], taken: set[str]) -> tuple[str | None, str]:
    filled = [fold(cell) for cell in cells if cell.strip()]
    for look, pattern in _LOOKS.items():
        fits = sum(pattern.fullmatch(cell) is not None for cell in filled)
        if filled and fits * 10 >= len(filled) * 8:
            free = [field for field in _FIELDS[look] if field not in taken]
            return (free[0] if free else None), f"{fits * 100 // len(filled)} % of the cells look like {look}"
    return None, "nothing known about it"


def _toml(guesses: Sequence[Guess]) -> str:
    """A map with the guesses filled in and the rest as remarks."""
    switch = any(guess.field == "callee" for guess in guesses)
    allowed = [name for name in COLUMNS["switch" if switch else "phone"] if not (switch and name == "other")]
    fields = {guess.field: guess for guess in guesses if guess.field in allowed}
    needed = ("date", "callee" if switch else "other")
    lines = [
        'id = "my_table"',
        'kind = "events"',
        'channel = "call"  # or sms, im, voicemail, visit, email, letter',
        f'side = "{"switch" if switch else "phone"}"  # phone: own, other, direction; switch: caller, callee',
        '# collector = "caller"  # with switch: the end that collects, if it is always the same; else "callee"',
        '# time_zone = "Asia/Shanghai"',
        f"required = {_list(needed)}",
        "",
        "[title]",
        'en = "…"',
        'zh = "…"',
        "",
        "[columns]",
        *(f"{field} = {_list([guess.header])}  # {guess.reason}" for field, guess in fields.items()),
        *(f'# {name} = ["…"]  # which column is it?' for name in needed if name not in fields),
        *(f"# not used: {quoted(guess.header)}, {guess.reason}" for guess in guesses if guess.field not in fields),
        *(["", "[values]"] if fields.keys() & _LISTS.keys() else []),
        *(f'{name} = "{words}"' for name, words in _LISTS.items() if name in fields),
    ]
    if not switch and "direction" not in fields:
        lines += ["", '# direction = ["…"] under [columns]: which column says who called whom?']
    for name, section in _SECTIONS.items():
        if name in fields:
            lines += ["", f"[values.{name}]", section]
    return "\n".join([*lines, ""])


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def quoted(text: str) -> str:
    """A TOML text on one line, whatever a hostile header holds."""

    def escaped(char: str) -> str:
        if char in '"\\':
            return "\\" + char
        return char if char.isprintable() else f"\\U{ord(char):08x}"

    return '"' + "".join(map(escaped, text[:200])) + '"'
