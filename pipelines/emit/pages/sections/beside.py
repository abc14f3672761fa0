"""The authority beside its neighbours, its region and England, in the figures that MHCLG has published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines import shown
from pipelines.emit.pages.parts import Figure, Section, Table, plan
from pipelines.emit.pages.sections.reading import ordinal
from pipelines.emit.pages.words import UNKNOWN_MARK
from pipelines.period import Quarter
from pipelines.published.cells import SUPPRESSED

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

SUBJECTS = {
    "ta_rate": "In temporary accommodation",
    "homeless_rate": "Assessed as homeless",
    "threatened_rate": "Threatened with homelessness",
    "share_prevented": "Homelessness prevented",
    "share_relieved": "Homelessness relieved",
}
"""Measures with a chart, in words for a title; all stand in the table."""

KINDS = {"authority": 0, "neighbour": 1, "region": 2, "England": 3}
MARKS = {SUPPRESSED: "[c]", "not applicable": "[z]"}


def section(edition: Edition) -> Section | None:
    """A chart of some measures and a table of all; of published figures only, so both editions say the same."""
    found = edition.published
    if found is None:
        return None
    rows, source = found
    rows = rows.filter(pl.col("quarter") == pl.col("quarter").max())
    quarter = Quarter.parse(rows["quarter"][0])
    made = [figure for name in SUBJECTS if (figure := _figure(rows.filter(measure=name), quarter)) is not None]
    made.append(_every(rows, quarter))
    text = [
        f"MHCLG’s published figures for {quarter.words}. They can differ from the other figures of this page, which"
        " come from the council’s own records as they stand today.",
    ]
    neighbours = rows.filter(area_kind="neighbour")["area"].unique(maintain_order=True).to_list()
    if neighbours:
        text.append(f"Neighbours: {', '.join(neighbours)}. The list is that of {source}.")
    else:
        how = " Give hclic run one with --neighbours." if edition.internal else ""
        text.append(f"There are no neighbours: no list of them was given.{how}")
    return Section("beside-others", "Beside neighbours, region and England", tuple(text), tuple(made))


def _figure(rows: pl.DataFrame, quarter: Quarter) -> Figure | None:
    known = [row for row in rows.iter_rows(named=True) if row["value"] is not None]
    own = next((row for row in known if row["area_kind"] == "authority"), None)
    if own is None or len(known) < 2:
        return None
    known.sort(key=lambda row: (KINDS[row["area_kind"]] > 1, -row["value"] if KINDS[row["area_kind"]] < 2 else 0))
    bars = [(row["area"], row["value"], _said(row), KINDS[row["area_kind"]]) for row in known]
    title = f"{SUBJECTS[own['measure']]}: {own['area']} {_said(own)}{_against(own, known)}"
    if own["rank_no"] is not None:
        place = "" if own["rank_no"] == 1 else f"{ordinal(own['rank_no'])} "
        title += f"; {place}highest of {own['ranked_areas']} with its neighbours"
    said = f"Bar chart of published figures for {quarter.words}, one bar for each area: {own['label']}. {title}."
    ident = f"beside-{own['measure'].replace('_', '-')}"
    what = f"{own['label']}, published for {quarter.words}"
    return Figure(ident, title, said, plan("peers", bars), None, what)


def _against(own: dict[str, Any], known: list[dict[str, Any]]) -> str:
    """``, above England’s 5.48``; empty where nothing is published for England."""
    for row in known:
        if row["area_kind"] == "England":
            if _said(row) == _said(own):
                return ", as England"
            return f", {'above' if own['value'] > row['value'] else 'below'} England’s {_said(row)}"
    return ""


def _said(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return MARKS.get(row["note"], UNKNOWN_MARK)
    if row["unit"] == "fraction":
        return shown.percentage(row["value"])
    # As printed: MHCLG gives rates to two places.
    return f"{shown.rounded(row['value'], 2)}" if row["unit"].startswith("rate") else shown.count(row["value"])


def _every(rows: pl.DataFrame, quarter: Quarter) -> Figure:
    areas = sorted(
        rows.select("area_kind", "la_code", "area").unique(maintain_order=True).rows(), key=lambda area: KINDS[area[0]]
    )
    cells = {(row["measure"], row["la_code"]): _said(row) for row in rows.iter_rows(named=True)}
    table = Table(
        f"Published figures for {quarter.words}",
        ("Measure", *(area for _, _, area in areas)),
        tuple(
            (label, *(cells[measure, code] for _, code, _ in areas))
            for measure, label in rows.select("measure", "label").unique(maintain_order=True).rows()
        ),
    )
    title = f"All measures that MHCLG published for {quarter.words}"
    return Figure(
        "beside-all", title, "Every figure of the charts, and the other measures, stand in the table.", None, table
    )
