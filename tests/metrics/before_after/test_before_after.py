"""Prevention before and after an introduction: periods, their boundary days, the interval, and what is shared."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.disclosure.before_after import share
from pipelines.errors import UsageError
from pipelines.link.references import empty_map
from pipelines.metrics import before_after as measure
from pipelines.metrics import history
from pipelines.metrics.before_after import CAUSES, Choice, compare, compared, sentences
from pipelines.metrics.outcomes.build import create_groups
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.transform import create, create_window
from pipelines.warehouse.store import Warehouse
from schemas.codelists import codelist
from tests.transform.warehouse import built, ref

INTRODUCED = date(2024, 4, 1)
QUARTER = Quarter(2025, 3)
Ended = tuple[date, str, str]


def counted(
    *ended: Ended, introduced: date = INTRODUCED, quarter: Quarter = QUARTER
) -> dict[tuple[str, str], dict[str, object]]:
    """The rows by cause and period, of prevention duties by last day, outcome and reason; no gap in history."""
    main, prevention = [], []
    for number, (day, outcome, reason) in enumerate(ended, 1):
        start = day - timedelta(days=30)
        case = {"case_ref": ref(number), "application_date": start, "assess_date": start, "reasonloss": reason}
        main.append(case | {"assess1": "prevention"})
        duty = {"case_ref": ref(number), "prevention_start": start, "prevention_end": day}
        prevention.append(duty | {"prevention_outcome": outcome})
    with built(quarter=quarter, main=main, prevention=prevention) as con:
        create_window(con)
        create_groups(con)
        create(con, "metrics", "outcome_ended")
        history.prepare(con)
        con.execute("update history_start set first_quarter = date '2018-04-01'")
        measure.prepare(con, introduced)
        rows = measure.before_after(con).to_dicts()
    return {(row["cause"], row["period"].removeprefix("months ").removesuffix(" after")): row for row in rows}


def test_the_day_of_introduction_is_the_first_of_the_months_after() -> None:
    days = [date(2023, 3, 31), date(2023, 4, 1), date(2024, 3, 31), date(2024, 4, 1)]
    days += [date(2024, 9, 30), date(2024, 10, 1), date(2025, 3, 31), date(2025, 4, 1), date(2025, 9, 30)]
    found = counted(*[(day, "secured_existing", "family_friends") for day in days])
    ended = {period: row["ended"] for (cause, period), row in found.items() if cause == "family"}
    assert ended == {"12 months before": 2, "1 to 6": 2, "1 to 12": 4, "1 to 18": 6}
    assert found["family", "1 to 18"]["last_day"] == date(2025, 9, 30)


def test_a_period_that_ends_after_the_last_known_day_is_not_yet_reached() -> None:
    # 18 months from 2 April 2024 end with 1 October 2025, a day after the quarter.
    a_day_late = counted((date(2024, 5, 1), "homeless", "family_friends"), introduced=date(2024, 4, 2))
    assert a_day_late["family", "1 to 18"]["state"] == "not yet reached"
    assert a_day_late["family", "1 to 18"]["ended"] is None
    assert a_day_late["family", "1 to 12"]["state"] == "complete"
    in_time = counted((date(2024, 5, 1), "homeless", "family_friends"))
    assert in_time["family", "1 to 18"]["state"] == "complete"


def test_a_month_that_is_shorter_ends_with_its_last_day() -> None:
    found = counted(introduced=date(2024, 8, 31))
    # Six months from 31 August: 28 February is the first day of the seventh.
    assert found["family", "1 to 6"]["last_day"] == date(2025, 2, 27)


def test_causes_are_those_of_the_code_list() -> None:
    extra = {code.code: code.extra["cause"] for code in codelist("reasonloss").codes.values() if code.extra["cause"]}
    assert set(extra.values()) == set(CAUSES)
    day = date(2024, 5, 1)
    found = counted((day, "homeless", "prs_ast"), (day, "homeless", "prs_non_ast"), (day, "homeless", "srs"))
    assert found["private_tenancy", "1 to 6"]["ended"] == 2
    assert found["family", "1 to 6"]["ended"] == 0


def test_prevented_are_those_whose_duty_ended_with_accommodation() -> None:
    day = date(2024, 5, 1)
    outcomes = ["secured_existing", "secured_alternative", "homeless", "contact_lost"]
    row = counted(*[(day, outcome, "family_friends") for outcome in outcomes])["family", "1 to 6"]
    assert (row["ended"], row["prevented"], row["rate"]) == (4, 2, 0.5)


def stated(*counts: tuple[int | None, int | None], state: str = "complete") -> pl.DataFrame:
    """Rows of one cause, the 12 months before first; ended and prevented."""
    periods = ["12 months before", "months 1 to 6 after", "months 1 to 12 after", "months 1 to 18 after"]
    return pl.DataFrame(
        {
            "cause": "family",
            "period_no": number,
            "period": periods[number - 1],
            "first_day": INTRODUCED,
            "last_day": INTRODUCED,
            "ended": ended,
            "prevented": prevented,
            "state": state,
        }
        for number, (ended, prevented) in enumerate(counts, 1)
    )


def test_the_interval_is_newcombes() -> None:
    # Newcombe 1998, Table II, example (a): 56 of 70 less 48 of 80, method 10: 0.0524 to 0.3339.
    row = compared(stated((80, 48), (70, 56))).to_dicts()[1]
    assert (row["difference"], row["difference_low"], row["difference_high"]) == (0.2, 0.0524, 0.3339)


def test_what_is_not_complete_is_compared_with_nothing_and_says_so() -> None:
    frame = compared(stated((80, 48), (70, 56), state="records not complete"))
    assert frame["difference"].null_count() == 2
    assert frame["rate"].to_list() == [0.6, 0.8]
    assert "records are not complete that far back" in sentences(frame)[1]


def test_a_sentence_says_whether_it_may_be_chance() -> None:
    sure, unsure = (sentences(compared(stated((80, 48), after)))[1] for after in ((70, 56), (70, 44)))
    assert "56 of 70 prevention duties" in sure and "+20 percentage points" in sure
    assert "(95% interval +5.2 to +33.4): more than chance would do" in sure
    assert "it may be chance" in unsure


def test_nothing_ended_is_no_rate_of_0() -> None:
    frame = compared(stated((80, 48), (0, 0)))
    assert frame["rate"].to_list() == [0.6, None]
    assert sentences(frame)[1].endswith("no prevention duty ended.")


def test_what_is_shared_is_rounded_and_the_rates_are_those_of_the_rounded_counts() -> None:
    frame = compared(share(stated((83, 48), (72, 53), (20, 18), (17, 9))))
    assert frame.select("ended", "prevented").rows() == [(85, 50), (70, 55), (None, None), (None, None)]
    assert frame["rate"].to_list() == [0.5882, 0.7857, None, None]
    assert sentences(frame)[2].endswith("too few for sharing.")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("before_after") / "w.duckdb"
    sections = make_cases(
        40, authority="E06000034", neighbour="E07000070", first_day=date(2025, 1, 1), last_day=QUARTER.last_day, seed=2
    )
    run = {"run_id": "r", "la_code": "E06000034", "quarter": str(QUARTER), "as_at": QUARTER.last_day, "result": "clean"}
    with Warehouse(path) as opened:
        opened.freeze(run, sections, empty_map())
    return path


def test_a_day_within_a_quarter_is_refused_for_sharing(warehouse: Path) -> None:
    with pytest.raises(UsageError, match="first day of a quarter"):
        compare(Choice(warehouse, date(2024, 4, 2), internal=False))


def test_the_command_writes_a_file_and_says_what_stands_in_it(warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "before_after.csv"
    asked = ["before-after", "--cause", "family", "--from", "2025-01-01", "--warehouse", str(warehouse)]
    done = CliRunner().invoke(app, [*asked, "--out", str(out)])
    assert done.exit_code == 0, done.output
    frame = pl.read_csv(out)
    assert frame["cause"].unique().to_list() == ["family"]
    assert frame["state"].to_list()[-1] == "not yet reached"
    assert "months 1 to 18 after (2025-01-01 to 2026-06-30): not yet reached." in " ".join(done.output.split())
