"""What the SQL of a rule may do: one SELECT over the published tables, with functions that always answer alike.

The check reads DuckDB's own syntax tree and knows what is allowed; everything else is refused, so that a construct
of a newer DuckDB is refused until somebody has looked at it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from .lawtables import KINDS

LAW_TABLES = frozenset(kind.table for kind in KINDS.values() if kind.table)
READABLE = LAW_TABLES | {
    "provisions", "contacts", "declared", "case_facts",
    "worded", "stated", "spoken", "utterances", "signals", "patterns", "kept",
}  # fmt: skip
_MAX_BYTES = 65_536

# What a row of a rule says beside its facts.
CORE = {"provision_id": "VARCHAR", "account": "VARCHAR", "event_id": "VARCHAR"}
OPTIONAL = {"event_ids": "VARCHAR[]", "signal_id": "VARCHAR", "tier": "VARCHAR"}
KEYS = CORE.keys() | OPTIONAL.keys()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Left out on purpose: floating point, whose sums depend on the order of rows.
_FACT_TYPES = _names(
    """VARCHAR VARCHAR[] BOOLEAN DATE TIME TIMESTAMP
    TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT"""
)
# Left out on purpose: whatever reads files, settings, the clock or chance, what depends on the order of rows that
# tie, floating point, and functions that make something big out of something small.
_SCALARS = _names(
    """+ - * // % || ~~ !~~ abs greatest least nullif trunc
    date_trunc date_part date_diff datediff year month day hour minute isodow epoch last_day
    to_minutes to_hours to_days to_weeks to_months to_years strftime
    lower upper trim length left right substr substring starts_with ends_with prefix suffix contains regexp_matches
    split_part concat concat_ws replace
    row struct_pack struct_extract list_value len array_length list_contains list_extract array_extract list_concat
    list_sort list_distinct unnest"""
)
_TOTALS = _names("count count_star count_if sum min max bool_and bool_or")
_IN_ORDER = _names("list array_agg string_agg group_concat")
_WINDOWS = _names("row_number rank dense_rank lag lead first_value last_value nth_value first last")
_TABLE_FUNCTIONS = _names("unnest range generate_series")
FUNCTIONS = _SCALARS | _TOTALS | _IN_ORDER | _WINDOWS
_CLOCKS = _names(
    """current_date current_time current_timestamp localtime localtimestamp current_user session_user user
    current_catalog current_database current_schema current_role"""
)
_CLASSES = _names(
    "BETWEEN CASE CAST COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION OPERATOR STAR SUBQUERY TYPE WINDOW"
)
_PARTS = _names(
    """SELECT_NODE SET_OPERATION_NODE CTE_NODE BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EMPTY EXPRESSION_LIST
    ORDER_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT ASCENDING DESCENDING"""
)
_JOINS = _names("REGULAR CROSS NATURAL")
_UNKNOWN_PLACE = 1 << 62  # DuckDB writes the largest unsigned number where it does not know the place
_NUMERIC = re.compile(r"\s*[-+]?\.?\d", re.ASCII)  # a number, a date, a time, an interval, also within quotes


@dataclass(frozen=True, order=True, slots=True)
class Remark:
    """One thing a rule's SQL may not do; `at` is the byte where it stands."""

    at: int
    what: str
    fix: str


def check(con: duckdb.DuckDBPyConnection, sql: str) -> list[Remark]:
    """Everything the SQL may not do, in order of place. `con` only parses."""
    return read(con, sql)[0]


def tables(con: duckdb.DuckDBPyConnection, sql: str) -> frozenset[str]:
    """The published tables that a SELECT reads."""
    return read(con, sql)[1]


def read(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[Remark], frozenset[str]]:
    """What `check` and what `tables` says; the SQL is parsed once."""
    tree = _parse(con, sql)
    if isinstance(tree, Remark):
        return [tree], frozenset()
    names = (node["table_name"].lower() for node, _, _ in _nodes(tree) if node.get("type") == "BASE_TABLE")
    return sorted(set(_remarks(tree))), frozenset(names) & READABLE


