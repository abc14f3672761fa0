"""Files that are not what their names say are refused in one sentence that names them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.extract import Extracted

Read = Callable[..., Extracted]


def refused(read: Read, export: Path, profile: str = "native") -> str:
    with pytest.raises(InputError) as error:
        read(export, profile)
    assert "\n" not in str(error.value)
    return str(error.value)


def swap(export: Path, one: str, other: str) -> None:
    (export / f"{one}.csv").rename(export / "between")
    (export / f"{other}.csv").rename(export / f"{one}.csv")
    (export / "between").rename(export / f"{other}.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [("prevention", "relief"), ("assistance", "support_needs"), ("main", "people"), ("final_duties", "reviews")],
)
def test_two_swapped_files_are_named_with_what_they_hold(export: Path, read: Read, one: str, other: str) -> None:
    swap(export, one, other)
    said = refused(read, export)
    assert said.startswith("These look swapped: ")
    assert f"{one}.csv has the columns of {other}" in said
    assert f"{other}.csv has the columns of {one}" in said


def test_a_copy_under_another_name_is_named(export: Path, read: Read) -> None:
    shutil.copy(export / "relief.csv", export / "prevention.csv")
    assert refused(read, export) == (
        "A file looks like another: prevention.csv has the columns of relief. Export again, each report under"
        " its own name."
    )


def test_three_files_in_a_circle_are_named(export: Path, read: Read) -> None:
    swap(export, "prevention", "relief")
    swap(export, "prevention", "reviews")
    said = refused(read, export)
    assert "prevention.csv has the columns of reviews, relief.csv has the columns of prevention and reviews.csv" in said


def test_swapped_files_with_nearly_the_same_columns_are_told_by_the_one_that_differs(
    tmp_path: Path, read: Read
) -> None:
    more = """
