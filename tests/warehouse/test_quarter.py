"""A quarter is opened for reading as its run saw it: its cases, its settings, its choice of cases."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.settings import Settings, from_values, values
from pipelines.warehouse import quarter as opening
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from schemas import sections as catalogue
from schemas.sections import SECTIONS
from tests.warehouse.stored import LA, NEIGHBOUR, freeze, sections_of

Q3, Q4 = Quarter(2025, 3), Quarter(2025, 4)
REF = f"{LA}_000000000001"


def placed(*nights: tuple[date, date | None], **more: Any) -> dict[str, pl.DataFrame]:
    """One household, in bed and breakfast between the days given."""
    return sections_of(
        main=[
            {
                "la_code": LA,
                "case_ref": REF,
                "application_date": date(2025, 7, 1),
                "assess_date": date(2025, 7, 1),
                "assess1": "relief",
                **more,
            }
        ],
        relief=[{"case_ref": REF, "relief_start": date(2025, 7, 1)}],
        temporary_accommodation=[
            {
                "case_ref": REF,
                "placement_no": no,
                "entry_date": entry,
                "exit_date": left,
                "ta_type": "bb",
                "taduty": "s188_1",
            }
            for no, (entry, left) in enumerate(nights, 1)
        ],
    )


def ledger_of(settings: Settings) -> dict[str, Any]:
    return {"settings": values(settings)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_every_setting_of_a_run_comes_back_from_its_ledger(path: Path) -> None:
    other = Settings(
        mask_after_quarter_end=False,
        stay_gap_nights=7,
        los_from="placement",
        ta_type_order=("own", "bb", "nightly", "hostel", "psl", "la_ha", "other"),
        bb_weeks_limit_nights=41,
        bb_all_placements_from=date(2024, 7, 1),
        hra_first_day=date(2018, 4, 4),
        stale_after_days=15,
        gone_share_limit=0.2,
        count_change_limit=0.4,
        count_change_quarters=5,
        count_change_floor=0.2,
        count_change_least=10,
        qa_change_share=0.3,
        qa_change_least=5,
        quiet_days=21,
        sign_of_life_days=60,
        long_stay_days=1826,
        long_stay_percentile=99,
        sample_seed=7,
        file_review_sample=20,
        sustainment_sample=10,
        suppress_below=6,
        retention_years=7,
        contact="statistics@authority.example",
    )
    assert all(getattr(other, field.name) != getattr(Settings(), field.name) for field in fields(Settings))
    with Warehouse(path) as warehouse:
        freeze(warehouse, "other", sections_of())
        warehouse.save_ledger("other", ledger_of(other), "clean")
    with open_quarter(path, LA, Q3) as opened:
        assert opened.settings == other
        assert one(opened.connection, "select stay_gap_nights from setting") == 7


def test_a_setting_that_the_ledger_does_not_know_has_its_default() -> None:
    assert from_values({"stay_gap_nights": 3, "of a later version": 1}) == replace(Settings(), stay_gap_nights=3)


def test_the_settings_of_the_run_decide_what_is_read(path: Path) -> None:
    nights = [(date(2025, 7, 1), date(2025, 7, 10)), (date(2025, 7, 15), None)]
    with Warehouse(path) as warehouse:
        for run, gap in (("no gap", 0), ("a week", 7)):
            freeze(warehouse, run, placed(*nights))
            warehouse.save_ledger(run, ledger_of(Settings(stay_gap_nights=gap)), "clean")
            with Warehouse(None) as fresh:
                freeze(fresh, run, placed(*nights))
    with open_quarter(path, LA, Q3) as opened:
        assert one(opened.connection, "select count(distinct stay_no) from stays") == 1


def test_a_quarter_without_a_run_is_read_from_the_newest_run_with_its_settings(path: Path) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "older", placed())
        warehouse.save_ledger("older", ledger_of(Settings(suppress_below=9)), "clean")
        freeze(warehouse, "newest", placed(), quarter="2025-Q4")
        warehouse.save_ledger("newest", ledger_of(Settings(suppress_below=7)), "clean")
    with open_quarter(path, LA, Quarter(2025, 2)) as opened:
        assert (opened.run.run_id, opened.run.exact, opened.settings.suppress_below) == ("newest", False, 7)
        assert "No run was made for 2025-Q2" in opened.words
        assert one(opened.connection, "select quarter from reporting_period") == "2025-Q2"


def test_without_a_quarter_the_newest_is_opened(path: Path) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "q4", placed(), quarter="2025-Q4")
        freeze(warehouse, "q3 again", placed())
    with open_quarter(path) as opened:
        assert (opened.quarter, opened.run.run_id) == (Q4, "q4")


def test_several_authorities_must_be_told_apart(path: Path) -> None:
    with Warehouse(path) as warehouse:
        for authority in (LA, NEIGHBOUR):
            freeze(warehouse, authority, placed(), authority=authority)
    with pytest.raises(UsageError, match="several authorities"), open_quarter(path):
        pass


@pytest.mark.parametrize("named", [LA, None])
def test_a_warehouse_without_runs_is_a_sentence(path: Path, named: str | None) -> None:
    Warehouse(path).close()
    with pytest.raises(InputError, match="holds no run"), open_quarter(path, named):
        pass


def test_a_run_that_was_killed_is_passed_over(path: Path) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "whole", placed())
        freeze(warehouse, "killed", sections_of(), result="running")
        freeze(warehouse, "killed in q4", sections_of(), quarter="2025-Q4", result="running")
    with open_quarter(path) as opened:
        assert (opened.run.run_id, opened.quarter) == ("whole", Q3)
        assert one(opened.connection, "select count(*) from recorded.main") == 1


def test_a_run_appears_to_readers_as_a_whole_or_not_at_all(path: Path) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "before", placed(officer="HO01"))

        def half() -> None:
            with warehouse.transaction():
                freeze(warehouse, "half", placed(officer="HO02"))
                warehouse.save_selection("half", pl.DataFrame({"case_ref": [REF], "is_selected": [True]}))
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            half()
    with open_quarter(path) as opened:
        assert opened.run.run_id == "before"
        assert one(opened.connection, "select officer from recorded.main") == "HO01"


@pytest.mark.parametrize(("quarter", "cases"), [(Q3, 0), (Q4, 1)])
def test_a_case_forced_out_stays_out_of_the_quarter_it_was_forced_out_of(
    path: Path, quarter: Quarter, cases: int
) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "run", placed((date(2025, 7, 1), None)))
        choice = {"case_ref": REF, "is_selected": False, "triggers": "placed", "forced": "exclude", "reason": "twice"}
        warehouse.save_selection("run", pl.DataFrame([choice]))
    with open_quarter(path, LA, quarter) as opened:
        assert one(opened.connection, "select count(*) from sent.main") == cases
        assert one(opened.connection, "select count(*) from quarter_end.main") == 1


def test_the_file_is_let_go_while_a_quarter_is_read(path: Path) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "first", placed())
    with open_quarter(path) as opened, Warehouse(path) as warehouse:
        freeze(warehouse, "second", placed((date(2025, 7, 1), None)))
        assert (opened.run.run_id, one(opened.connection, "select count(*) from stays")) == ("first", 0)
    with open_quarter(path) as opened:
        assert (opened.run.run_id, one(opened.connection, "select count(*) from stays")) == ("second", 1)


def test_a_field_that_a_file_does_not_have_yet_is_empty_for_a_reader(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "run", placed())
    main, columns = SECTIONS[0], catalogue._columns
    extra = replace(main.column("officer"), name="housing_register_band")
    monkeypatch.setattr(
        catalogue, "_columns", lambda section: (*columns(section), *([extra] if section is main else []))
    )
    with open_quarter(path) as opened:
        assert opened.connection.execute("select case_ref, housing_register_band from recorded.main").fetchall() == [
            (REF, None)
        ]


def test_what_a_quarter_is_built_in_is_kept_from_others(path: Path) -> None:
    with Warehouse(path) as warehouse:
        freeze(warehouse, "run", placed())
    with open_quarter(path) as opened:
        folder = Path(one(opened.connection, "select current_setting('temp_directory')"))
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_of_earlier_runs_the_last_of_each_quarter_is_compared(path: Path) -> None:
    with Warehouse(path) as warehouse:
        for run, officer in (("q3 first", "HO01"), ("q3", "HO02")):
            freeze(warehouse, run, placed(officer=officer))
        freeze(warehouse, "q4", placed(officer="HO03"), quarter="2025-Q4")
        freeze(warehouse, "neighbour", placed(officer="HO50"), authority=NEIGHBOUR)
        freeze(warehouse, "killed", placed(officer="HO51"), result="running")
    with open_quarter(path, LA) as opened:
        held = opened.connection.execute(
            "select run_id, officer from earlier_run inner join earlier_holder"
            " on run_order >= from_run and (until_run is null or run_order < until_run)"
        ).fetchall()
    assert held == [("q3", "HO02")]


def test_there_is_one_way_to_open_a_quarter() -> None:
    """Whoever reads a warehouse goes through ``open_quarter``, so that none can lose the settings of the run."""
    root = Path(opening.__file__).parents[1]
    allowed = {root / "warehouse" / name for name in ("store.py", "quarter.py")}
    # A database that is an export is no warehouse.
    allowed |= set((root / "extract" / "databases").glob("*.py"))
    # Whatever stands in a file is compared, searched or looked over there, and no figure of a quarter is made.
    allowed |= {root / "keeping" / "tables.py", root / "setup" / "doctor" / "warehouse.py"}
    # A file under another key, and where its log is laid into it first.
    allowed |= {root / "warehouse" / "rekeyed.py", root / "sealed.py"}
    # Copied whole, or listed by number.
    allowed |= {root / "fleet" / name for name in ("lake_backup.py", "lake_restore.py", "moving.py", "snapshots.py")}
    # Of many authorities the cells that their runs kept are read, with the settings of each.
    allowed |= {root / "fleet" / "held.py", root / "fleet" / "comparing" / "gather.py"}
    found = [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*.py"))
        if path not in allowed and ("read_only=True" in path.read_text() or ".run_for(" in path.read_text())
    ]
    assert found == ["warehouse/files.py", "warehouse/lakes.py"]
