"""Charges, subsidy cap, RO4, invoices, unit costs: amounts worked by hand in the comments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sql
from pipelines.errors import InputError, UsageError
from pipelines.finance.cost.build import (
    RELATIONS,
    CostFiles,
    cost_by_type_month,
    missing_sentences,
    prepare,
    relation,
)
from pipelines.finance.cost.what_if import Ahead, Scenario, months_after, what_if, what_if_totals
from pipelines.metrics.stays import build as stays
from tests.transform.warehouse import LA, built

ROOT = Path(__file__).resolve().parents[3]
OCTOBER, NOVEMBER = date(2025, 10, 1), date(2025, 11, 1)
LHA_TEXT = """lha_area,size,weekly_rate,valid_from
Town,1,100.00,2011-01-01
Town,1,95.00,2010-04-01
Town,2,140.05,2011-01-01
Town,1,130.00,2011-04-01
"""


def day(number: int, month: int = 10) -> date:
    return date(2025, month, number)


@contextmanager
def costed(folder: Path, placements: list[dict[str, Any]], **texts: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Marts and costs of a few placements; keyword texts become the files ``CostFiles`` names."""
    basis: Any = texts.pop("basis", "rates")
    paths = {}
    for name, text in texts.items():
        paths[name] = folder / f"{name}.csv"
        paths[name].write_text(text, encoding="utf-8")
    filled = [
        {"case_ref": no, "placement_no": 1, "ta_type": "bb", "lha_area": "Town", "placement_ref": f"P{no}", **row}
        for no, row in enumerate(placements, 1)
    ]
    con = built(
        main=[
            {"la_code": LA, "case_ref": case, "application_date": date(2025, 1, 1)}
            for case in sorted({row["case_ref"] for row in filled})
        ],
        temporary_accommodation=filled,
    )
    stays.prepare(con, first_day=OCTOBER)
    prepare(con, CostFiles(**paths, basis=basis))
    yield con
    con.close()


def one_row(con: duckdb.DuckDBPyConnection, name: str = "cost_type_month", **where: Any) -> dict[str, Any]:
    return relation(con, name).filter(**where).row(0, named=True)


def test_nights_times_rate_by_month_type_and_cost_centre(tmp_path: Path) -> None:
    rates = "ta_type,rate,cost_centre\nbb,50.00,CC1\npsl,40.10,CC2\n"
    with costed(
        tmp_path,
        [
            {"entry_date": day(30), "exit_date": day(3, 11)},  # two nights in October, two in November
            {"entry_date": day(31), "exit_date": day(31)},  # none
            {"entry_date": day(30), "exit_date": day(31), "ta_type": "psl"},
        ],
        rates=rates,
    ) as con:
        rows = relation(con, "cost_month").select("first_day", "ta_type", "cost_centre", "placement_nights", "gross")
        total = one_row(con, first_day=OCTOBER, ta_type="all")
    assert rows.rows() == [
        (OCTOBER, "bb", "CC1", 2, Decimal("100.00")),
        (OCTOBER, "psl", "CC2", 1, Decimal("40.10")),
        (NOVEMBER, "bb", "CC1", 2, Decimal("100.00")),
    ]
    assert total["gross"] == Decimal("140.10")


def test_a_missing_rate_leaves_the_amount_empty_and_is_said(tmp_path: Path) -> None:
    with costed(
        tmp_path,
        [
            {"entry_date": day(1), "exit_date": day(3), "rate": 10.0},
            {"entry_date": day(1), "exit_date": day(6)},
        ],
    ) as con:
        row = one_row(con, first_day=OCTOBER, ta_type="bb")
        sentences = missing_sentences(con)
        ro4 = one_row(con, "cost_ro4", line_no=4)
    assert (row["gross"], row["net"], row["gross_known"], row["nights_without_rate"]) == (
        None,
        None,
        Decimal("20.00"),
        5,
    )
    assert "Missing rate: 5 nights of 1 placements of type bb, 01 October 2025 to 05 October 2025." in sentences[1]
    assert ro4["gross_thousands"] is None


