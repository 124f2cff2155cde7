"""Every message that the program can make, read off its code: literals and f-strings where messages are made."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "collectaudit"
HOLE = "§"  # stands for whatever an f-string puts in

# Who takes a message, and as which argument. Subclasses of CollectAuditError take two: what and fix.
TAKERS = {
    "Reject": (1,), "Unreadable": (0,), "Unrecognised": (0,), "ChildDied": (0,), "ElementError": (0,), "RowError": (0,),
    "_CardError": (0,), "NotAFile": (0,), "Broken": (1,), "Check": (0, 2), "Row": (4,), "_note": (1,),
    "WrongUse": (0, 1), "InputProblem": (0, 1), "IntegrityError": (0, 1), "MissingPart": (0, 1), "DiskProblem": (0, 1),
    "Refused": (0, 1), "Held": (0, 1), "Cut": (0, 1), "Shut": (), "CollectAuditError": (0, 1), "__init__": (0, 1),
    "Problem": (2, 3), "problem": (1, 2), "Field": (1,), "Remark": (1, 2), "CannotTypeset": (0, 1),
}  # fmt: skip
NAMES = {"reason", "fault", "problem", "what", "fix", "stopped", "wrong"}  # of variables and attributes
LISTS = {"notes", "missing", "warnings"}
# Functions whose texts are messages: returned, or yielded.
MAKERS = {
    "times": {"_unreadable", "_plausible", "_day", "civil"}, "isolate": {"_cause"},
    "_xml": {"_excess"}, "_sqlite": {"_fault", "_next"},
    "_rows": {"_ragged", "notes"}, "_switch": {"notes"}, "_grid": {"_decode"}, "files": {"_kind"},
    "contentquery": {"_cells"}, "imazing": {"_fault"}, "googlevoice": {"_fault"},
    "log": {"head_fault", "_entry"}, "case": {"state"}, "problems": {"suggestion"},
    "_mapcheck": {"check_map", "_shape", "_tables", "_sense", "_fields", "_meanings", "_events"},
    "tomlcheck": {"words", "in_both_languages", "check", "flag", "day", "clock"},
    "lawcheck": {"_list", "_confidence", "_names"},
    "lawtables": {"_hours", "_limit", "_third_party", "_visit", "_steps"},
    "rules": {"_needs", "_table", "_unknown_need", "_bind_error"},
    "work": {"_remarks"}, "crew": {"_cause"}, "lexicon": {"_texts", "_several"}, "frames": {"parse"},
    "sqlcheck": {"column_problems", "_wrong", "_part", "_function", "_window", "_number"},
}  # fmt: skip


class Module:
    """One file of the program."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.constants = _assigned(self.tree.body)

    def messages(self) -> Iterator[str]:
        """Every message made here, with HOLE for each hole."""
        yield from self._within(self.tree, {})
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                yield from self._function(node)

    def _function(self, function: ast.FunctionDef) -> Iterator[str]:
        local = _assigned(list(ast.walk(function)))
        yield from self._within(function, local)
        if function.name in MAKERS.get(self.path.stem, ()):
            for node in ast.walk(function):
                if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                    yield from self._made(node.value, local)

    def _made(self, value: ast.expr, local: dict[str, list[ast.expr]]) -> Iterator[str]:
        """Of a pair (what, fix) both; of a list each."""
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        for part in parts:
            yield from self.texts(part, local)

    def _within(self, root: ast.AST, local: dict[str, list[ast.expr]]) -> Iterator[str]:
        for node in ast.walk(root):
            for value in _sinks(node):
                yield from self._made(value, local)

    def texts(self, node: ast.expr, local: dict[str, list[ast.expr]]) -> set[str]:
        """The texts that an expression can be; HOLE where that cannot be told."""
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.Constant():
                return set()
            case ast.JoinedStr(values=values):
                return {"".join(parts) for parts in product(*(self._part(value, local) for value in values))}
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return {a + b for a, b in product(self.texts(left, local) or {""}, self.texts(right, local) or {""})}
            case ast.IfExp(body=body, orelse=orelse):
                return self.texts(body, local) | self.texts(orelse, local)
            case ast.BoolOp(op=ast.Or(), values=values):
                return {text for value in values for text in self.texts(value, local)}
            case ast.Name(id=name):
                return self._named(name, local)
            case ast.Subscript(value=ast.Name(id=name)):
                return self._values(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, default]):
                return self._values(name) | self.texts(default, local)
        return {HOLE}

    def _part(self, value: ast.expr, local: dict[str, list[ast.expr]]) -> set[str]:
        match value:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.FormattedValue(value=ast.Name(id=name)) if name in self.constants | local:
                return self._named(name, local) or {HOLE}
        return {HOLE}

    def _named(self, name: str, local: dict[str, list[ast.expr]]) -> set[str]:
        values = local.get(name) or self.constants.get(name) or []
        without = {key: value for key, value in local.items() if key != name}
        return {text for value in values for text in self.texts(value, without)} or {HOLE}

    def _values(self, name: str) -> set[str]:
        """The values of a dictionary among the constants of the module."""
        found = {HOLE}
        for value in self.constants.get(name, []):
            if isinstance(value, ast.Dict):
                found = {text for item in value.values for text in self.texts(item, {})}
        return found


def _assigned(nodes: list[ast.stmt] | list[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        for target, value in _targets(node):
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(value)
    return found


def _targets(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value) of an assignment; of `a, b = 1, 2` each."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=True)
            else:
                yield target, node.value
    elif isinstance(node, ast.NamedExpr):
        yield node.target, node.value


def _sinks(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions below a node that are messages."""
    for target, value in _targets(node):
        if getattr(target, "attr", getattr(target, "id", "")) in NAMES:
            yield value
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="append"), args=[message]):
            if getattr(value, "attr", getattr(value, "id", "")) in LISTS:
                yield message
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in TAKERS:
            yield from (args[n] for n in TAKERS[name] if n < len(args) and not isinstance(args[n], ast.Starred))
            yield from (keyword.value for keyword in node.keywords if keyword.arg in ("fix", "detail"))
        case ast.Tuple(elts=[ast.Constant(value="died"), message]):
            yield message
        case ast.Dict(keys=keys, values=values):
            yield from (v for k, v in zip(keys, values, strict=True) if getattr(k, "value", "") == "reason")