def columns(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, str]:
    """What a SELECT returns: column → type. duckdb.Error if it does not fit the tables of `con`. Words are text."""
    found = {str(name): str(kind) for name, kind, *_ in con.execute("DESCRIBE " + sql).fetchall()}
    return {
        name: "VARCHAR" if kind.startswith("ENUM(") and kind.endswith(")") else kind for name, kind in found.items()
    }


def column_problems(returned: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(what, fix) for every column that a rule lacks, or returns in a form that findings cannot keep."""
    for name in CORE.keys() - returned.keys():
        yield f"does not return {name}", "return provision_id, account and event_id"
    for name, kind in returned.items():
        expected = (CORE | OPTIONAL).get(name)
        if expected and kind != expected:
            yield f"returns {name} as {kind}", f"return it as {expected}"
        elif kind not in _FACT_TYPES:
            yield f"returns {name} as {kind}", "return text, whole numbers, dates, times or lists of text"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            yield f'returns a column "{name}"', "name it in small letters: … AS name"


def _parse(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any] | Remark:
    """The syntax tree of exactly one SELECT."""
    if len(sql.encode("utf-8", "replace")) > _MAX_BYTES:
        return Remark(0, f"the file is longer than {_MAX_BYTES} bytes", "write a shorter query")
    one = "write exactly one SELECT, or WITH … SELECT"
    try:
        kinds = [statement.type for statement in con.extract_statements(sql)]
    except duckdb.Error as error:
        return _syntax(con, sql, str(error))
    if len(kinds) != 1:
        return Remark(0, f"holds {len(kinds)} statements", one)
    if kinds[0] != duckdb.StatementType.SELECT:
        return Remark(0, f"is a {kinds[0].name} statement", one)
    try:
        answer = _serialized(con, sql)
    except RecursionError:
        return Remark(0, "is nested too deeply", "write a flatter query")
    if answer["error"]:
        return Remark(0, f"cannot be checked: {answer['error_message']}", one)
    tree: dict[str, Any] = answer["statements"][0]["node"]
    return tree


def _serialized(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    row = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    answer: dict[str, Any] = json.loads(row[0]) if row else {}
    return answer


def _syntax(con: duckdb.DuckDBPyConnection, sql: str, error: str) -> Remark:
    what = "is not SQL: " + error.strip().split("\n", 1)[0]
    at = 0
    try:  # DuckDB 1.5 miscounts the line after letters that are not ASCII
        con.extract_statements(re.sub(r"[^\x00-\x7f]", "x", sql))
    except duckdb.Error as same:
        if found := re.search(r"^LINE (\d+):", str(same), re.MULTILINE):
            at = sum(len(line.encode()) + 1 for line in sql.split("\n")[: int(found[1]) - 1])
    return Remark(at, what, "correct the syntax")


def _nodes(tree: Any) -> Iterator[tuple[dict[str, Any], int, dict[str, Any]]]:
    """Every node with its place (that of the node around it, where DuckDB gives none) and the node around it."""
    stack: list[tuple[Any, int, dict[str, Any]]] = [(tree, 0, {})]
    while stack:
        node, place, parent = stack.pop()
        if isinstance(node, dict):
            found = node.get("query_location", _UNKNOWN_PLACE)
            place = found if isinstance(found, int) and found < _UNKNOWN_PLACE else place
            yield node, place, parent
            if node.get("class") != "CONSTANT":
                here = node if "type" in node else parent
                stack.extend((child, place, here) for child in node.values())
        elif isinstance(node, list):
            stack.extend((child, place, parent) for child in node)


def _remarks(tree: dict[str, Any]) -> Iterator[Remark]:
    named = {entry["key"] for node, _, _ in _nodes(tree) for entry in node.get("cte_map", {}).get("map", ())}
    for name in sorted(named):
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or name in READABLE:
            yield Remark(0, f'WITH names a query "{name}"', "use small letters, and no name of a table")
    for node, place, parent in _nodes(tree):
        for what, fix in _wrong(node, parent, named):
            yield Remark(place, what, fix)


def _wrong(node: dict[str, Any], parent: dict[str, Any], named: set[str]) -> Iterator[tuple[str, str]]:
    kind = node.get("class")
    if node.get("sample"):
        yield "takes a sample", "look at every row"
    if kind is None:
        if isinstance(node.get("type"), str):
            yield from _part(node, named)
    elif kind not in _CLASSES:
        yield f"uses {str(kind).lower().replace('_', ' ')}", "see the list of what a rule may use in docs/rules.md"
    elif kind == "FUNCTION":
        yield from _function(node, parent)
    elif kind == "WINDOW":
        yield from _window(node)
    elif kind == "COLUMN_REF" and str(node["column_names"][-1]).lower() in _CLOCKS:
        yield f"asks for {node['column_names'][-1]}", "an answer must not depend on when and where it is asked"
    elif kind == "CONSTANT":
        yield from _number(node)


def _part(node: dict[str, Any], named: set[str]) -> Iterator[tuple[str, str]]:
    kind = str(node["type"])
    if kind not in _PARTS:
        yield f"uses {kind.lower().replace('_', ' ')}", "see the list of what a rule may use in docs/rules.md"
    elif kind == "BASE_TABLE":
        path = ".".join(filter(None, (node["catalog_name"], node["schema_name"], node["table_name"])))
        if path.lower() not in READABLE and path not in named:
            yield f'reads "{path}"', "a rule may read " + ", ".join(sorted(READABLE))
    elif kind == "TABLE_FUNCTION" and node["function"].get("function_name") not in _TABLE_FUNCTIONS:
        yield f"reads from {node['function'].get('function_name')}()", "a rule may read tables and unnest()"
    elif kind == "JOIN" and node["ref_type"] not in _JOINS:
        yield f"uses a {node['ref_type'].lower()} join", "join on columns"
    elif kind == "DISTINCT_MODIFIER" and node.get("distinct_on_targets"):
        yield "uses DISTINCT ON", "which row stays would be chance; use min() or max() with GROUP BY"


def _function(node: dict[str, Any], parent: dict[str, Any]) -> Iterator[tuple[str, str]]:
    name = node["function_name"]
    if node.get("schema") not in (None, "", "main", "system") or node.get("catalog") not in (None, "", "system"):
        yield f"calls {name}() of another schema", "call it by its name alone"
    if name in _IN_ORDER:
        # DuckDB 1.5 writes list(x ORDER BY x) as list_sort(list(x))
        if not node["order_bys"]["orders"] and parent.get("function_name") != "list_sort":
            yield f"calls {name}() without an order", f"write {name}(… ORDER BY …)"
    elif name not in _SCALARS | _TOTALS and not (name in _TABLE_FUNCTIONS and parent.get("type") == "TABLE_FUNCTION"):
        yield f"calls {name}(), which rules may not", "see the list of functions in docs/rules.md"


def _window(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    name = node["function_name"]
    if name not in _TOTALS | _IN_ORDER | _WINDOWS:
        yield f"calls {name}() OVER, which rules may not", "see the list of functions in docs/rules.md"
    elif name not in _TOTALS and not node["orders"]:
        yield f"calls {name}() OVER a window without an order", "add ORDER BY to the window"


def _number(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    text = _constant(node)
    if _NUMERIC.match(text) and text.strip() not in ("0", "1", "-1"):
        yield f"holds the value {text}", "a value that can be disputed belongs in a regime: join the law table"


def _constant(node: dict[str, Any]) -> str:
    """A constant as text. DuckDB 2 keeps what was written (`literal`), 1.5 the value; a big number is two halves."""
    if "literal" in node:
        return str(node["literal"]["text"])
    value = node["value"].get("value")
    return str(value["upper"]) if isinstance(value, dict) else str(value)
