"""Caseload: open cases, new and closed ones, decisions, as counted by the metrics of caseload."""

from __future__ import annotations

import duckdb

from pipelines.emit.pages.figures import ALL, Figures, dicts
from pipelines.emit.pages.words import STAGES
from pipelines.period import Quarter


def read_caseload(con: duckdb.DuckDBPyConnection, figures: Figures, since: Quarter) -> None:
    """Add the counts from the quarter ``since`` on."""
    counts, first = figures.counts, max(figures.months[0], since.first_day)
    open_cases = dicts(
        con,
        "select first_day, team, officer, stage, open_cases from case_open_month where first_day >= $first"
        " and (officer = 'all' or first_day = $last)",
        first=first,
        last=figures.last_month,
    )
    officers: dict[str, dict[str, int]] = {}
    teams: dict[str, int] = {}
    for row in open_cases:
        is_last = row["first_day"] == figures.last_month
        if row["officer"] != ALL:
            officers.setdefault(row["officer"], {})[row["stage"]] = row["open_cases"]
        elif row["team"] == ALL or is_last:
            counts["open", row["first_day"], row["team"], row["stage"]] = row["open_cases"]
            if row["team"] != ALL and row["stage"] == ALL:
                teams[row["team"]] = row["open_cases"]
    figures.teams = tuple(sorted(team for team, cases in teams.items() if cases))
    for team, cases in teams.items():
        # A team without open cases says nothing and would only lengthen the table.
        if not cases:
            for stage in (*STAGES, ALL):
                counts.pop(("open", figures.last_month, team, stage), None)
    ages = {
        (row["team"], row["officer"]): row["median_age_days"]
        for row in dicts(con, "select team, officer, median_age_days from case_age where stage = 'all'")
    }
    for team in (*figures.teams, ALL):
        if (age := ages.get((team, ALL))) is not None:
            figures.add_amount(("age", team), age, ("open", figures.last_month, team, ALL))
    figures.officers = tuple(
        (officer, stages, ages.get((ALL, officer)))
        for officer, stages in sorted(officers.items(), key=lambda item: (-item[1].get(ALL, 0), item[0]))
        if stages.get(ALL)
    )
    for row in dicts(
        con, "select * from case_flow_month where team = 'all' and first_day >= $first order by first_day", first=first
    ):
        for name in ("arrivals", "closures"):
            counts[name, row["first_day"]] = row[name]
    for row in dicts(con, "select * from case_watch_month where first_day >= $first", first=first):
        counts["past_56", row["first_day"]] = row["relief_past_56_days"]
        counts["undecided", row["first_day"]] = row["in_ta_without_decision"]
    decided = {row["first_day"]: row for row in dicts(con, "select * from case_decision_day")}
    ended = {row["first_day"]: row for row in dicts(con, "select * from case_first_stage_quarter")}
    for quarter in (quarter for quarter in figures.quarters if quarter >= since):
        row = decided.get(quarter.first_day, {"count_decisions": 0, "by_day_57": 0, "without_relief_duty": 0})
        counts["decisions", quarter] = row["count_decisions"] - row["without_relief_duty"]
        counts["by_day_57", quarter] = row["by_day_57"]
        row = ended.get(quarter.first_day, {"prevention_ended": 0, "prevented": 0})
        counts["prevention_ended", quarter] = row["prevention_ended"]
        counts["prevented", quarter] = row["prevented"]
