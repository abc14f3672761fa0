"""Nothing outside the disclosure package decides what is hidden."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import pipelines
import sql
from pipelines.published.cells import SUPPRESSED

ROOT = Path(pipelines.__file__).parent
EXIT = ROOT / "disclosure"
WORD = ROOT / "published" / "cells.py"
"""Where the word beside an empty value stands, with MHCLG's other words."""

_THRESHOLD = re.compile(r"(suppress|small|hid(e|den)|disclos|few|below|threshold)", re.IGNORECASE)
_NOT_OF_DISCLOSURE = {
    # Dependent children are below 16, or to 18 in education: an age.
    ("pipelines/extract/assemble.py", "DEPENDENT_BELOW"),
    # Up to so many households the synthesiser deals one by one: a size of invented data.
    ("pipelines/synthesise/survivors.py", "_SMALL"),
    # On so many authorities a sum is tested before it says how a column was read.
    ("pipelines/published/doubts.py", "FEWEST"),
    ("pipelines/published/by_sums.py", "FEWEST"),
    ("pipelines/published/by_sums.py", "fewest"),
    # Nights of an invented placement.
    ("pipelines/synthesise/placements.py", "_FEW_NIGHTS"),
}


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module outside the package, by its path."""
    return tuple(
        (str(path.relative_to(ROOT.parent)), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(ROOT.rglob("*.py"))
        if EXIT not in path.parents
    )


def numbers_named(tree: ast.Module) -> Iterator[str]:
    """Names that a number other than 0 is given to: assignments and defaults of parameters."""
    for node in ast.walk(tree):
        given: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            given = [(target.id, node.value) for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            given = [(node.target.id, node.value)]
        elif isinstance(node, ast.FunctionDef):
            plain = node.args.posonlyargs + node.args.args
            late = plain[len(plain) - len(node.args.defaults) :]
            given = [(arg.arg, value) for arg, value in zip(late, node.args.defaults, strict=True)]
            given += [(a.arg, v) for a, v in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
        for name, value in given:
            if isinstance(value, ast.Constant) and type(value.value) is int and value.value:
                yield name


def test_thresholds_stand_in_the_disclosure_package_only() -> None:
    elsewhere = {(path, name) for path, tree in modules() for name in numbers_named(tree) if _THRESHOLD.search(name)}
    assert elsewhere == _NOT_OF_DISCLOSURE


def test_the_word_is_written_once() -> None:
    elsewhere = [
        path
        for path, tree in modules()
        if ROOT.parent / path != WORD
        and any(isinstance(node, ast.Constant) and node.value == SUPPRESSED for node in ast.walk(tree))
    ]
    inside = [path.name for path in sorted(EXIT.glob("*.py")) if f'"{SUPPRESSED}"' in path.read_text(encoding="utf-8")]
    queries = [path.name for path in Path(sql.__file__).parent.rglob("*.sql") if f"'{SUPPRESSED}'" in path.read_text()]
    assert (elsewhere, inside, queries) == ([], [], [])


INSIDE = ("audit", "rounding", "system", "relations")


def test_only_the_exit_calls_the_arithmetic_behind_it() -> None:
    callers = [
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in {f"pipelines.disclosure.{name}" for name in INSIDE}
    ]
    assert callers == []


@pytest.mark.parametrize(
    ("leaves", "through"),
    [
        ("emit/tables/files.py", "pipelines.disclosure.official"),
        ("emit/pages/write.py", "pipelines.metrics.editions"),
        ("metrics/emit.py", "pipelines.disclosure"),
        ("metrics/foi.py", "pipelines.metrics.editions"),
        ("fleet/england/rows.py", "pipelines.disclosure.official"),
    ],
)
def test_each_writer_of_what_leaves_goes_through_the_exit(leaves: str, through: str) -> None:
    tree = ast.parse((ROOT / leaves).read_text(encoding="utf-8"))
    assert through in {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
