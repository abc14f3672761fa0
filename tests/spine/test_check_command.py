"""What ``hclic check`` says of cases that have only a local reference, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.run.check import check_export

NATIVE = Path(__file__).resolve().parents[2] / "data" / "sample" / "native"
QUARTER = Quarter(2025, 3)
LOCAL, REFERENCE = "HB/1", "E06000034_000000000039"


def export(tmp_path: Path, reference: str) -> Path:
    """The sample with one case under another reference and without its reason for loss (H-07) or with a wrong one."""
    for path in NATIVE.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace(REFERENCE, reference)
        if path.name == "main.csv":
            head, *rows = text.splitlines()
            where = head.split(",").index("reasonloss")
            cells = [row.split(",") for row in rows]
            for row in cells:
                if row[1] == reference:
                    row[where] = "no such reason"
            text = "\n".join([head, *(",".join(row) for row in cells)]) + "\n"
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_check_names_a_case_by_its_local_reference_and_issues_none(tmp_path: Path) -> None:
    checked = check_export(export(tmp_path, LOCAL), authority="E06000034", quarter=QUARTER, source="native")
    errors = checked.findings.filter(checked.findings["severity"] == "error")
    assert dict(errors.select("rule_id", "case_ref").iter_rows()) == {"H-07": LOCAL, "X-35": LOCAL}
    assert "900000000001" not in checked.table()


def test_a_waiver_may_name_a_case_by_its_local_reference(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    waivers = tmp_path / "waivers.csv"
    waivers.write_text(
        "rule_id,case_ref,record_key,owner,reason,expires\n"
        "H-07,39,,Head of housing,file lost,2026-06-30\nX-35,39,,Head of housing,file lost,2026-06-30\n"
    )
    checked = check_export(
        export(tmp_path / "export", "39"), authority="E06000034", quarter=QUARTER, source="native", waivers=waivers
    )
    assert not checked.blocked
    assert "W-unused" not in checked.findings["rule_id"]


def test_what_is_wrong_with_the_export_is_shown_before_what_follows_from_it(tmp_path: Path) -> None:
    shown = check_export(export(tmp_path, REFERENCE), authority="E06000034", quarter=QUARTER, source="native").table()
    assert shown.index("X-35") < shown.index("H-07")


def test_a_quarter_before_the_duties_is_refused() -> None:
    with pytest.raises(UsageError, match="2018-Q2"):
        check_export(NATIVE, authority="E06000034", quarter=Quarter(2018, 1), source="native")
