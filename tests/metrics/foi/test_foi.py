"""The standard freedom of information answer: figures by hand, and that no small count can be found."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from pipelines.commands.cost import cost
from pipelines.commands.foi import foi
from pipelines.errors import InputError, UsageError
from pipelines.link.references import empty_map
from pipelines.metrics.foi import answer, write
from pipelines.warehouse import run_files
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS
from tests.transform.warehouse import LA, section_frame

OCTOBER, NOVEMBER, DECEMBER = (date(2025, month, 1) for month in (10, 11, 12))


def stored(
    path: Path,
    quarter: str = "2025-Q4",
    la_code: str = LA,
    as_at: date = date(2025, 12, 31),
    **sections: list[dict[str, Any]],
) -> Path:
    with Warehouse(path) as warehouse:
        warehouse.freeze(
            {"run_id": f"{la_code}-{quarter}", "la_code": la_code, "quarter": quarter, "as_at": as_at},
            {section.name: section_frame(section.name, sections.get(section.name, [])) for section in SECTIONS},
            empty_map(),
        )
    return path


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Four households: a family in B&B since September, a single adult in and out, a couple out of region, own."""

    def person(case: int, no: int, relationship: str, age: int | None = None, **more: Any) -> dict[str, Any]:
        return {"case_ref": case, "person_no": no, "relationship": relationship, "age": age, "sex": "female", **more}

    return stored(
        tmp_path / "warehouse.duckdb",
        main=[
            {"la_code": LA, "case_ref": case, "application_date": day}
            for case, day in enumerate((date(2025, 9, 1), OCTOBER, date(2025, 11, 30), date(2025, 11, 3)), 1)
        ],
        people=[
            person(1, 1, "main_applicant", 30),
            person(1, 2, "dependent_child", date_of_birth=date(2020, 11, 10)),
            person(1, 3, "dependent_child", 17),
            person(2, 1, "main_applicant", 40),
            person(3, 1, "main_applicant", 40),
            person(3, 2, "partner", 40),
            person(4, 1, "main_applicant", 40),
        ],
        relief=[{"case_ref": 2, "relief_start": OCTOBER, "relief_end": date(2025, 11, 26)}],
        prevention=[{"case_ref": 1, "prevention_start": date(2025, 10, 9)}],
        final_duties=[
            {
                "case_ref": 2,
                "main_decision_date": date(2025, 11, 28),
                "main_decision": "accepted",
                "main_duty_end": date(2025, 12, 12),
                "main_duty_outcome": "part_6",
            }
        ],
        temporary_accommodation=[
            {"case_ref": case, "placement_no": no, "ta_type": kind, "ta_la": where, "entry_date": day,
             "exit_date": left, "rate": rate, "lha_area": "Town", "bedrooms": 1}
            for case, no, kind, where, day, left, rate in [
                (1, 1, "bb", LA, date(2025, 9, 20), None, 50.0),
                (2, 1, "nightly", LA, date(2025, 10, 5), date(2025, 12, 12), 60.0),
                (3, 1, "bb", "E06000033", date(2025, 11, 30), date(2025, 12, 1), 50.0),
                (3, 2, "psl", "W06000015", date(2025, 12, 1), None, None),
                (4, 1, "own", LA, date(2025, 11, 5), None, None),
            ]
        ],
    )  # fmt: skip


def values(frame: Any) -> dict[str, list[str | None]]:
    return {name: part["value"].to_list() for (name,), part in frame.partition_by("item", as_dict=True).items()}


def test_every_item_by_hand(warehouse: Path, tmp_path: Path) -> None:
    lha = tmp_path / "lha.csv"
    lha.write_text("lha_area,size,weekly_rate,valid_from\nTown,1,70.00,2011-01-01\n", encoding="utf-8")
    with Warehouse(warehouse) as store:
        run_files.save(store.connection, f"{LA}-2025-Q4", "lha", run_files.of_path(lha))
    answered = answer(warehouse, OCTOBER, DECEMBER, internal=True)
    assert values(answered.frame) == {
        "Approaches": ["1", "2", "0"],
        "Prevention duties accepted": ["1", "0", "0"],
        "Relief duties accepted": ["1", "0", "0"],
        "Main duties accepted": ["0", "1", "0"],
        "Placed in temporary accommodation": ["1", "1", "0"],
        "Left temporary accommodation": ["0", "0", "1"],
        "Main duty ended": ["0", "0", "1"],
        "In temporary accommodation at the month's end": ["2", "3", "2"],
        "Families in temporary accommodation": ["1", "1", "1"],
        "Single adults in temporary accommodation": ["1", "1", "0"],
        "In nightly paid accommodation": ["1", "1", "0"],
        "In bed and breakfast": ["1", "2", "1"],
        "In bed and breakfast over six weeks": ["0", "1", "1"],  # 41 days on 31 October
        "Families in bed and breakfast over six weeks": ["0", "1", "1"],
        "Placed outside the district": ["0", "1", "1"],
        "Placed outside the region": ["0", "0", "1"],  # Southend is in the same region, Cardiff is not
        "Children in temporary accommodation": ["2", "2", "2"],
        "Children aged 0 to 4": ["1", "0", "0"],  # five on 10 November
        "Children aged 5 to 11": ["0", "1", "1"],
        "Children aged 12 to 15": ["0", "0", "0"],
        "Children aged 16 to 17": ["1", "1", "1"],
        "Dependent children aged 18 and over": ["0", "0", "0"],
        "Children whose age is not known": ["0", "0", "0"],
        "Nights in temporary accommodation": [str(31 + 27), str(30 + 30 + 1), str(31 + 11 + 31)],
        # 50 a night in B&B, 60 nightly paid; the leased home of December has no rate.
        "Gross spend": ["3170.00", "3350.00", None],  # 31x50 + 27x60; 30x50 + 30x60 + 1x50
        # B&B gets back £10 a night (70 a week), nightly paid £9 (90 %).
        "Net spend": ["2617.00", "2770.00", None],  # - 310 - 243; - 300 - 270 - 10
    }
    assert answered.missing and answered.missing[0].startswith("Missing rate: 31 nights")


