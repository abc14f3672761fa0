"""One known change at a time: of every cell that differs by it the reason given is true, or it is called unknown.

A wrong reason is worse than none. The changes are made to an invented authority whose tables equal its published row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest

from pipelines.emit.tables.readings import CODED, ONLY_HERE, ONLY_IN_PRINT
from pipelines.emit.tables.reasons import DEFECT, FOLLOWS, RETIRED, UNKNOWN
from pipelines.emit.tables.suppositions import BOUNDARY, CHANGED, LATE, LEFT_FOR_ERRORS, LEFT_OUT, NEVER_CLOSED, TWICE
from pipelines.transform.selection import HAS_ERRORS
from tests.tables.known_changes import (
    CUT_OFF,
    FIRST,
    LAST,
    NEW,
    Change,
    alter,
    assessed,
    change,
    compared,
    copy,
    drop,
    ended,
    housed,
    invented,
    of,
    put,
    rows,
)

Make = Callable[[], Change]
CHANGES: list[tuple[Make, float]] = []


def known(at_least: float) -> Callable[[Make], Make]:
    """Register a change; at least this share of its differing counts has to be told, whether by a reason or a fact."""

    def register(make: Make) -> Make:
        CHANGES.append((make, at_least))
        return make

    return register


@known(1)
def a_case_removed() -> Change:
    made = change(ONLY_IN_PRINT)
    drop(made, assessed(made))
    return made


@known(1)
def a_case_removed_and_the_edition_is_a_fix() -> Change:
    made = change(ONLY_IN_PRINT, edition="fix")
    drop(made, assessed(made))
    return made


@known(1)
def a_case_removed_that_an_earlier_run_had() -> Change:
    made = change(CHANGED.name, earlier=invented())
    made.named = assessed(made)
    drop(made, made.named)
    return made


@known(1)
def a_placement_removed() -> Change:
    made = change(ONLY_IN_PRINT)
    ref = housed(made)
    placed = rows(made, "temporary_accommodation")
    made.sections["temporary_accommodation"] = placed.filter(pl.col("case_ref") != ref)
    return made


@known(1)
def a_stay_closed_just_before_the_end() -> Change:
    made = change(BOUNDARY.name, ONLY_IN_PRINT)
    put(made, "temporary_accommodation", "exit_date", LAST - timedelta(days=3), housed(made))
    return made


@known(1)
def a_stay_closed_a_month_before_the_end() -> Change:
    made = change("stay that ended in the quarter", ONLY_IN_PRINT)
    put(made, "temporary_accommodation", "exit_date", LAST - timedelta(days=30), housed(made, ta_type="la_ha"))
    return made


@known(1)
def a_stay_that_ended_never_closed() -> Change:
    made = change(NEVER_CLOSED.name, ONLY_HERE)
    made.sections = dict(invented())
    ref = ended(made, "final_duties", "main_duty_end")
    row = rows(made, "temporary_accommodation").head(1)
    more = row.with_columns(
        case_ref=pl.lit(ref),
        entry_date=pl.lit(date(2024, 2, 1)),
        ta_type=pl.lit("psl"),
        placement_no=pl.lit(1, pl.Int64),
    ).cast(dict(row.schema))
    made.sections["temporary_accommodation"] = pl.concat([rows(made, "temporary_accommodation"), more])
    made.named = ref
    return made


@known(1)
def another_reason_for_the_loss() -> Change:
    made = change(CODED)
    made.named = assessed(made)
    reason = of(made, "main", "reasonloss", made.named)
    put(made, "main", "reasonloss", "relationship" if reason != "relationship" else "other", made.named)
    return made


@known(1)
def a_retired_code() -> Change:
    made = change(RETIRED)
    made.named = assessed(made, reasonloss="da_victim")
    put(made, "main", "reasonloss", "da", made.named)
    return made


@known(1)
def a_case_removed_where_another_has_a_retired_code() -> Change:
    made = a_retired_code()
    made.true, made.named = frozenset({ONLY_IN_PRINT}), ""
    for path, by in (("Victim", -1), ('Retired "Domestic abuse" option', 1)):
        alter(made, "A2R", f"Domestic abuse > {path}", by)
    drop(made, assessed(made, reasonloss="prs_ast"))
    return made


@known(1)
def another_accommodation() -> Change:
    made = change(CODED)
    made.named = assessed(made)
    held = of(made, "main", "currentaccom", made.named)
    put(made, "main", "currentaccom", "prs_self" if held != "prs_self" else "family", made.named)
    return made


@known(1)
def another_sex_and_so_another_household_type() -> Change:
    made = change(CODED)
    ref = housed(made)
    sex = of(made, "people", "sex", ref, relationship="main_applicant")
    put(made, "people", "sex", "female" if sex == "male" else "male", ref, relationship="main_applicant")
    return made


@known(1)
def another_ethnicity() -> Change:
    made = change(CODED)
    made.named = housed(made)
    held = of(made, "people", "ethnicity", made.named, relationship="main_applicant")
    value = "black_african" if held != "black_african" else "white_british"
    put(made, "people", "ethnicity", value, made.named, relationship="main_applicant")
    return made


@known(1)
def another_birth_and_so_another_age_band() -> Change:
    made = change(CODED)
    made.named = assessed(made)
    born = of(made, "people", "date_of_birth", made.named, relationship="main_applicant")
    moved = born.replace(year=born.year - 20 if born.year > 1975 else born.year + 20, day=1)
    put(made, "people", "date_of_birth", moved, made.named, relationship="main_applicant")
    return made


@known(1)
def an_assessment_moved_behind_the_last_day() -> Change:
    made = change(BOUNDARY.name, ONLY_IN_PRINT)
    late = rows(made, "main").filter(pl.col("assess_date") <= LAST, assess1="relief").sort("assess_date", "case_ref")
    put(made, "main", "assess_date", LAST + timedelta(days=3), str(late["case_ref"][-1]))
    return made


@known(1)
def an_assessment_moved_before_the_first_day() -> Change:
    made = change(BOUNDARY.name, ONLY_IN_PRINT)
    put(made, "main", "assess_date", FIRST - timedelta(days=2), assessed(made))
    return made


@known(1)
def an_assessment_moved_into_the_quarter() -> Change:
    made = change(BOUNDARY.name, ONLY_HERE)
    early = rows(made, "main").filter(pl.col("assess_date") < FIRST, assess1="relief")["case_ref"].sort()[0]
    put(made, "main", "assess_date", FIRST, str(early))
    return made


@known(1)
def a_relief_ending_moved_behind_the_last_day() -> Change:
    made = change(BOUNDARY.name, ONLY_IN_PRINT)
    put(made, "relief", "relief_end", LAST + timedelta(days=2), ended(made, "relief", "relief_end"))
    return made


@known(1)
def a_decision_moved_behind_the_last_day() -> Change:
    # A decision that is not made yet: the duty of its placement is another too.
    made = change(BOUNDARY.name, ONLY_IN_PRINT, CODED)
    put(
        made,
        "final_duties",
        "main_decision_date",
        LAST + timedelta(days=2),
        ended(made, "final_duties", "main_decision_date"),
    )
    return made


@known(1)
def a_case_recorded_late() -> Change:
    made = change(LATE.name)
    copy(made, assessed(made), born_on=date(1990, 1, 1), recorded_date=CUT_OFF + timedelta(days=1))
    made.named = NEW
    return made


@known(1)
def a_case_recorded_late_and_another_removed() -> Change:
    made = change(LATE.name, ONLY_IN_PRINT, DEFECT)
    first, made.named = assessed(made, reasonloss="da_victim"), NEW
    copy(made, first, born_on=date(1990, 1, 1), recorded_date=CUT_OFF + timedelta(days=1))
    drop(made, assessed(made, reasonloss="prs_ast"))
    return made


@known(1)
def a_household_with_own_arrangements_instead_of_a_hostel() -> Change:
    made = change(CODED)
    made.named = housed(made, ta_type="hostel")
    put(made, "temporary_accommodation", "ta_type", "own", made.named)
    return made


@known(1)
def a_case_that_stands_twice() -> Change:
    made = change(TWICE.name)
    copy(made, assessed(made))
    return made


@known(1)
def a_case_that_should_not_be_there() -> Change:
    made = change(ONLY_HERE)
    copy(made, assessed(made), born_on=date(1990, 1, 1))
    made.named = NEW
    return made


@known(1)
def a_case_left_out_by_force() -> Change:
    made = change(LEFT_OUT.name)
    made.named = assessed(made)
    made.forced = [(made.named, "exclude", "not ours")]
    return made


@known(1)
def a_case_left_out_for_its_errors() -> Change:
    made = change(LEFT_FOR_ERRORS.name)
    made.named = housed(made)
    made.forced = [(made.named, "exclude", f"{HAS_ERRORS}the supplier is at it")]
    return made


@known(1)
def another_type_of_accommodation() -> Change:
    made = change(CODED)
    made.named = housed(made, ta_type="la_ha")
    put(made, "temporary_accommodation", "ta_type", "nightly", made.named)
    return made


@known(1)
def another_duty_of_the_placement() -> Change:
    made = change(CODED)
    made.named = housed(made, taduty="s188_1")
    put(made, "temporary_accommodation", "taduty", "s189b_2", made.named)
    return made


@known(1)
def another_district() -> Change:
    made = change(CODED)
    made.named = housed(made, ta_la="E06000017")
    put(made, "temporary_accommodation", "ta_la", "E07000220", made.named)
    return made


@known(1)
def prevention_instead_of_relief() -> Change:
    made = change(CODED)
    put(made, "main", "assess1", "prevention", assessed(made))
    return made


@known(1)
def no_duty_instead_of_relief() -> Change:
    made = change(CODED)
    put(made, "main", "assess1", "not_threatened_56", assessed(made))
    return made


@known(0)
def one_more_support_need() -> Change:
    made = change(CODED)
    needs = rows(made, "support_needs")
    more = pl.DataFrame([(assessed(made), "old_age")], schema=needs.schema, orient="row")
    made.sections["support_needs"] = pl.concat([needs, more])
    return made


@known(0)
def one_more_child_in_accommodation() -> Change:
    made = change(CODED)
    ref = housed(made)
    people = rows(made, "people")
    child = people.filter(case_ref=ref, relationship="main_applicant").with_columns(
        person_no=pl.lit(9, people.schema["person_no"]),
        relationship=pl.lit("dependent_child"),
        date_of_birth=pl.lit(date(2020, 5, 1)),
        dependent=pl.lit(True),
    )
    made.sections["people"] = pl.concat([people, child])
    return made


@known(1)
def a_total_printed_wrong() -> Change:
    made = change(DEFECT)
    alter(made, "A6", "Total owed a prevention or relief duty", 2)
    return made


@known(1)
def a_part_printed_wrong() -> Change:
    made = change(DEFECT)
    alter(made, "A6", "25-34", 1)
    return made


@known(1)
def a_figure_printed_wrong_in_every_table_of_it() -> Change:
    made = change(DEFECT)
    alter(made, "TA1", "Total number of households in TA", -1)
    return made


@known(0)
def a_part_printed_as_more_than_its_whole() -> Change:
    made = change(DEFECT)
    alter(
        made,
        "TA1",
        "Bed and breakfast hotels (including shared annexes) > Total with 16/17-year-old main applicant",
        20,
    )
    return made


@known(1)
def a_share_printed_wrong() -> Change:
    made = change(DEFECT)
    alter(made, "A6", "25-34", 0.2, "percent")
    return made


@known(1)
def a_case_removed_and_a_total_printed_wrong() -> Change:
    made = change(ONLY_IN_PRINT, DEFECT)
    alter(made, "A6", "Total owed a prevention or relief duty", 2)
    drop(made, assessed(made))
    return made


@known(0)
def a_figure_printed_wrong_that_no_sum_tests() -> Change:
    made = change(DEFECT)
    alter(made, "TA1", "Total number of children in TA", 3)
    return made


IDS = [make.__name__ for make, _ in CHANGES]


@pytest.mark.parametrize(("make", "at_least"), CHANGES, ids=IDS)
def test_the_reason_given_is_the_true_one_or_it_is_called_unknown(make: Make, at_least: float) -> None:
    made = make()
    found = compared(made)
    differing = found.differing.filter(~(pl.col("table") == "A13"))
    assert differing.height, "the change changes nothing"
    said = differing.with_columns(kind=pl.col("reason_kind").str.split("; ")).explode("kind")
    wrong = said.filter(~pl.col("kind").is_in([*made.true, FOLLOWS, UNKNOWN]))
    assert wrong.select("table", "column_path", "measure", "difference", "reason").rows() == []
    counts = differing.filter(pl.col("measure") == "count")
    told = counts.filter(pl.col("left") == 0).height
    assert told >= at_least * counts.height, counts.filter(pl.col("left") != 0)["reason"].to_list()
    if made.named:
        assert made.named in set(found.cases["case_ref"])
