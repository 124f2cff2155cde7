"""A plain text table as columns: lines are cut and named without Python between. Whatever is not surely a data row
is then read by the same RowReader that reads rows, so that both ways give the same records."""

from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

import polars as pl

from collectaudit.records import RAW_FIELDS, Reject
from collectaudit.sources._decode import physical
from collectaudit.sources._grid import Row, TextGrid
from collectaudit.sources._header import Layout
from collectaudit.sources._mapcheck import VOCABULARY
from collectaudit.sources._rows import RowReader, Take
from collectaudit.sources._switch import reckoned

_NOTHING = pl.Enum(["-"])  # an empty column of words costs a fifth of an empty column of text; both are text in Parquet
_ODD = "odd"
_SHARE, _SOME = 5, 1000  # with more odd rows than one in five (and some), columns save nothing


def can(grid: TextGrid, layout: Layout) -> bool:
    """Whether a table can be read as columns: events, in lines that can all be decoded, with nothing to reckon."""
    return layout.map.kind == "events" and grid.text.plain and not layout.minutes and not reckoned(layout)


def copy(grid: TextGrid, reader: RowReader, work: Path, out: Path) -> bool:
    """Writes the records below the reader's header to the Parquet file `out`; False if rows must be read one by one."""
    draft = work / "columns.parquet"
    try:
        _columns(grid, reader).sink_parquet(draft, compression="snappy", maintain_order=True)
        patches = _patches(draft, grid, reader)
        if patches is None:
            return False
        if len(patches):
            _patched(draft, patches).sink_parquet(out, compression="snappy", maintain_order=True)
        else:
            draft.replace(out)
        return _in_order(out)
    except pl.exceptions.PolarsError:
        return False
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the class of Rust panics cannot be imported
            return False
        raise
    finally:
        draft.unlink(missing_ok=True)


def _columns(grid: TextGrid, reader: RowReader) -> pl.LazyFrame:
    """One row a line below the header: the canonical columns, or, for an odd line, only its text as `raw`."""
    header = reader.layout.last
    words = [take for take in reader.takes if take.field in VOCABULARY and (take.own, take.other) != (-1, -1)]
    frame = _cells(grid, reader.layout).filter(pl.col("n") > header)
    for refusing in (True, False):
        some = [take for take in words if take.refuse == refusing]
        frame = frame.with_columns(_word_text(take).alias(f"text_{take.field}") for take in some)
        frame = frame.with_columns(_word(take).alias(f"word_{take.field}") for take in some)
        refused = [pl.col(f"word_{t.field}").is_null() & _filled(f"c{t.own}") for t in some if refusing and t.own >= 0]
        frame = frame.with_columns(odd=pl.any_horizontal("odd", *refused))
    number = pl.col("n").cast(pl.Int64)
    columns = {
        "n": number - header,
        "locator": pl.lit("L") + number.cast(pl.String),
        "reason": pl.when("odd").then(pl.lit(_ODD)),
        "raw": pl.when("odd").then(pl.col("line").fill_null("")),
    }
    types = _types(reader)
    columns |= {name: pl.lit(None, types[name]) for name in RAW_FIELDS}
    for take in reader.takes:
        if take in words:
            found = pl.col(f"word_{take.field}")
        else:
            found = _source(take) if take.default is None else pl.lit(take.default, types[take.field])
        columns[take.field] = pl.when(~pl.col("odd")).then(found)
    return frame.select(**columns)


def _types(reader: RowReader) -> dict[str, pl.DataType]:
    """The type of each column of the result."""
    used = {take.field for take in reader.takes}
    types: dict[str, pl.DataType] = {"n": pl.Int64(), "locator": pl.String(), "reason": pl.String(), "raw": pl.String()}
    for name in RAW_FIELDS:
        words = pl.Enum(VOCABULARY[name]) if name in VOCABULARY else pl.String()
        types[name] = words if name in used else _NOTHING
    return types


def _cells(grid: TextGrid, layout: Layout) -> pl.LazyFrame:
    """Lines with their numbers, the cells that the map uses as c0, c1 …, and whether the line is no regular row."""
    lines = pl.scan_csv(
        grid.text.path, separator="\x01", quote_char=None, has_header=False, schema={"line": pl.String()},
        row_index_name="n", row_index_offset=1, glob=False,
    )  # fmt: skip
    used = sorted({i for places in layout.where.values() for i in places})
    if grid.text.quotes:
        lines, whole, cell = _quoted(grid, layout.last, lines)
    else:
        lines, whole, cell = lines.with_columns(cells=pl.col("line").str.split(grid.separator)), pl.lit(True), _cell
    lines = lines.with_columns(cell(i).alias(f"c{i}") for i in used)
    first = pl.col(f"c{layout.required[0]}")
    regular = [pl.col("cells").list.len() == layout.width, first.is_between(pl.lit("0"), pl.lit(":"), closed="left")]
    regular += [pl.col(f"c{i}") != "" for i in layout.required[1:]]
    if not grid.text.ended:
        regular.append(pl.col("n") < grid.text.lines)
    return lines.with_columns(odd=~pl.all_horizontal(whole, *regular).fill_null(False))


def _cell(i: int) -> pl.Expr:
    return pl.col("cells").list.get(i, null_on_oob=True)