def test_the_most_particular_row_wins_and_a_new_rate_starts_on_its_day(tmp_path: Path) -> None:
    rates = """ta_type,landlord,placement_ref,rate,valid_from,valid_to
bb,,,50.00,,2025-10-03
bb,,,60.00,2025-10-04,
bb,Hill,,55.00,,
,,P3,1.00,2025-10-02,2025-10-02
"""
    with costed(
        tmp_path,
        [
            {"entry_date": day(1), "exit_date": day(6)},
            {"entry_date": day(1), "exit_date": day(6), "landlord": "Hill"},
            {"entry_date": day(1), "exit_date": day(4), "rate": 99.0},
        ],
        rates=rates,
    ) as con:
        gross = dict(
            con.execute("select case_ref, sum(gross_pence) from cost_charges group by 1 order by 1").fetchall()
        )
    assert list(gross.values()) == [3 * 5000 + 2 * 6000, 5 * 5500, 5000 + 100 + 5000]


def test_a_weekly_rate_is_rounded_to_the_penny_halves_up(tmp_path: Path) -> None:
    placements = [{"entry_date": day(1), "exit_date": day(1 + nights)} for nights in (1, 2, 3, 7)]
    with costed(tmp_path, placements, rates="rate,per\n100.00,week\n") as con:
        pence = con.execute("select gross_pence from cost_charges order by case_ref").fetchall()
    assert pence == [(1429,), (2857,), (4286,), (10000,)]


CAPS: list[tuple[dict[str, Any], int]] = [
    ({"ta_type": "bb", "bedrooms": 2}, 10000),  # not self-contained: one-bedroom rate of January 2011
    ({"ta_type": "nightly", "bedrooms": 1}, 9000),  # 90 % of it
    ({"ta_type": "nightly", "bedrooms": 0}, 9000),  # a bedsit takes size 1
    ({"ta_type": "nightly", "bedrooms": 2}, 12605),  # 90 % of 140.05 = 126.045, halves up
    ({"ta_type": "nightly", "bedrooms": 5}, 12605),  # the largest size there is
    ({"ta_type": "hostel", "self_contained": False, "bedrooms": 2}, 10000),
    ({"ta_type": "hostel", "self_contained": True, "bedrooms": 2}, 12605),
    ({"ta_type": "la_ha", "self_contained": True, "bedrooms": 2}, 70000),  # outside the cap: all of the charge
]


def test_subsidy_cap_by_the_rule_of_the_property(tmp_path: Path) -> None:
    placements = [{"entry_date": day(1), "exit_date": day(8), "rate": 100.0, **placement} for placement, _ in CAPS]
    with costed(tmp_path, placements, lha=LHA_TEXT) as con:
        rows = con.execute("select gross_pence, recoverable_pence from cost_charges order by case_ref").fetchall()
    assert rows == [(70000, week) for _, week in CAPS]


def test_recoverable_is_never_more_than_the_charge(tmp_path: Path) -> None:
    with costed(tmp_path, [{"entry_date": day(1), "exit_date": day(8), "rate": 10.0}], lha=LHA_TEXT) as con:
        row = one_row(con, first_day=OCTOBER, ta_type="bb")
    assert (row["recoverable"], row["net"]) == (Decimal("70.00"), Decimal("0.00"))


def test_a_weekly_ceiling_lowers_the_cap(tmp_path: Path) -> None:
    with costed(
        tmp_path,
        [{"entry_date": day(1), "exit_date": day(8), "rate": 100.0}],
        lha=LHA_TEXT,
        ceilings="lha_area,weekly_ceiling\nTown,70.00\n",
    ) as con:
        assert one_row(con, first_day=OCTOBER, ta_type="bb")["net"] == Decimal("630.00")


LACKING: list[tuple[dict[str, Any], str]] = [
    ({"ta_type": "bb", "lha_area": None}, "LHA area"),
    ({"ta_type": "hostel", "self_contained": False, "lha_area": "Elsewhere"}, "LHA rate of January 2011"),
    ({"ta_type": "psl", "bedrooms": 2}, "whether self-contained"),
    ({"ta_type": "nightly"}, "bedrooms"),
]


