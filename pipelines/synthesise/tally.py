"""The TA tables counted from the stays, where quarters bind each other and a printed cell may have to give way."""

from __future__ import annotations

from collections import Counter

from pipelines.synthesise import codes
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.durations import clash_bands, clash_days, clash_totals, median_and_mean
from pipelines.synthesise.occupants import group_of
from pipelines.synthesise.stock import ALL_KINDS, HEADS, KINDS

_REASON = "the neighbouring quarter of the same caseload leaves no household for it"


def tally(sheet: Sheet, rows: list[Stay], neighbour: str) -> None:
    """Note every printed cell of TA1 to TA8 that the stays miss."""
    placed = [row for row in rows if row.kind != "own"]
    for kind in ALL_KINDS:
        of_kind = [row for row in rows if row.kind == kind]
        if kind in KINDS:
            clash_bands(sheet, rows, kind, sheet.quarter.last_day)
        if of_kind:
            clash_days(sheet, kind, of_kind, *median_and_mean(sheet, kind))
    clash_totals(sheet, rows)
    _one_way(sheet, "TA3", Counter(r.duty for r in placed), group_of, neighbour)
    _one_way(sheet, "TA5", Counter(r.age for r in placed), lambda p: p if p in codes.AGES else "nk", neighbour)
    _one_way(sheet, "TA6", Counter(r.ethnicity for r in placed), codes.ethnicity, neighbour)
    ages: Counter[str | None] = Counter(str(age) for r in placed for age, _ in r.minors)
    ages.update(str(r.own_age) for r in placed if r.age == "16-17")
    _one_way(sheet, "TA8", ages, lambda p: p, neighbour)
    children = sum(r.grown + sum(dep for _, dep in r.minors) for r in placed)
    _note(sheet, "TA1", "Total number of children in TA", children, neighbour)
    bb = HEADS["bb"]
    families = [r for r in placed if r.kind == "bb" and r.household in codes.FAMILIES]
    over = sum(r.over_six_weeks for r in families)
    young = sum(r.kind == "bb" and r.age == "16-17" for r in placed)
    for path in sheet.paths("TA1"):
        if path.startswith(bb) and "16/17" in path:
            _note(sheet, "TA1", path, young, neighbour)
        if path.startswith(bb) and path.endswith("more than 6 weeks"):
            _note(sheet, "TA1", path, over, neighbour)


def _one_way(sheet: Sheet, table: str, counts: Counter[str | None], code: object, neighbour: str) -> None:
    paths = sheet.paths(table)
    if not paths:
        return
    groups: Counter[str] = Counter()
    for path in paths[1:]:
        labels = path.split(" > ")
        if labels[-1].startswith("Total"):
            continue
        reached = counts.get(code(path), 0)  # type: ignore[operator]
        _note(sheet, table, path, reached, neighbour)
        if len(labels) > 1:
            groups[labels[0]] += reached
    for path in paths[1:]:
        labels = path.split(" > ")
        if labels[-1].startswith("Total") and labels[0] in groups:
            _note(sheet, table, path, groups[labels[0]], neighbour)
    _note(sheet, table, paths[0], sum(counts.values()), neighbour)


def _note(sheet: Sheet, table: str, path: str, reached: int, neighbour: str) -> None:
    printed = sheet.count(table, path)
    if printed is not None and printed != reached:
        sheet.clash(table, path, printed, reached, _REASON, [f"{table} of {neighbour}"])
