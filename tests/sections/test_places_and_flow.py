"""Where households are placed, how long they have been there, who came and who left, and the children among them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

from pipelines.emit.pages.plots_more import KINDS
from pipelines.emit.pages.sections import children, decisions, flow, out_of_area, stays
from pipelines.metrics.stays import build
from pipelines.period import Quarter
from schemas.codelists import codelist
from tests.sections.editions import NOW, QUARTER_BEFORE, edition
from tests.transform.warehouse import built

SEPTEMBER, YEAR_BEFORE = date(2025, 9, 1), date(2024, 9, 1)
LAST, LAST_YEAR = date(2025, 9, 30), date(2024, 9, 30)


def frame(columns: str, *rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns.split(), orient="row").with_columns(note=pl.lit(""))


def placed_out(*rows: tuple[object, ...], out: int) -> dict[str, pl.DataFrame]:
    columns = "first_day receiving_code receiving_name region count_households count_own_arrangements"
    stock = frame(
        "dimension value first_day stock",
        ("all", "all", YEAR_BEFORE, 60),
        ("all", "all", SEPTEMBER, 80),
        ("out_of_district", "out of district", SEPTEMBER, out),
    )
    regions = frame("first_day region count_households", (SEPTEMBER, "London", out), (SEPTEMBER, "all", out))
    return {"stay_out_of_district": frame(columns, *rows), "stock_month": stock, "stay_receiving_regions": regions}


def test_every_authority_of_england_has_a_tile_of_its_own() -> None:
    found = out_of_area.tiles()
    current = {
        code
        for code, entry in codelist("authority").codes.items()
        if entry.extra["region_code"] and entry.extra["active_code"] == code
    }
    assert set(found) == current
    assert Counter(found.values()).most_common(1)[0][1] == 1


def test_the_map_is_darker_where_more_were_placed_and_the_table_has_every_area() -> None:
    made = out_of_area.section(
        edition(
            placed_out(
                (YEAR_BEFORE, "E09000002", "Barking and Dagenham", "London", 4, 0),
                (SEPTEMBER, "E09000002", "Barking and Dagenham", "London", 12, 2),
                (SEPTEMBER, "E09000005", "Brent", "London", 3, 0),
                (SEPTEMBER, "W06000015", "Cardiff", None, 1, 0),
                out=14,
            )
        )
    )
    assert made is not None
    the_map, regions = made.figures
    assert the_map.title == (
        "14 of 80 (18%) households in temporary accommodation are in another district;"
        " Barking and Dagenham received most, 12 including own arrangements"
    )
    assert "1 of the areas lie outside England" in the_map.description
    assert the_map.table is not None
    assert the_map.table.rows == (
        ("Barking and Dagenham", "London", "12", "2", "4"),
        ("Brent", "London", "3", "0", "0"),
        ("Cardiff", "[x]", "1", "0", "0"),
    )
    assert the_map.plan is not None
    tiles, labels, named, _ = the_map.plan.args
    shade = {(x, y): step for x, y, step, _, _ in tiles}
    places = out_of_area.tiles()
    assert [shade[places[code]] for code in ("E09000002", "E09000005", "E09000001")] == [2, 0, -1]
    assert labels == ("Fewer than 5", "", "10 to 19", "", "")
    assert named == ("1 Barking and Dagenham: 12",)
    assert regions.title == "London received most: 14 of 14"


def test_where_no_authority_received_five_the_shared_page_has_a_sentence_and_no_map() -> None:
    made = out_of_area.section(
        edition(placed_out((SEPTEMBER, "E09000005", "Brent", "London", 0, 0), out=10), internal=False)
    )
    assert made is not None
    assert made.figures[0].plan is None
    assert made.figures[0].description == "There is no map: no authority received 10 households or more."


def test_stays_are_said_by_type_and_by_site_with_the_share_over_six_months() -> None:
    rows = [
        (LAST_YEAR, "all", "all", 10, 2),
        (LAST_YEAR, "all", "Ferry Hostel", 10, 2),
        (LAST, "all", "all", 40, 30),
        (LAST, "nightly", "all", 15, 5),
        (LAST, "hostel", "all", 25, 25),
        (LAST, "all", "Ferry Hostel", 30, 24),
        (LAST, "all", "Elm Place", 6, 6),
        (LAST, "all", "not recorded", 4, 0),
    ]
    columns = "day ta_type site count_households count_over_six_months"
    made = stays.section(edition({"stay_six_months": frame(columns, *rows)}))
    assert made is not None
    by_type, by_site = made.figures
    assert by_type.title == "30 of 40 (75%) households have been in temporary accommodation over six months"
    assert by_site.table is not None
    assert by_site.table.rows == (
        ("Ferry Hostel", "30", "24", "80%", "10"),
        ("Elm Place", "6", "6", "(100%)", "0"),
        ("Not recorded", "4", "0", "(0%)", "0"),
        ("All", "40", "30", "75%", "10"),
    )


def test_the_section_on_stays_says_when_no_site_is_recorded() -> None:
    rows = [(LAST, "all", "all", 4, 3), (LAST, "bb", "all", 4, 3), (LAST, "all", "not recorded", 4, 3)]
    columns = "day ta_type site count_households count_over_six_months"
    made = stays.section(edition({"stay_six_months": frame(columns, *rows)}))
    assert made is not None
    assert len(made.figures) == 1
    assert made.text[-1] == "The export names no building or scheme, so nothing can be said by hostel or site."


@pytest.mark.parametrize(("entry", "is_long"), [(date(2025, 3, 31), 1), (date(2025, 4, 1), 0)])
def test_six_months_are_calendar_months_as_in_table_ta4(entry: date, is_long: int) -> None:
    placed = [{"case_ref": 1, "placement_no": 1, "entry_date": entry, "ta_type": "hostel", "site": "Ferry Hostel"}]
    with built(
        quarter=Quarter(2025, 3), main=[{"case_ref": 1, "application_date": entry}], temporary_accommodation=placed
    ) as con:
        build.prepare(con)
        found = build.relation(con, "stay_six_months").rows()
    # March to September is six months, April to September five, whatever the day of the month.
    assert found == [
        (LAST, "all", "Ferry Hostel", 1, is_long),
        (LAST, "all", "all", 1, is_long),
        (LAST, "hostel", "all", 1, is_long),
    ]


def test_flow_says_who_came_who_left_and_what_that_made() -> None:
    columns = "dimension value first_day opening_stock entries exits stock"
    rows = [("all", "all", QUARTER_BEFORE, 10, 5, 1, 14), ("all", "all", NOW, 14, 4, 9, 9)]
    made = flow.section(edition({"stock_quarter": frame(columns, *rows)}))
    assert made is not None
    (figure,) = made.figures
    assert figure.title == (
        "4 households came in July to September 2025 and 9 left: 5 fewer in temporary accommodation"
    )
    assert figure.table is not None
    assert figure.table.rows[-1] == ("July to September 2025", "14", "4", "9", "9", "−5")


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0, "About 35 households came in July to September 2025 and fewer than 5 left: about 35 more in"),
        (25, "About 35 households came in July to September 2025 and about 25 left: about 10 more in"),
        # Each can be 4 from its count.
        (30, "About 35 households came in July to September 2025 and about 30 left: about as many as before"),
    ],
)
def test_flow_of_rounded_counts_says_no_change_that_rounding_can_make(left: int, said: str) -> None:
    columns = "dimension value first_day opening_stock entries exits stock"
    made = flow.section(
        edition({"stock_quarter": frame(columns, ("all", "all", NOW, 90, 35, left, 95))}, internal=False)
    )
    assert made is not None
    assert made.figures[0].title.startswith(said)


def test_children_are_counted_by_age_at_each_quarters_end() -> None:
    rows = [(date(2025, 6, 1), "0 to 4", 3), (SEPTEMBER, "0 to 4", 10), (SEPTEMBER, "5 to 11", 30)]
    young = frame(
        "accommodation child_age least_length count_households",
        ("all", "under 5", "any", 9),
        ("all", "under 5", "over six months", 6),
    )
    made = children.section(
        edition(
            {"stock_children_month": frame("first_day age_band count_children", *rows), "stay_young_children": young}
        )
    )
    assert made is not None
    ages, trend, families = made.figures
    assert ages.title == "40 children were in temporary accommodation on 30 September 2025, 10 of them under 5"
    assert trend.title == "40 children on 30 September 2025, 3 on 30 June 2025"
    assert families.description.endswith("for over six months: 6 of 9.")


def test_decisions_count_by_day_57_among_those_with_a_relief_duty() -> None:
    bands = "by_day_57 day_58_to_71 day_72_to_85 day_86_to_113 after_day_113 without_relief_duty"
    columns = f"first_day count_decisions {bands} median_day"
    rows = [(QUARTER_BEFORE, 30, 6, 24, 0, 0, 0, 0, 60.0), (NOW, 45, 30, 10, 0, 0, 0, 5, 55.0)]
    made = decisions.section(edition({"case_decision_day": frame(columns, *rows)}))
    assert made is not None
    trend, days = made.figures
    assert trend.title == "30 of 40 (75%) main duty decisions of July to September 2025 were made by day 57"
    assert days.title == "Half of the decisions of July to September 2025 were made by day 55"
    assert trend.table is not None
    assert [row[-1] for row in trend.table.rows] == ["20%", "75%"]


def test_every_kind_of_chart_has_upright_words() -> None:
    points = ((NOW, 0.5, "1 of 2", True),)
    assert KINDS["rates"](points)["layer"][0]["encoding"]["x"]["axis"]["labelAngle"] == 0


@pytest.mark.parametrize(
    ("shares", "is_below"),
    # Down to the last point; up to it; down, but to the axis.
    [((0.6, 0.64, 0.51, 0.52), True), ((0.2, 0.3, 0.4, 0.5), False), ((0.1, 0.1, 0.1, 0.0), False)],
)
def test_the_words_of_a_rate_stand_where_its_line_does_not_run(shares: tuple[float, ...], is_below: bool) -> None:
    rows = [(date(2025, 1 + 3 * place, 1), share, "words", False) for place, share in enumerate(shares)]
    words = [layer["mark"]["dy"] for layer in KINDS["rates"](rows)["layer"] if layer["mark"]["type"] == "text"]
    assert words
    assert all((dy > 0) is is_below for dy in words)


def test_names_of_sites_that_nobody_has_confirmed_stand_on_no_page_for_sharing() -> None:
    rows = [(LAST, "all", "all", 40, 30), (LAST, "hostel", "all", 40, 30), (LAST, "all", "withheld", 40, 30)]
    columns = "day ta_type site count_households count_over_six_months"
    made = stays.section(edition({"stay_six_months": frame(columns, *rows)}, internal=False))
    assert made is not None
    assert [figure.ident for figure in made.figures] == ["stays-by-type"]
    assert made.text[-1].endswith("once it has been confirmed.")


def test_nothing_is_compared_with_a_year_before_of_which_the_export_is_not_complete() -> None:
    starts = pl.DataFrame({"subject": ["ta"], "first_quarter": [NOW], "reason": ["Few who left are in the export."]})
    rows = [(LAST_YEAR, "all", "all", 10, 2), (LAST, "all", "all", 40, 30), (LAST, "hostel", "all", 40, 30)]
    columns = "day ta_type site count_households count_over_six_months"
    made = stays.section(edition({"stay_six_months": frame(columns, *rows), "history_start": starts}))
    assert made is not None
    assert made.figures[0].table is not None
    assert [row[-1] for row in made.figures[0].table.rows] == ["[x]", "[x]"]
    placed = placed_out(
        (YEAR_BEFORE, "E09000005", "Brent", "London", 9, 0), (SEPTEMBER, "E09000005", "Brent", "London", 14, 0), out=14
    )
    out = out_of_area.section(edition({**placed, "history_start": starts}))
    assert out is not None
    assert out.figures[0].table is not None
    assert out.figures[0].table.rows[0][-1] == "[x]"
    flows = frame("dimension value first_day opening_stock entries exits stock", ("all", "all", NOW, 9, 4, 1, 12))
    flowed = flow.section(edition({"stock_quarter": flows, "history_start": starts}))
    assert flowed is not None
    assert flowed.figures[0].plan is None, "one quarter alone is a sentence"