[[table]]
file = "d1"
[table.prevention]
case_ref = "Case"
prevention_start = "Start"
[[table]]
file = "d2"
[table.relief]
case_ref = "Case"
relief_start = "Start"
referred_la = "Referred"
"""
    export, profile = wildcard(tmp_path, cases="Case,Applied\n1,2025-07-01", stays="Case,In,Out")
    Path(profile).write_text(WILDCARD + more, encoding="utf-8")
    (export / "d1.csv").write_text("Case,Start,Referred\n1,2025-07-01,\n", encoding="utf-8")
    (export / "d2.csv").write_text("Case,Start\n1,2025-07-01\n", encoding="utf-8")
    assert refused(read, export, profile).startswith(
        "These look swapped: d1.csv has the columns of d2 and d2.csv has the columns of d1."
    )


def test_a_file_with_columns_missing_or_added_is_not_taken_for_another(export: Path, read: Read) -> None:
    path = export / "relief.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("relief_end,", "prevention_end,", 1), encoding="utf-8")
    assert "X-09" in read(export).findings.get_column("rule_id").to_list()


def test_two_exports_in_two_folders_are_refused_by_name(export: Path, read: Read) -> None:
    both = export.parent / "both"
    shutil.copytree(export, both / "2025-09")
    shutil.copytree(export, both / "2025-12")
    assert refused(read, both) == (
        "Several exports lie side by side: 2025-09 and 2025-12 hold 9 files of the same names, such as 2025-09/main.csv"
        " and 2025-12/main.csv. Give one of them."
    )


def test_one_file_twice_is_refused_by_both_names(export: Path, read: Read) -> None:
    (export / "old").mkdir()
    shutil.copy(export / "main.csv", export / "old" / "Main.CSV")
    assert refused(read, export) == (
        "The export holds main more than once: main.csv and old/Main.CSV. Keep one of them, or write a wildcard in the"
        " source profile if they are parts."
    )


def test_two_exports_with_dates_in_the_names_are_refused_by_name(export: Path, read: Read) -> None:
    for path in sorted(export.iterdir()):
        shutil.copy(path, export / f"{path.stem}_2025-12.csv")
        path.rename(export / f"{path.stem}_2025-09.csv")
    said = refused(read, export)
    assert said.startswith("No file of the export has a name that the source profile expects: it expects main, people,")
    assert "assistance_2025-09.csv, assistance_2025-12.csv" in said


def test_beside_a_file_of_the_right_name_another_is_named_as_not_read(export: Path, read: Read) -> None:
    shutil.copy(export / "main.csv", export / "main_old.csv")
    found = read(export)
    assert [one.name for one in found.not_read] == ["main_old.csv"]
    assert found.findings.get_column("rule_id").to_list() == ["X-02"]


WILDCARD = """
[[table]]
file = "cases*"
[table.main]
case_ref = "Case"
application_date = "Applied"
[table.people]
case_ref = "Case"
person_no = { constant = "1" }
relationship = { constant = "main_applicant" }
dependent = { constant = "no" }
[[table]]
file = "stays*"
[table.temporary_accommodation]
case_ref = "Case"
entry_date = "In"
exit_date = "Out"
"""


def wildcard(tmp_path: Path, **files: str) -> tuple[Path, str]:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(WILDCARD, encoding="utf-8")
    return folder, str(tmp_path / "mine.toml")


def test_files_of_one_wildcard_with_the_same_cases_are_two_exports(tmp_path: Path, read: Read) -> None:
    export, profile = wildcard(
        tmp_path,
        cases_sep="Case,Applied\n1,2025-07-01\n2,2025-07-02\n3,2025-07-02",
        cases_dec="Case,Applied\n2,2025-07-02\n3,2025-07-02\n4,2025-11-02\n5,2025-11-02\n6,2025-11-02",
        stays="Case,In,Out",
    )
    assert refused(read, export, profile) == (
        "Two exports lie side by side: 2 of the 3 rows of main in cases_sep.csv are in cases_dec.csv too. Keep the"
        " files of one export."
    )


def test_stays_without_a_number_are_the_same_where_they_begin_on_the_same_day(tmp_path: Path, read: Read) -> None:
    export, profile = wildcard(
        tmp_path,
        cases="Case,Applied\n1,2025-07-01",
        stays_a="Case,In,Out\n1,2025-07-01,\n1,2025-08-01,\n1,2025-08-02,",
        stays_b="Case,In,Out\n1,2025-07-01,2025-08-01\n1,2025-08-01,2025-08-02\n1,2025-09-01,",
    )
    assert "2 of the 3 rows of temporary accommodation in stays_a.csv are in stays_b.csv too" in refused(
        read, export, profile
    )


def test_half_of_the_rows_in_another_file_is_not_yet_another_export(tmp_path: Path, read: Read) -> None:
    export, profile = wildcard(
        tmp_path,
        cases="Case,Applied\n1,2025-07-01",
        stays_a="Case,In,Out\n1,2025-07-01,\n1,2025-08-01,",
        stays_b="Case,In,Out\n1,2025-07-01,2025-08-01\n1,2025-09-01,",
    )
    assert read(export, profile).sections["temporary_accommodation"].height == 4


def test_monthly_files_of_one_wildcard_are_read(tmp_path: Path, read: Read) -> None:
    export, profile = wildcard(
        tmp_path,
        cases_sep="Case,Applied\n1,2025-07-01\n2,2025-07-02\n3,2025-07-02",
        cases_oct="Case,Applied",
        cases_dec="Case,Applied\n3,2025-07-02\n4,2025-11-02\n5,2025-11-02",
        stays_a="Case,In,Out\n1,2025-07-01,",
        stays_b="Case,In,Out\n1,2025-08-01,",
    )
    found = read(export, profile)
    assert found.findings.get_column("rule_id").to_list() == ["X-25"]
    assert found.sections["temporary_accommodation"].height == 2


def test_a_file_that_two_tables_read_is_refused(tmp_path: Path, read: Read) -> None:
    export, profile = wildcard(tmp_path, cases="Case,Applied\n1,2025-07-01", stays_old="Case,In,Out\n1,2025-07-01,")
    more = '[[table]]\nfile = "stays_old"\n[table.reviews]\ncase_ref = "Case"\nreview_requested_date = "In"\n'
    Path(profile).write_text(WILDCARD + more, encoding="utf-8")
    assert refused(read, export, profile) == (
        "Two tables of the source profile read stays_old.csv: stays* and stays_old. Let one of them read it, with the"
        " sections of both."
    )
