"""``make mutate``: which changes are made, and which tests they survive."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.mutate import python_text, sql_text

PLACED = """-- One row per case.
-- Key: case_ref
select distinct
    case_ref,
    coalesce(nights, 0) as nights
from placements
left join cases on placements.case_ref = cases.case_ref
where entry_date between first_day and last_day and not is_own
qualify row_number() over (partition by case_ref order by entry_date desc, placement_no) = 1
"""


def changed_lines(text: str, file: str) -> set[tuple[str, str]]:
    """Kind of change, and the changed line as it then stands."""
    make = sql_text.mutants if file.endswith(".sql") else python_text.mutants
    found = set()
    for mutant in make(file, text):
        after = mutant.apply(text)
        found.add((mutant.what, after.splitlines()[mutant.line - 1].strip()))
    return found


def test_the_changes_of_a_relation() -> None:
    where, order = (
        "where entry_date between first_day and last_day",
        "qualify row_number() over (partition by case_ref order by",
    )
    assert changed_lines(PLACED, "placed.sql") == {
        ("distinct dropped", "select"),
        ("default dropped", "coalesce(nights) as nights"),
        ("constant", "coalesce(nights, 1) as nights"),
        ("join", "inner join cases on placements.case_ref = cases.case_ref"),
        ("comparison", "left join cases on placements.case_ref <> cases.case_ref"),
        ("operand dropped", "where  not is_own"),
        ("operand dropped", where),
        ("first bound left out", "where (entry_date > first_day and entry_date <= last_day) and not is_own"),
        ("last bound left out", "where (entry_date >= first_day and entry_date < last_day) and not is_own"),
        ("and/or", f"{where} or not is_own"),
        ("not dropped", f"{where} and  is_own"),
        ("condition dropped", "qualify true"),
        ("order turned", f"{order} entry_date asc, placement_no) = 1"),
        ("order turned", f"{order} entry_date desc, placement_no desc) = 1"),
        ("comparison", f"{order} entry_date desc, placement_no) <> 1"),
        ("constant", f"{order} entry_date desc, placement_no) = 2"),
    }


def test_an_and_between_conditions_is_not_that_of_a_between() -> None:
    texts = {
        mutant.apply("select 1 from t where a between 1 and 2 or b")
        for mutant in sql_text.mutants("t.sql", "select 1 from t where a between 1 and 2 or b")
    }
    assert "select 1 from t where a between 1 or 2 or b" not in texts
    assert "select 1 from t where a between 1 and 2 and b" in texts


def test_the_changes_of_a_rule_leave_its_words_and_examples_alone() -> None:
    text = '\n'.join(
        [
            '@rules.row("L-01f", "a b", "The end is before 3 days.", severity=ERROR, passes=[{"a": 1}])',
            "def ends_after_start(known):",
            '    """Day 1 is the start."""',
            '    return (col("b") >= col("a")) | col("b").is_null()',
        ]
    )  # fmt: skip
    first, last = '@rules.row("L-01f", "a b", "The end is before 3 days.", severity=', ', passes=[{"a": 1}])'
    assert changed_lines(text, "relief.py") == {
        ("severity", f"{first}WARNING{last}"),
        ("comparison", 'return (col("b") > col("a")) | col("b").is_null()'),
        ("arithmetic", 'return (col("b") >= col("a")) & col("b").is_null()'),
        ("operand dropped", 'return ((col("b").is_null())) | col("b").is_null()'),
        ("operand dropped", 'return (col("b") >= col("a")) | (col("b") >= col("a"))'),
        ("other method", 'return (col("b") >= col("a")) | col("b").is_not_null()'),
    }


def test_examples_of_rules_are_left_alone_wherever_they_are_written() -> None:
    lines = [
        'CASE: dict[str, Any] = {"assess1": "relief"}',
        "def _case(age: int) -> dict[str, Any]:",
        '    return {"age": age + 1}',
        "def _aged(rule_id: str, age: int) -> None:",
        "    LIMIT = age + 1",
        '_aged("L-23a", 19, WARNING)',
    ]
    text = "\n".join(lines)
    found = {("arithmetic", "LIMIT = age - 1"), ("constant", "LIMIT = age + 2")}
    found |= {("severity", '_aged("L-23a", 19, ERROR)')}
    assert changed_lines(text, "schemas/rules/support_needs.py") == found
    assert len(changed_lines(text, "pipelines/period.py")) > len(found)


@pytest.mark.parametrize(("asserted", "status"), [("bands(41, 42, 43) == [0, 0, 1]", 1), ("bands(1, 99) == [0, 1]", 0)])
def test_a_test_that_looks_at_the_boundary_kills_a_change_that_another_lets_live(
    tmp_path: Path, asserted: str, status: int
) -> None:
    copy = tmp_path / "project"
    copy.mkdir()
    relation = "select nights > 42 as is_over from stays"
    (mutant,) = (one for one in sql_text.mutants("over.sql", relation) if one.what == "comparison")
    (copy / "over.sql").write_text(mutant.apply(relation))
    (copy / "test_over.py").write_text(
        "import pathlib, duckdb\n"
        "def bands(*nights):\n"
        "    con = duckdb.connect()\n"
        "    con.execute('create table stays as select unnest(?) as nights', [list(nights)])\n"
        "    rows = con.execute(pathlib.Path('over.sql').read_text()).fetchall()\n"
        "    return [int(row[0]) for row in rows]\n"
        f"def test_over():\n    assert {asserted}\n"
    )
    script = (
        "import sys; from pathlib import Path; from tools.mutate.run import judged\n"
        "outcome = judged(Path(sys.argv[1]), ['test_over.py'], [], [], 60)\n"
        "print(outcome.status, outcome.said)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(copy)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == [str(status), "test_over.py::test_over" if status else "None"]
