"""Findings of one cause are one row of findings.csv, findings.xlsx and the screen; all others stand by case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from pipelines import findings as found
from pipelines.emit.findings.grouping import RUNS_SHOWN, group
from pipelines.run.check import SHOWN, SHOWN_OF_RULE, Checked


def cell(row: int, value: str | None = "Flatt", **given: Any) -> found.Finding:
    """A spelling that is not known, in one cell of ``lastaccom``."""
    plain: dict[str, Any] = {
        "rule_id": "X-35",
        "severity": found.ERROR,
        "message": f"main.csv, row {row}, column 'Last home': the spelling is not in the code list.",
        "action": "Correct it.",
        "section": "main",
        "case_ref": f"case {row}",
        "record_key": f"main.csv row {row}",
        "fields": "lastaccom",
        "value": value,
        "file": "main.csv",
        "row": row,
        "in_return": found.YES,
    }
    return found.Finding(**{**plain, **given})


def rule(row: int, **given: Any) -> found.Finding:
    """What a rule says of the same column."""
    plain = {"rule_id": "H-08", "message": "It is not recorded.", "value": "(blank)", "fields": "assess1, lastaccom"}
    return cell(row, **{**plain, "record_key": None, **given})


def grouped(*findings: found.Finding, **given: Any) -> list[dict[str, Any]]:
    return group(found.frame(findings), **given).to_dicts()


def test_a_spelling_in_many_rows_is_one_row_with_count_and_rows() -> None:
    (one,) = grouped(*(cell(row) for row in (4, 2, 3, 9)))
    expected = {"count": 4, "rows": "2-4, 9", "row": 2, "value": "Flatt", "case_ref": None, "in_return": found.YES}
    assert one.items() >= expected.items()
    assert one["message"].startswith("main.csv, column 'Last home': the spelling is not in the code list.")


def test_each_value_of_a_column_is_a_row_and_masked_values_are_one() -> None:
    values = [one["value"] for one in grouped(cell(2), cell(3), cell(4, "Hostle"), cell(5, "Hostle"))]
    assert values == ["Flatt", "Hostle"]
    (masked,) = grouped(*(cell(row, found.MASK) for row in (2, 3, 4)))
    assert masked.items() >= {"value": found.MASK, "count": 3}.items()


@pytest.mark.parametrize(
    ("values", "rows"), [(found.DISTINCT_SHOWN, found.DISTINCT_SHOWN), (found.DISTINCT_SHOWN + 1, 1)]
)
def test_a_column_with_very_many_values_is_one_row(values: int, rows: int) -> None:
    shown = grouped(*(cell(row, f"value {row:02}") for row in range(values)))
    assert len(shown) == rows
    assert sum(one["count"] for one in shown) == values
    if rows == 1:
        assert shown[0]["value"] == "value 00; value 01; value 02; value 03; value 04; …"


def test_a_group_is_wholly_in_the_return_or_not_and_wholly_waived_or_not() -> None:
    shown = grouped(
        cell(2),
        cell(3, in_return=found.NO),
        cell(4, in_return=found.NO),
        cell(5, severity=found.WARNING, action="Waived by the head of housing until 30 June 2026: known."),
        cell(6),
    )
    told = [(one["severity"], one["in_return"], one["rows"] or one["row"]) for one in shown]
    assert sorted(told, key=str) == [("error", "no", "3-4"), ("error", "yes", "2, 6"), ("warning", "yes", 5)]


def test_a_single_finding_stands_as_it_was_made() -> None:
    assert group(found.frame([cell(2), rule(7)])).equals(found.combine([found.frame([cell(2), rule(7)])]))


def test_what_a_rule_says_of_cells_that_were_not_understood_follows_from_them() -> None:
    shown = grouped(cell(2), cell(3), rule(2), rule(3), rule(4))
    follows, alone = [one for one in shown if one["rule_id"] == "H-08"]
    if follows["count"] == 1:
        follows, alone = alone, follows
    assert follows["count"] == 2 and "follows from X-35" in follows["message"]
    assert alone["case_ref"] == "case 4"


def test_what_a_rule_says_of_a_column_that_is_not_there_follows_from_that() -> None:
    missing = replace(cell(0, None, rule_id="X-09", scope=found.RETURN, case_ref=None, in_return=None), row=None)
    shown = [one for one in grouped(missing, *(rule(row) for row in range(2, 50))) if one["rule_id"] == "H-08"]
    assert [(one["count"], one["rows"]) for one in shown] == [(48, "2-49")]


def test_what_a_rule_says_of_cases_stands_by_case() -> None:
    assert len(grouped(*(rule(row) for row in range(40)))) == 40


def test_very_many_rows_are_counted_and_not_listed() -> None:
    (one,) = grouped(*(cell(row) for row in range(2, 202, 2)))
    listed = ", ".join(str(row) for row in range(2, 2 + 2 * RUNS_SHOWN, 2))
    assert one["rows"] == f"{listed} and {100 - RUNS_SHOWN} more"


def test_rows_that_were_set_aside_for_one_reason_are_one_row() -> None:
    doubles = [
        cell(row, None, rule_id="X-25", fields="case_ref", message=f"main.csv, row {row}: as in row {row - 1}.")
        for row in range(30)
    ]
    (one,) = grouped(*doubles)
    assert one["count"] == 30


def test_groups_of_the_reading_are_taken_together_with_all_their_rows() -> None:
    said = "main.csv, row {}: as in an earlier row. So in 4 rows: {}-{}."
    doubles = [
        cell(row, None, rule_id="X-25", fields="case_ref", message=said.format(row, row, row + 3), count=4, rows="r")
        for row in range(10, 50, 10)
    ]
    (one,) = grouped(*doubles)
    assert one["count"] == 16 and one["rows"] == "10, 20, 30, 40 and 12 more"
    assert one["message"].startswith("main.csv: as in an earlier row. This concerns 16 records")


def test_groups_do_not_depend_on_the_order_of_the_findings() -> None:
    rows = found.frame([cell(row, f"value {row % 30}", officer=f"officer {row % 2}") for row in range(90)])
    assert group(rows).equals(group(rows.reverse()))


def test_nothing_is_lost() -> None:
    findings = [
        *(cell(row, f"v{row % 3}") for row in range(60)),
        *(rule(row) for row in range(90)),
        replace(rule(1), row=None),
    ]
    assert sum(one["count"] for one in grouped(*findings)) == len(findings)


def checked(*findings: found.Finding) -> Checked:
    rules = pl.DataFrame(schema={"rule_id": pl.String(), "status": pl.String()})
    return Checked(found.frame(findings), rules, ())


def test_the_screen_is_bounded_by_rule_and_altogether_and_says_what_it_leaves_out() -> None:
    many = [rule(row, rule_id=f"H-{number}", message=f"{number} {row}") for number in range(99) for row in range(9)]
    shown = checked(*many).table().splitlines()
    assert len(shown) < 20 + 5 * SHOWN
    assert (
        shown[-1]
        == f"… and {99 * 9 - SHOWN:,} more, of {99 - SHOWN // SHOWN_OF_RULE} other rules: --format csv has them all."
    )
    assert checked(*many).shown.height == 99 * 9


def test_the_screen_shortens_a_very_long_message_and_shows_no_value() -> None:
    told = checked(cell(2, "secret", message="main.csv, row 2, column '" + "x " * 9000 + "'.")).table()
    assert len(told) < 2000 and "secret" not in told


def test_values_are_not_told_apart_where_they_are_not_shown() -> None:
    shown = checked(*(cell(row, f"value {row % 5}") for row in range(2, 12))).shown
    assert shown.select("count", "rows").rows() == [(10, "2-11")]
    assert "value" not in shown.columns