def test_an_answer_for_publication_has_multiples_of_five(warehouse: Path, tmp_path: Path) -> None:
    answered = answer(warehouse, OCTOBER, DECEMBER)
    write(answered, tmp_path / "out" / "foi.csv")
    with (tmp_path / "out" / "foi.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    counts = [row for row in rows if row["unit"] in {"households", "children"}]
    assert {row["value"] for row in counts} <= {"", "0", "5"}
    assert {row["note"] for row in rows if row["value"] == ""} <= {"suppressed", "not known: a rate is missing"}
    # Spend of a month in which fewer than 10 households are there at the end tells of them.
    assert {row["value"] for row in rows if row["unit"] == "£"} == {""}
    assert {row["value"] for row in rows if row["unit"] == "nights"} == {"100"}
    assert all(row["definition"] for row in rows)
    assert len(rows) == 26 * 3


def test_the_same_warehouse_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(answer(warehouse, OCTOBER, DECEMBER), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [(DECEMBER, OCTOBER, "--from is after --to"), (OCTOBER, date(2026, 1, 1), "nothing after 31 December 2025")],
)
def test_months_that_cannot_be_answered_are_refused(warehouse: Path, first: date, last: date, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        answer(warehouse, first, last)


def test_months_after_the_day_of_the_export_are_refused(tmp_path: Path) -> None:
    path = stored(tmp_path / "early.duckdb", as_at=date(2025, 12, 15))
    with pytest.raises(UsageError, match="nothing after 15 December 2025"):
        answer(path, OCTOBER, DECEMBER)
    assert answer(path, OCTOBER, NOVEMBER).frame.height == 26 * 2


def test_a_warehouse_of_several_authorities_needs_the_authority_named(warehouse: Path) -> None:
    stored(warehouse, la_code="E09000002")
    with pytest.raises(UsageError, match="--authority"):
        answer(warehouse, OCTOBER, DECEMBER)
    assert answer(warehouse, OCTOBER, DECEMBER, authority="E09000002", internal=True).frame["value"][0] == "0"


def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        answer(tmp_path / "none.duckdb", OCTOBER, DECEMBER)


@pytest.fixture
def commands() -> Typer:
    app = Typer()
    app.command("foi")(foi)
    app.command("cost")(cost)
    return app


def test_the_command_writes_the_answer_and_says_what_is_missing(
    warehouse: Path, tmp_path: Path, commands: Typer
) -> None:
    out = tmp_path / "foi.csv"
    options = ["--warehouse", str(warehouse), "--from", "2025-10", "--to", "2025-12", "--out", str(out)]
    result = CliRunner().invoke(commands, ["foi", *options])
    assert result.exit_code == 0, result.exception
    assert out.read_text(encoding="utf-8").startswith("item_no,item,month,value,unit,note,definition\n")
    assert "26 items, 3 months" in result.output
    assert "Missing rate: 31 nights of 1 placements of type psl" in result.output
    shown = CliRunner().invoke(commands, ["foi", *options, "--internal"])
    assert "INTERNAL" in shown.output
    wrong = CliRunner().invoke(commands, ["foi", *options[:-2], "--out", str(tmp_path)])
    assert type(wrong.exception).__name__ == "OutputError"
    assert type(CliRunner().invoke(commands, ["foi", *options, "--from", "2025"]).exception).__name__ == "UsageError"


def test_the_cost_command_writes_one_file_a_relation_and_the_same_bytes_again(
    warehouse: Path, tmp_path: Path, commands: Typer
) -> None:
    written = {}
    for name in ("one", "two"):
        options = [
            "--warehouse",
            str(warehouse),
            "--authority",
            LA,
            "--quarter",
            "2025-Q4",
            "--out",
            str(tmp_path / name),
        ]
        result = CliRunner().invoke(commands, ["cost", *options])
        assert result.exit_code == 0, result.exception
        written[name] = {path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())}
    assert written["one"] == written["two"]
    assert sorted(written["one"]) == [
        "cost.xlsx",
        "cost_basis.csv",
        "cost_missing.csv",
        "cost_month.csv",
        "cost_reconciliation.csv",
        "cost_ro4.csv",
        "cost_type_month.csv",
        "cost_type_year.csv",
        "cost_unit.csv",
        "cost_what_if.csv",
        "cost_what_if_month.csv",
    ]
    assert LA + "_" not in result.output


def test_a_case_recorded_late_does_not_show_itself_in_a_second_answer(tmp_path: Path) -> None:
    """Seventeen households are printed as 15 or 20, and so are those recorded later while they are less than 5 away."""

    def with_cases(count: int) -> Path:
        cases = [{"la_code": LA, "case_ref": case, "application_date": OCTOBER} for case in range(1, count + 1)]
        return stored(tmp_path / "late.duckdb", main=cases)

    first = int(answer(with_cases(17), OCTOBER, OCTOBER, made_on=date(2026, 1, 17)).frame["value"][0])
    assert first in (15, 20)
    later = [count for count in (18, 19, 20, 21) if abs(count - first) < 5]
    answers = [
        answer(with_cases(count), OCTOBER, OCTOBER, made_on=date(2026, 1, count)).frame["value"][0] for count in later
    ]
    assert len(later) >= 2 and answers == [str(first)] * len(later)
