"""Mutants of a Python module: one operator, constant or operand changed by its position."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.mutate.mutant import Mutant, make

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.FloorDiv: ("//", "*"),
}
METHODS = {
    "is_null": "is_not_null",
    "is_not_null": "is_null",
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "first": "last",
    "last": "first",
    "all_horizontal": "any_horizontal",
    "any_horizontal": "all_horizontal",
    "max_horizontal": "min_horizontal",
    "min_horizontal": "max_horizontal",
}
WORDS = {"left": "inner", "inner": "left", "semi": "anti", "anti": "semi", "both": "none"}
NAMES = {"ERROR": "WARNING", "WARNING": "ERROR"}
# What a rule is; its examples and its sentences are not code.
OF_A_RULE = {"valid_from", "valid_to", "valid_by", "severity", "rows", "scope"}
BOOKS = {"row", "household", "sql", "not_decidable", "rule"}
# Examples are built by functions and from constants of rows too, and handed to the functions that write like rules.
RULES = "schemas/rules/"
ROWS = re.compile(r"(dict|list)\[|Example")
COLUMNS = {"col", "pl.col"}
LONG = 40
"""A longer text is a sentence."""


class _Finder(ast.NodeVisitor):
    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.splitlines()
        self.found: list[Mutant] = []
        self.parts_of_texts = 0
        self.is_of_rules = file.startswith(RULES) and not file.startswith(RULES + "_")

    def place(self, line: int, column: int) -> int:
        """Offset in characters: ``ast`` counts a line's bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def start(self, node: ast.expr) -> int:
        return self.place(node.lineno, node.col_offset)

    def end(self, node: ast.expr) -> int:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.place(node.end_lineno, node.end_col_offset)

    def put(self, start: int, end: int, new: str, what: str) -> None:
        self.found.append(make(self.file, self.text, start, end, new, what))

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str, what: str) -> None:
        """The operator that stands between two operands."""
        low, high = self.end(left), self.start(right)
        place = self.text.find(old, low, high)
        if place >= 0:
            self.put(place, place + len(old), new, what)

    def operands(self, parts: list[ast.expr]) -> None:
        """Each operand put out of force: another one stands in its place."""
        for part in parts:
            start, end = self.start(part), self.end(part)
            other = next(one for one in parts if one is not part)
            self.put(start, end, f"({self.text[self.start(other) : self.end(other)]})", "operand dropped")

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if type(operator) in COMPARISONS:
                self.between(left, right, *COMPARISONS[type(operator)], "comparison")
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, old, new, "and/or")
        self.operands(node.values)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        is_type = isinstance(node.op, ast.BitOr) and isinstance(node.right, ast.Constant) and node.right.value is None
        if type(node.op) in ARITHMETIC and not is_type:
            self.between(node.left, node.right, *ARITHMETIC[type(node.op)], "arithmetic")
            if isinstance(node.op, ast.BitAnd | ast.BitOr):
                self.operands([node.left, node.right])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.Invert):
            self.put(self.start(node), self.start(node.operand), "", "not dropped")
        self.generic_visit(node)

    def condition(self, test: ast.expr) -> None:
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self.put(
                self.start(test), self.end(test), f"not ({self.text[self.start(test) : self.end(test)]})", "negated"
            )

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.put(self.start(test), self.end(test), "True", "condition dropped")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute):
            after = self.end(function.value)
            if function.attr in METHODS:
                place = self.text.index(function.attr, after)
                self.put(place, place + len(function.attr), METHODS[function.attr], "other method")
            if function.attr in {"filter", "fill_null", "unique"}:
                self.put(after, self.end(node), "", f"{function.attr} dropped")
        if ast.unparse(function) in COLUMNS:
            # A column that does not exist is no change of meaning: every call fails.
            return
        is_rule = isinstance(function, ast.Attribute) and function.attr in BOOKS and "rules" in ast.unparse(function)
        if not is_rule:
            self.generic_visit(node)
            return
        for keyword in node.keywords:
            if keyword.arg in OF_A_RULE:
                self.visit(keyword.value)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in NAMES and isinstance(node.ctx, ast.Load):
            self.put(self.start(node), self.end(node), NAMES[node.id], "severity")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A text with values: only the values."""
        self.parts_of_texts += 1
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.visit(value.value)
        self.parts_of_texts -= 1

    def visit_Constant(self, node: ast.Constant) -> None:
        value, new = node.value, None
        if isinstance(value, bool):
            new = str(not value)
        elif isinstance(value, int | float):
            new = str(value + 1)
        elif isinstance(value, str) and not self.parts_of_texts:
            if value in WORDS:
                new = f'"{WORDS[value]}"'
            elif value and len(value) <= LONG and " " not in value and self.text[self.start(node)] == '"':
                new = f'"{value}_"'
        if new is not None:
            self.put(self.start(node), self.end(node), new, "constant")

    def visit_Raise(self, node: ast.Raise) -> None:
        """What an exception says is words."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Names of a Literal are types."""
        if ast.unparse(node.value) != "Literal":
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and not (self.is_of_rules and isinstance(node.value, ast.Dict)):
            self.visit(node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Its body: whether a dataclass is frozen is the type checker's business."""
        for statement in node.body:
            self.visit(statement)

    def visit_Expr(self, node: ast.Expr) -> None:
        is_like_rules = self.is_of_rules and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
        if is_like_rules:
            for part in ast.walk(node.value):
                if isinstance(part, ast.Name):
                    self.visit_Name(part)
        elif not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if self.is_of_rules and node.returns is not None and ROWS.match(ast.unparse(node.returns)):
            return
        for decorator in node.decorator_list:
            self.visit(decorator)
        for default in (*node.args.defaults, *(value for value in node.args.kw_defaults if value is not None)):
            self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if "__all__" not in names and not (self.is_of_rules and isinstance(node.value, ast.Dict)):
            self.visit(node.value)


def mutants(file: str, text: str) -> Iterator[Mutant]:
    """All mutants of one module, in the order of their place; those that are no Python are left out."""
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    seen = {text}
    for mutant in sorted(finder.found, key=lambda one: (one.start, one.end, one.new)):
        changed = mutant.apply(text)
        if changed in seen:
            continue
        seen.add(changed)
        try:
            ast.parse(changed)
        except SyntaxError:
            continue
        yield mutant
