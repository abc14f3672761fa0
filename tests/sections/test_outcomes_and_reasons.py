"""Outcomes with their bases, and main reasons with their ranks a year before."""

from __future__ import annotations

import polars as pl

from pipelines.emit.pages.sections import outcomes, reasons
from pipelines.emit.pages.sections.reading import Shares
from tests.sections.editions import NOW, QUARTER_BEFORE, YEAR_BEFORE, edition


def ended(*rows: tuple[object, ...], note: str = "") -> dict[str, pl.DataFrame]:
    columns = ["duty", "first_day", "outcome_group", "count_cases"]
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        note=pl.when(pl.col("count_cases").is_null()).then(pl.lit("suppressed")).otherwise(pl.lit(note))
    )
    return {"outcome_quarter": frame}


def test_a_rate_is_said_with_its_base_and_with_the_quarter_before() -> None:
    made = outcomes.section(
        edition(
            ended(
                ("relief", QUARTER_BEFORE, "all", 80),
                ("relief", QUARTER_BEFORE, "accommodated", 20),
                ("relief", NOW, "all", 48),
                ("relief", NOW, "accommodated", 24),
                ("relief", NOW, "56 days elapsed", 24),
            )
        )
    )
    assert made is not None
    trend, endings = made.figures
    assert trend.title == (
        "24 of 48 (50%) relief duties ended with accommodation secured; 20 of 80 (25%) in April to June 2025"
    )
    assert trend.table is not None
    assert trend.table.rows[-1] == ("July to September 2025", "48", "24", "50%")
    assert endings.table is not None
    assert endings.table.rows[-1] == ("All", "48", "100%")


def test_a_percentage_of_fewer_than_twenty_is_marked_and_not_said_in_a_title() -> None:
    made = outcomes.section(
        edition(
            ended(
                ("prevention", QUARTER_BEFORE, "all", 20),
                ("prevention", QUARTER_BEFORE, "accommodated", 5),
                ("prevention", NOW, "all", 19),
                ("prevention", NOW, "accommodated", 10),
                ("prevention", NOW, "homeless", 9),
            )
        )
    )
    assert made is not None
    trend = made.figures[0]
    assert trend.title.startswith("10 of 19 prevention duties ended with accommodation secured; 5 of 20 (25%)")
    assert trend.table is not None
    assert [row[-1] for row in trend.table.rows] == ["25%", "(53%)"]


def test_where_a_figure_is_left_out_a_sentence_stands_instead_of_a_chart() -> None:
    made = outcomes.section(
        edition(
            ended(
                ("relief", QUARTER_BEFORE, "all", 30),
                ("relief", QUARTER_BEFORE, "accommodated", None),
                ("relief", NOW, "all", 30),
                ("relief", NOW, "accommodated", None),
            ),
            internal=False,
        )
    )
    assert made is not None
    for figure in made.figures:
        assert figure.plan is None
        assert figure.description.startswith("There is no chart: ")
        assert figure.table is not None
        assert "[c]" in figure.table.rows[0]


def reason_rows(*rows: tuple[object, ...], owed: int) -> dict[str, pl.DataFrame]:
    columns = ["first_day", "reasonloss", "label", "count_cases", "rank_no", "rank_no_year_before", "note"]
    plans = pl.DataFrame({"first_day": [NOW], "team": ["all"], "owed_a_duty": [owed], "note": [""]})
    return {"reason_quarter": pl.DataFrame(rows, schema=columns, orient="row"), "case_plans": plans}


def test_the_main_reason_is_said_with_its_place_a_year_before() -> None:
    made = reasons.section(
        edition(
            reason_rows(
                (YEAR_BEFORE, "family", "Family no longer willing", 10, 3, None, ""),
                (NOW, "prs", "End of tenancy", 14, 2, None, ""),
                (NOW, "family", "Family no longer willing", 26, 1, 3, ""),
                owed=40,
            )
        )
    )
    assert made is not None
    (figure,) = made.figures
    assert figure.title == "Family no longer willing is the main reason, third a year before: 26 of 40 (65%)"
    assert figure.table is not None
    assert figure.table.rows == (
        ("Family no longer willing", "26", "65%", "1", "3", "10"),
        ("End of tenancy", "14", "35%", "2", "None", "0"),
    )
    assert figure.plan is not None
    assert [bar[-1] for bar in figure.plan.args[0]] == ["▲ rank 1, from 3", "no household a year before"]


def test_reasons_as_frequent_as_each_other_are_not_named_in_part() -> None:
    rows = [(NOW, code, f"Reason {code}", 15, 1, None, "") for code in "abc"]
    made = reasons.section(edition(reason_rows(*rows, owed=130), internal=False))
    assert made is not None
    assert made.figures[0].title == "Three main reasons are as frequent as each other: 15 of 130 (12%) each"
    assert any("rounding alone" in said for said in made.text)


def test_without_records_of_the_year_before_no_reason_is_called_new() -> None:
    made = reasons.section(edition(reason_rows((NOW, "prs", "End of tenancy", 15, 1, None, ""), owed=15)))
    assert made is not None
    assert "no household of July to September 2024 is on record" in made.text[-1]
    (figure,) = made.figures
    assert figure.table is not None
    assert figure.table.rows == (("End of tenancy", "15", "(100%)", "1", "[x]", "[x]"),)


def test_series_begin_where_the_export_is_complete_and_say_why() -> None:
    why = "Before July 2025 few cases that closed are in the export."
    starts = pl.DataFrame(
        {"subject": ["duties_ended", "applications"], "first_quarter": [NOW, NOW], "reason": [why, why]}
    )
    counts = [("relief", day, group, 30) for day in (QUARTER_BEFORE, NOW) for group in ("all", "accommodated")]
    made = outcomes.section(edition({**ended(*counts), "history_start": starts}))
    assert made is not None
    assert made.text[-1] == why
    table = made.figures[0].table
    assert table is not None
    assert [row[0] for row in table.rows] == ["July to September 2025"]
    rows = reason_rows(
        (YEAR_BEFORE, "prs", "End of tenancy", 2, 1, None, ""), (NOW, "prs", "End of tenancy", 15, 1, 1, ""), owed=15
    )
    reasoned = reasons.section(edition({**rows, "history_start": starts}))
    assert reasoned is not None
    assert reasoned.text[-1] == why
    assert "a year before" not in reasoned.figures[0].title


def test_a_count_that_is_rounded_to_0_is_not_said_to_be_0() -> None:
    assert Shares(internal=False).of(0, 230) == "0 to 4 of 230"
    assert Shares(internal=True).of(0, 230) == "0 of 230 (0%)"


def test_of_rounded_counts_a_share_is_said_from_a_hundred_on() -> None:
    counts = [
        *(("relief", QUARTER_BEFORE, group, count) for group, count in (("all", 100), ("accommodated", 30))),
        *(("relief", NOW, group, count) for group, count in (("all", 95), ("accommodated", 25), ("homeless", 5))),
    ]
    made = outcomes.section(edition(ended(*counts), internal=False))
    assert made is not None
    trend, endings = made.figures
    assert trend.title.startswith("25 of 95 relief duties ended with accommodation secured; 30 of 100 (30%) in")
    assert trend.plan is None, "half of the points are of few"
    assert endings.table is not None
    assert endings.table.rows[0][-1] == "(26%)"
