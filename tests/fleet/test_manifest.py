"""The manifest of a fleet: what it asks for, and every error of it at once, before anything runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UsageError
from pipelines.fleet.manifest import Row, plan

STARTED = datetime(2025, 10, 8, tzinfo=UTC)
GIVEN = {"quarter": "2025-Q3", "source": "native"}
THURROCK, HARTLEPOOL = "E06000034", "E06000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two exports, the second the larger one."""
    for code, size in ((THURROCK, 10), (HARTLEPOOL, 1000)):
        export = tmp_path / "exports" / code / "2025-Q3"
        export.mkdir(parents=True)
        (export / "main.csv").write_text("x" * size)
    return tmp_path


def planned(folder: Path, text: str, given: dict[str, Any] | None = None, **more: Any) -> tuple[Row, ...]:
    manifest = folder / "manifest.csv"
    manifest.write_text(text, encoding="utf-8")
    options: dict[str, Any] = {"out": folder / "out", "warehouse": None, "started": STARTED, "folder": folder}
    return plan(str(manifest), GIVEN if given is None else given, **{**options, **more})


def refused(folder: Path, text: str, given: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(UsageError) as error:
        planned(folder, text, given)
    return str(error.value).splitlines()


def test_each_row_is_a_run_with_the_options_of_the_command_and_its_own(folder: Path) -> None:
    (folder / "waivers.csv").write_text("")
    text = (
        "Authority,export,waivers,personal,as-at\r\n"
        f"{THURROCK.lower()},exports/{THURROCK}/2025-Q3,waivers.csv,yes,2025-10-02\r\n"
        "\r\n"
        f"{HARTLEPOOL},exports/{HARTLEPOOL}/2025-Q3,,,\r\n"
    )
    large, small = planned(folder, text, {**GIVEN, "pages": False, "personal": False, "wait": 10})
    assert (large.key, large.where, large.size) == ("E06000001 2025-Q3", "line 4", 1000)
    assert dict(large.options) == {
        "authority": HARTLEPOOL,
        "quarter": "2025-Q3",
        "source": "native",
        "pages": False,
        "export": str(folder / "exports" / HARTLEPOOL / "2025-Q3"),
        "out": str(folder / "out"),
        "warehouse": str(folder / "out" / HARTLEPOOL / "warehouse.duckdb"),
    }
    own = {name: small.options[name] for name in ("authority", "waivers", "personal", "as_at")}
    assert own == {
        "authority": THURROCK,
        "waivers": str(folder / "waivers.csv"),
        "personal": True,
        "as_at": "2025-10-02",
    }


def test_a_pattern_finds_the_exports_by_authority_and_quarter(folder: Path) -> None:
    options: dict[str, Any] = {"out": folder / "out", "warehouse": None, "started": STARTED, "folder": folder}
    found = plan("exports/{authority}/{quarter}", {"source": "native"}, **options)
    assert [row.key for row in found] == ["E06000001 2025-Q3", "E06000034 2025-Q3"]
    assert found == plan("exports/{authority}/{quarter}", GIVEN, **options)
    (folder / "exports" / "archive" / "2025-Q3").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"exports/archive/2025-Q3: what stands for \{authority\} is no GSS code"):
        plan("exports/{authority}/{quarter}", GIVEN, **options)
    with pytest.raises(UsageError, match="Which quarter"):
        plan("exports/{authority}/2025-Q3", {"source": "native"}, **options)


def test_all_that_is_wrong_with_the_rows_is_told_at_once_with_its_line(folder: Path) -> None:
    export = f"exports/{THURROCK}/2025-Q3"
    text = (
        "authority,export,quarter,source,personal\n"
        f"{THURROCK},{export},,,\n"
        f"E99999999,{export},,,\n"
        f"{HARTLEPOOL},exports/none,,,\n"
        f"{THURROCK},{export},2025-q3,,\n"
        f"{THURROCK},postgresql://me:Zqxsentinel@db/cases,2025-Q2,,\n"
        f"{THURROCK},{export},2026-Q3,,\n"
        f"{THURROCK},{export},2025-Q1,no-such-profile,\n"
        f"{THURROCK},{export},2024-Q4,,perhaps\n"
        f"{THURROCK},{export}\n"
        f",{export},,,\n"
    )
    lines = refused(folder, text)
    assert lines[0] == "The manifest has 9 errors; nothing was run:"
    told = [line.strip().partition(":")[0] for line in lines[1:]]
    assert sorted(told, key=lambda where: int(where.split()[1])) == [f"line {number}" for number in range(3, 12)]
    assert "Zqxsentinel" not in "".join(lines)
    by_line = {line.strip().partition(":")[0]: line for line in lines[1:]}
    assert "the same authority and quarter as line 2" in by_line["line 5"]
    assert "there is no file or folder" in by_line["line 4"] and "there is no authority" in by_line["line 11"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("authority,colour", "column 2 is no option of a run"),
        ("authority,warehouse", "give it to the command, as --warehouse"),
        ("authority,export,Export", "column 3 is export again"),
        ("export", "there is no column authority"),
    ],
)
def test_columns_that_there_are_not_are_told_by_their_place(folder: Path, head: str, said: str) -> None:
    assert said in refused(folder, f"{head}\n")[1]


def test_a_manifest_that_is_none_is_said_so(folder: Path) -> None:
    assert refused(folder, "authority,export\n") == ["Nothing to run: the manifest has no rows."]
    (folder / "latin.csv").write_bytes(b"authority\n\xe9\n")
    options: dict[str, Any] = {"out": folder, "warehouse": None, "started": STARTED, "folder": folder}
    with pytest.raises(UsageError, match="cannot be read as CSV"):
        plan(str(folder / "latin.csv"), GIVEN, **options)
    with pytest.raises(UsageError, match="There is no manifest"):
        plan(str(folder / "none.csv"), GIVEN, **options)


def test_one_warehouse_for_all_is_that_of_every_row(folder: Path) -> None:
    text = f"authority,export\n{THURROCK},exports/{THURROCK}/2025-Q3\n"
    (row,) = planned(folder, text, warehouse="all.duckdb")
    assert row.options["warehouse"] == str(Path("all.duckdb").absolute())