def test_net_is_missing_and_gross_is_not_without_what_the_cap_needs(tmp_path: Path) -> None:
    placements = [{"entry_date": day(1), "exit_date": day(8), "rate": 100.0, **placement} for placement, _ in LACKING]
    with costed(tmp_path, placements, lha=LHA_TEXT) as con:
        missing = con.execute("select missing, recoverable_pence from cost_charges order by case_ref").fetchall()
        months = cost_by_type_month(con).filter(first_day=OCTOBER)
        sentences = missing_sentences(con)
    assert missing == [(what, None) for _, what in LACKING]
    assert months.filter(ta_type="all")["gross"].to_list() == [Decimal("2800.00")]
    assert months["net"].null_count() == months.height == 5
    assert len(sentences) == 4


def test_a_household_in_two_placements_is_paid_for_twice_and_own_arrangements_are_not(tmp_path: Path) -> None:
    with costed(
        tmp_path,
        [
            {"case_ref": 1, "placement_no": 1, "entry_date": day(1), "exit_date": day(4), "rate": 10.0},
            {"case_ref": 1, "placement_no": 2, "entry_date": day(1), "exit_date": day(4), "rate": 10.0},
            {"case_ref": 2, "ta_type": "own", "entry_date": day(1), "exit_date": day(4), "rate": 10.0},
        ],
    ) as con:
        row = one_row(con, first_day=OCTOBER, ta_type="all")
    assert (row["placement_nights"], row["gross"]) == (6, Decimal("60.00"))


def test_lines_of_ro4_in_thousands_with_the_authoritys_own_lines(tmp_path: Path) -> None:
    other = (ROOT / "data" / "sample" / "finance" / "ro4_other.csv").read_text(encoding="utf-8")
    with costed(
        tmp_path,
        [{"entry_date": day(1), "exit_date": day(11), "rate": 150.0}],  # £1,500 gross, 10 x £100/7 = £142.86 back
        lha=LHA_TEXT,
        ro4_other=other,
    ) as con:
        rows = relation(con, "cost_ro4")
    figures = {
        line: (gross, net) for line, gross, net in rows.select("line", "gross_thousands", "net_thousands").rows()
    }
    assert figures["Bed and breakfast hotels (including shared annexes)"] == (2, 1)  # 1,500.00 and 1,357.14
    assert figures["Any other type of temporary accommodation"] == (0, 0)
    assert figures["Temporary accommodation administration"] == (412, 412)
    assert figures["TOTAL HOMELESSNESS"] == (1944, 1703)  # 1.5 + 412 + 1,530; 1.357 + 412 + 1,290
    assert rows["count_months"].unique().to_list() == [1]


def test_the_name_of_the_last_line_of_ro4_changes_with_2025_26(tmp_path: Path) -> None:
    con = built(
        main=[{"la_code": LA, "case_ref": 1, "application_date": date(2024, 1, 1)}],
        temporary_accommodation=[
            {"case_ref": 1, "placement_no": 1, "ta_type": "bb", "entry_date": date(2025, 3, 1), "exit_date": day(2, 4)}
        ],
    )
    stays.prepare(con)
    prepare(con)
    lines = dict(relation(con, "cost_ro4").filter(line_no=8).select("financial_year", "line").rows())
    con.close()
    assert lines["2024-25"] == "Homeless Reduction Act: Administration, Prevention, Relief & Support"
    assert lines["2025-26"] == "Homelessness Services: Administration, Prevention, Relief & Main Duty"


def test_unit_costs_per_night_household_and_stay(tmp_path: Path) -> None:
    with costed(
        tmp_path,
        [
            {"case_ref": 1, "placement_no": 1, "entry_date": day(1), "exit_date": day(5), "rate": 30.0},
            {"case_ref": 1, "placement_no": 2, "entry_date": day(10), "exit_date": day(12), "rate": 30.0},
            {"case_ref": 2, "entry_date": day(1), "exit_date": day(5), "rate": 60.0},
        ],
        lha=LHA_TEXT,
    ) as con:
        row = one_row(con, "cost_unit", ta_type="all")
    # 4 x 30 + 2 x 30 + 4 x 60 = 420 over 10 nights, 2 households, 3 stays
    assert (row["gross_per_night"], row["gross_per_household"], row["gross_per_stay"]) == (
        Decimal("42.00"),
        Decimal("210.00"),
        Decimal("140.00"),
    )


