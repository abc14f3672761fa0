"""From which quarter on an export is whole: known exports, and exports cut as systems cut them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.link.references import empty_map
from pipelines.metrics import history
from pipelines.metrics.editions import Edition
from pipelines.metrics.emit import prepare_metrics
from pipelines.metrics.history import Came, starts_of
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build, create_window
from pipelines.warehouse.store import Warehouse

LA = "E06000034"
LAST = Quarter(2025, 3)
FIRST = Quarter(2023, 1)


def quarters(*came_and_went: tuple[int, int]) -> list[Came]:
    """The last quarters up to July to September 2025."""
    first = LAST.shift(1 - len(came_and_went))
    return [Came(first.shift(place).first_day, came, went) for place, (came, went) in enumerate(came_and_went)]


def begins(*came_and_went: tuple[int, int]) -> str:
    """The quarter in which applications begin; duties and stays are whole."""
    whole = quarters(*[(50, 45)] * len(came_and_went))
    found = starts_of({"applications": quarters(*came_and_went), "duties_ended": whole, "ta": whole}, LAST.last_day)
    return str(Quarter.containing(found["applications"].first_quarter))


@pytest.mark.parametrize(
    ("what", "expected", "came_and_went"),
    [
        ("all that ever happened", "2024-Q1", [(60, 50), (55, 57), (62, 60), (58, 61), (60, 55), (59, 60), (61, 58)]),
        (
            "closed cases from October 2024 on",
            "2024-Q4",
            [(30, 0), (35, 2), (40, 5), (60, 52), (61, 60), (59, 55), (60, 61)],
        ),
        ("live cases alone", "2025-Q3", [(10, 0), (14, 0), (19, 0), (25, 0), (31, 0), (44, 0), (55, 0)]),
        # 18 of 54 are a third and no fewer; 17 are.
        ("a third", "2024-Q1", [(54, 18)] * 7),
        ("fewer than a third, once", "2025-Q1", [(54, 18)] * 3 + [(54, 17)] + [(54, 18)] * 3),
        # Of 8 who came 1 went: too few to say anything, and with the quarters after it is no fewer than a third.
        ("few at a time", "2024-Q1", [(8, 5), (9, 3), (8, 1), (7, 6), (8, 5), (9, 4), (8, 5)]),
        # None of 17 is no chance, few as they are.
        (
            "few at a time, and none that went",
            "2025-Q1",
            [(9, 0), (12, 0), (11, 0), (17, 0), (12, 6), (11, 7), (13, 8)],
        ),
        # The system was brought in during a quarter: its first quarter is a part.
        ("a system that set in", "2024-Q2", [(12, 8), (55, 40), (60, 50), (58, 61), (60, 55), (59, 60), (61, 58)]),
        ("nothing before a quarter", "2024-Q4", [(0, 0), (0, 0), (0, 0), (58, 40), (60, 55), (59, 60), (61, 58)]),
    ],
)
def test_series_begin_after_the_last_quarter_of_which_few_went(
    what: str, expected: str, came_and_went: list[tuple[int, int]]
) -> None:
    assert begins(*came_and_went) == expected, what


def test_duties_and_stays_begin_no_earlier_than_their_cases() -> None:
    live = quarters(*[(30, 2)] * 5, (60, 40), (60, 50))
    whole = quarters(*[(50, 45)] * 7)
    found = starts_of({"applications": live, "duties_ended": whole, "ta": whole}, LAST.last_day)
    assert {start.first_quarter for start in found.values()} == {date(2025, 4, 1)}
    assert "fewer than a third" in found["ta"].reason


def test_stocks_are_complete_from_the_day_before_where_whoever_went_later_is_there() -> None:
    live = quarters(*[(30, 2)] * 5, (60, 40), (60, 50))
    whole = quarters(*[(50, 45)] * 7)
    nobody_left = quarters(*[(50, 0)] * 7)
    found = starts_of({"applications": live, "duties_ended": whole, "ta": nobody_left}, LAST.last_day)
    assert found["applications"].stock_from == date(2025, 3, 31)
    # Of those who went nobody is there: only the last day is sure.
    assert found["ta"].stock_from == LAST.last_day
    # An export that begins with what was applied for since a day lacks who was there before.
    begun = starts_of(dict.fromkeys(history.SUBJECTS, quarters((0, 0), *[(50, 45)] * 6)), LAST.last_day)
    assert begun["applications"].stock_from == begun["applications"].first_quarter == date(2024, 4, 1)


Sections = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def everything() -> Sections:
    """All cases of three years."""
    return make_cases(
        330, authority=LA, neighbour="E07000070", first_day=FIRST.first_day, last_day=LAST.last_day, seed=3
    )


def opened(sections: Sections) -> Warehouse:
    """A warehouse in memory with one run of these sections, its marts made."""
    warehouse = Warehouse(None)
    run = {"run_id": "run", "la_code": LA, "quarter": str(LAST), "as_at": LAST.last_day, "result": "clean"}
    warehouse.freeze(run, sections, empty_map())
    build(warehouse.connection, run_id="run", la_code=LA, quarter=LAST, as_at=LAST.last_day)
    return warehouse


def start_of(sections: Sections) -> dict[str, str]:
    with opened(sections) as warehouse:
        create_window(warehouse.connection)
        history.prepare(warehouse.connection)
        found = history.starts(warehouse.connection)
    return {subject: str(Quarter.containing(start.first_quarter)) for subject, start in found.items()}


def cut(sections: Sections, gone: str) -> Sections:
    """The same without the cases of which a condition on ``households`` is true."""
    with opened(sections) as warehouse:
        refs = warehouse.connection.execute(f"select case_ref from households where {gone}").pl()["case_ref"]
    return {name: frame.filter(~pl.col("case_ref").is_in(refs.implode())) for name, frame in sections.items()}


def test_all_that_ever_happened_is_whole_but_for_the_first_quarter(everything: Sections) -> None:
    # Whoever applied first had no time to leave: the stock fills in the first quarter.
    assert set(start_of(everything).values()) == {"2023-Q2"}


def test_an_export_of_what_is_live_or_closed_since_a_day_is_whole_from_there(everything: Sections) -> None:
    live = cut(everything, "case_closed_date < date '2025-01-01'")
    assert start_of(live)["applications"] == "2025-Q1"


def test_an_export_of_live_cases_alone_has_no_history(everything: Sections) -> None:
    live = cut(everything, "case_closed_date is not null")
    assert start_of(live)["applications"] == "2025-Q3"


def test_the_shareable_edition_says_where_series_begin(everything: Sections) -> None:
    with opened(cut(everything, "case_closed_date < date '2025-01-01'")) as warehouse:
        prepare_metrics(warehouse.connection)
        frames = [Edition(warehouse.connection, internal=one).table("history_start") for one in (True, False)]
    assert frames[0].select("subject", "first_quarter", "stock_from", "reason").equals(frames[1].drop("note"))
    (reason,) = frames[0].filter(pl.col("subject") == "applications")["reason"]
    assert reason.startswith("The export is complete from January to March 2025 on.")