def _quoted(grid: TextGrid, header: int, lines: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.Expr, Callable[[int], pl.Expr]]:
    """Cells that may be quoted, but hold no quotation marks themselves; `whole` tells lines with others apart."""
    line, separator = pl.col("line"), grid.separator
    if _all_quoted(grid, header):
        inner = line.str.strip_prefix('"').str.strip_suffix('"')
        lines = lines.with_columns(cells=inner.str.split(f'"{separator}"'))
        marks = line.str.count_matches('"', literal=True) == pl.col("cells").list.len() * 2
        return lines, marks & line.str.starts_with('"') & line.str.ends_with('"'), _cell
    pattern = r'"[^"]*"SEP|[^"SEP][^SEP]*SEP|SEP'.replace("SEP", separator.replace("|", r"\x7c"))
    lines = lines.with_columns(ended=line + separator)
    lines = lines.with_columns(cells=pl.col("ended").str.extract_all(pattern))

    def cell(i: int) -> pl.Expr:
        text = _cell(i)
        quoted = text.str.strip_prefix('"').str.strip_suffix(f'"{separator}')
        return pl.when(text.str.starts_with('"')).then(quoted).otherwise(text.str.strip_suffix(separator))

    return lines, pl.col("cells").list.join("") == pl.col("ended"), cell


def _all_quoted(grid: TextGrid, header: int) -> bool:
    """Whether nearly all of the first lines have every cell in quotation marks."""
    joint = f'"{grid.separator}"'.encode()
    first = [line for _, line in islice(physical(grid.text, header), 100)]
    full = [line for line in first if line[:1] == line[-1:] == b'"' and line.count(b'"') == line.count(joint) * 2 + 2]
    return len(full) * 10 > len(first) * 9


def _source(take: Take) -> pl.Expr:
    """The text of a field: its own cell, else the other."""
    cells = [pl.when(pl.col(f"c{i}") != "").then(pl.col(f"c{i}")) for i in (take.own, take.other) if i >= 0]
    return cells[0] if len(cells) == 1 else pl.coalesce(cells)


def _filled(name: str) -> pl.Expr:
    return pl.col(name).str.contains(r"\S")


def _word_text(take: Take) -> pl.Expr:
    """The text that a value table is asked about, empty where there is none; nothing for odd lines."""
    return pl.when(~pl.col("odd")).then(_source(take).fill_null(""))


def _word(take: Take) -> pl.Expr:
    """The meaning of each text; the value table is asked once for each distinct text of a batch."""

    words = pl.Enum(VOCABULARY[take.field])

    def convert(texts: pl.Series) -> pl.Series:
        known = texts.drop_nulls().unique().to_list()
        if not known:
            return pl.Series(texts.name, [None] * len(texts), words)
        return texts.replace_strict(known, [take.word(text) for text in known], default=None, return_dtype=words)

    return pl.col(f"text_{take.field}").map_batches(convert, return_dtype=words, is_elementwise=True)


def _patches(draft: Path, grid: TextGrid, reader: RowReader) -> pl.DataFrame | None:
    """What the row reader makes of the odd lines, by n; `kept` is false for those that are no records.

    None if rows must be read one by one: too many are odd, one goes on in the next line, or dates stand in rows of
    their own, or the lines are not those that were counted before.
    """
    written = pl.scan_parquet(draft, glob=False)
    header = reader.layout.last
    expected = grid.text.lines - header
    odd = written.filter(pl.col("reason") == _ODD).select("n", "raw").head(expected // _SHARE + _SOME + 1).collect()
    if written.select(pl.len()).collect().item() != expected or len(odd) > expected // _SHARE + _SOME:
        return None
    rows: list[Mapping[str, object]] = []
    for n, line in odd.iter_rows():
        cells = grid.cells(line)
        if cells is None:
            return None
        rows.append(_patch(n, grid.row(n + header, cells, line), reader))
        if reader.grouped or reader.section:
            return None
    return pl.DataFrame(rows, schema={**_types(reader), "kept": pl.Boolean()})


def _patch(n: int, row: Row, reader: RowReader) -> Mapping[str, object]:
    found = reader.read(row)
    if not found:
        return {"n": n, "kept": False}
    record = found[0]
    if isinstance(record, Reject):
        return {"n": n, "kept": True, "locator": record.locator, "reason": record.reason, "raw": record.raw}
    return {"n": n, "kept": True, "locator": record.locator, **record.fields}


def _patched(draft: Path, patches: pl.DataFrame) -> pl.LazyFrame:
    """The draft with its odd rows replaced or left out, numbered anew."""
    regular = pl.scan_parquet(draft, glob=False).filter(pl.col("reason").is_null())
    skipped = patches.filter(~pl.col("kept"))["n"]
    read = patches.filter("kept").drop("kept").lazy()
    before = pl.lit(skipped).search_sorted(pl.col("n")).cast(pl.Int64)
    return regular.merge_sorted(read, key="n").with_columns(pl.col("n") - before)


def _in_order(path: Path) -> bool:
    """Whether n counts 1, 2, 3 … through the file."""
    steps = pl.col("n").diff().fill_null(pl.col("n")) == 1
    return bool(pl.scan_parquet(path, glob=False).select(steps.all()).collect().item())