HEADER = "invoice_number,line_no,placement_ref,first_night,last_night,nightly_rate,amount\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("A,1,P1,2025-10-02,2025-10-05,10.00,40.00\n", []),
        ("A,1,P9,2025-10-02,2025-10-03,10.00,20.00\nA,2,P1,2025-10-02,2025-10-05,10.00,40.00\n",
         [("invoice without placement", 2, "20.00")]),
        ("A,1,P9,2025-10-02,2025-10-05,10.00,40.00\n",
         [("invoice without placement", 4, "40.00"), ("placement without invoice", 4, None)]),
        ("A,1,P1,2025-10-01,2025-10-05,10.00,50.00\n", [("charged before entry", 1, "10.00")]),
        ("A,1,P1,2025-10-02,2025-10-07,10.00,60.00\n", [("charged after exit", 2, "20.00")]),
        ("A,1,P1,2025-10-02,2025-10-04,10.00,30.00\nA,2,P1,2025-10-04,2025-10-05,10.00,20.00\n",
         [("nights charged twice", 1, "10.00")]),
        ("A,1,P1,2025-10-02,2025-10-02,10.00,10.00\nA,2,P1,2025-10-05,2025-10-05,10.00,10.00\n",
         [("nights not invoiced", 2, None)]),
        ("A,1,P1,2025-10-02,2025-10-03,10.00,20.00\nA,2,P1,2025-10-04,2025-10-05,12.00,24.00\n",
         [("rate changed", 2, "4.00"), ("rate is not the agreed one", 2, "4.00")]),
        ("A,1,P1,2025-10-02,2025-10-05,10.00,45.00\n", [("amount is not nights times rate", 4, "5.00")]),
    ],
)  # fmt: skip
def test_placements_reconciled_to_invoices(
    tmp_path: Path, lines: str, expected: list[tuple[str, int, str | None]]
) -> None:
    with costed(tmp_path, [{"entry_date": day(2), "exit_date": day(6), "rate": 10.0}], invoices=HEADER + lines) as con:
        rows = relation(con, "cost_reconciliation").select("kind", "nights", "amount").rows()
    assert rows == [(kind, nights, None if amount is None else Decimal(amount)) for kind, nights, amount in expected]


def test_without_invoices_nothing_is_reconciled(tmp_path: Path) -> None:
    with costed(tmp_path, [{"entry_date": day(2), "exit_date": day(6), "rate": 10.0}]) as con:
        assert relation(con, "cost_reconciliation").is_empty()


