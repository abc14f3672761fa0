"""What several codes have in common is a column of their list: no SQL and no rule names them one by one."""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

import sql
from schemas.codelists import codelist, codelist_names

CODES = {name: set(codelist(name).codes) for name in codelist_names()}


def is_code_set(texts: list[str]) -> bool:
    """Several codes of one list; an open answer beside one code ('not known' passes too) is no set."""
    known = set(texts) - {"nk", "other"}
    return len(known) > 1 and any(known <= codes for codes in CODES.values())


def sets_in_sql(text: str) -> list[list[str]]:
    """Lists of texts after ``in`` and in brackets, and the texts of a chain of equalities on one column."""
    code = re.sub(r"--.*", "", text)
    found = [
        re.findall(r"'([^']*)'", listed)
        for listed in re.findall(r"(?:\bin\s*\(|\[)((?:\s*'[^']*'\s*,?)+)\s*[)\]]", code)
    ]
    for chain in re.findall(r"(?:\b[\w.]+ = '[^']*'\s+or\s+)+[\w.]+ = '[^']*'", code):
        pairs = re.findall(r"([\w.]+) = '([^']*)'", chain)
        if len({column for column, _ in pairs}) == 1:
            found.append([value for _, value in pairs])
    return found


@pytest.mark.parametrize("folder", sql.FOLDERS)
def test_no_sql_lists_codes(folder: str) -> None:
    listed = [
        (name, texts)
        for name in sql.names(folder)
        for texts in sets_in_sql(sql.text(f"{folder}/{name}.sql"))
        if is_code_set(texts)
    ]
    assert listed == []


def test_no_rule_lists_codes() -> None:
    """Within functions and constants; examples stand in decorators."""
    listed = []
    for path in sorted(Path(str(files("schemas.rules"))).glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bodies: list[ast.AST] = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                bodies += node.body
        for body in bodies:
            for node in ast.walk(body):
                if isinstance(node, ast.List | ast.Tuple | ast.Set):
                    texts = [part.value for part in node.elts if isinstance(part, ast.Constant)]
                    if all(isinstance(text, str) for text in texts) and is_code_set([str(text) for text in texts]):
                        listed.append((path.name, texts))
    assert listed == []