def test_by_invoice_only_the_nights_of_a_line_have_a_rate(tmp_path: Path) -> None:
    with costed(
        tmp_path,
        [{"entry_date": day(2), "exit_date": day(6), "rate": 99.0}],
        invoices=HEADER + "A,1,P1,2025-10-02,2025-10-04,10.00,30.00\n",
        basis="invoices",
    ) as con:
        row = one_row(con, first_day=OCTOBER, ta_type="bb")
    assert (row["gross"], row["gross_known"], row["nights_without_rate"]) == (None, Decimal("30.00"), 1)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rates", "ta_type\nbb\n", "has no column rate"),
        ("rates", "ta_type,rate,colour\nbb,1.00,red\n", "has a column that is not known"),
        ("rates", "ta_type,rate\nhotel,1.00\n", r"row 2, column ta_type: expected one of bb"),
        ("rates", "# made up\nta_type,rate\nbb,1.00\nbb,1.005\n", r"row 4, column rate: expected an amount"),
        ("rates", "ta_type,rate\nbb,\n", "row 2, column rate: the cell is empty"),
        ("rates", "rate,valid_from\n1.00,01/04/2025\n", "column valid_from: expected a date"),
        ("lha", LHA_TEXT + "Town,1,99.00,2011-01-01\n", "two rows for the same area, size and day"),
        ("invoices", HEADER + "A,1,P1,2025-10-05,2025-10-02,10.00,40.00\n", "last night is before its first"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_place_and_without_its_value(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    placements = [{"entry_date": day(2)}]
    with pytest.raises(InputError, match=message) as caught, costed(tmp_path, placements, **{name: text}):
        pass
    assert "hotel" not in str(caught.value) and "01/04" not in str(caught.value)


def test_costs_by_invoice_without_invoices_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError), costed(tmp_path, [{"entry_date": day(2)}], basis="invoices"):
        pass


def test_the_made_up_files_can_be_read_and_say_that_they_are_made_up() -> None:
    folder = ROOT / "data" / "sample" / "finance"
    files = {path.stem: path for path in folder.glob("*.csv")}
    assert sorted(files) == ["ceilings", "invoices", "lha_2011", "rates", "ro4_other"]
    assert all(path.read_text(encoding="utf-8").startswith("# Made up") for path in files.values())
    con = built(main=[{"la_code": LA, "case_ref": 1, "application_date": day(1)}])
    stays.prepare(con)
    prepare(
        con,
        CostFiles(files["rates"], files["lha_2011"], files["ceilings"], files["invoices"], files["ro4_other"]),
    )
    assert relation(con, "cost_reconciliation")["kind"].unique().to_list() == ["invoice without placement"]
    con.close()


def test_every_relation_has_the_key_that_it_names(tmp_path: Path) -> None:
    placements = [
        {"case_ref": case, "placement_no": no, "entry_date": day(case + no), "exit_date": day(case * 3, 11)}
        for case in range(1, 6)
        for no in (1, 2)
    ]
    with costed(tmp_path, placements, lha=LHA_TEXT, rates="ta_type,rate\nbb,50.00\n") as con:
        for name in RELATIONS:
            keys = sql.key(f"metrics/{name}.sql")
            assert not relation(con, name).select(keys).is_duplicated().any(), name


def test_costs_by_type_add_up_to_the_total(tmp_path: Path) -> None:
    placements = [
        {"entry_date": day(no), "exit_date": day(no + 9), "ta_type": kind, "self_contained": True, "bedrooms": 2}
        for no, kind in enumerate(("bb", "nightly", "hostel", "psl", "la_ha", "other"), 1)
    ]
    with costed(tmp_path, placements, lha=LHA_TEXT, rates="rate,per\n333.33,week\n") as con:
        frame = cost_by_type_month(con).filter(first_day=OCTOBER)
    total = frame.filter(ta_type="all")
    by_type = frame.filter(frame["ta_type"] != "all")
    for name in ("placement_nights", "gross", "recoverable", "net"):
        assert by_type[name].sum() == total[name].item()


AHEAD = Ahead({("bb", month): 3.0 + no for no, month in enumerate(months_after(date(2025, 12, 31), 12), 1)}, "by hand")


def test_what_if_arrivals_rise_by_a_tenth(tmp_path: Path) -> None:
    # One household comes on the 1st of each of three months and stays: nobody leaves.
    placements = [{"entry_date": day(1, month), "rate": 10.0} for month in (10, 11, 12)]
    with costed(tmp_path, placements, lha=LHA_TEXT) as con:
        totals = what_if_totals(
            what_if(
                con,
                AHEAD,
                (
                    Scenario("as forecast", ""),
                    Scenario("more", "", arrivals=1.1),
                    Scenario("leased", "", bb_to_leased=1),
                ),
            )
        )
    # The forecast, and with a tenth more of one arrival a month 12 x 0.1 more.
    assert totals["stock"].to_list() == [15.0, pytest.approx(15 + 1.2), 15.0]
    assert set(totals["stock_model"]) == {AHEAD.model}
    gross = totals["gross"].to_list()
    assert gross[1] > gross[0]
    assert totals["gross_difference"][1] == gross[1] - gross[0]
    assert gross[2] is None  # no leased home gives a price


def test_what_if_a_tenth_more_leave(tmp_path: Path) -> None:
    # Two at the start of November, one of them leaves in it; none come: half leave in a month, 0.55 with a tenth more.
    placements = [
        {"entry_date": day(1), "exit_date": day(20, 11), "rate": 10.0},
        {"entry_date": day(1), "rate": 10.0},
    ]
    with costed(tmp_path, placements, lha=LHA_TEXT) as con:
        stays.prepare(con, first_day=NOVEMBER, last_day=date(2025, 11, 30))
        prepare(con)
        frame = what_if(con, scenarios=(Scenario("as forecast", ""), Scenario("more leave", "", exits=1.1)))
    first = frame.filter(first_day=date(2025, 12, 1))
    # Nothing is forecast: one stays, and a tenth more of the half that leaves is 0.05.
    assert first["stock"].to_list() == [1.0, pytest.approx(1 - 0.05, abs=0.051)]
    assert set(first["stock_model"]) == {"no forecast: the stock stays as it is"}
