"""What two returns differ in, on screen (no values) and as a file (values, the personal ones masked)."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from pipelines import whole
from pipelines.emit.returns.source.diff import CASE_A, CASE_B, CHANGED, ROW_A, ROW_B, VALUES, Difference, Side
from pipelines.emit.returns.source.tables import PERSONAL
from pipelines.errors import UsageError
from pipelines.paths import refuse_address
from schemas.sections import SECTION

REFS_SHOWN = 8


def write(found: Difference, out: Path) -> None:
    """Write every difference with its values as CSV, or as JSON where the name ends so; for its owner alone.

    Raises:
        UsageError: the path is an address, or cannot be written.
    """
    refuse_address(out, "file of differences")
    text = _json(found.rows) if out.suffix.lower() == ".json" else found.rows.write_csv()
    try:
        whole.write(out, text.encode("utf-8"))
    except OSError:
        raise UsageError(f"The file {out.name} cannot be written; check its folder and rights.") from None


def refuse_inputs(out: Path, *inputs: Path) -> None:
    """Refuse to write over, or among, what is compared.

    Raises:
        UsageError: the file is one of the inputs, or lies in one.
    """
    there = out.resolve()
    if any(there == one.resolve() or one.resolve() in there.parents for one in inputs):
        raise UsageError("--out names a place within the returns that are compared; give another one.")


def without_values(found: Difference, form: str) -> str:
    """The differences without a value of a case, as ``csv`` or ``json``."""
    rows = found.rows.drop(VALUES)
    return _json(rows) if form == "json" else rows.write_csv()


def _json(rows: pl.DataFrame) -> str:
    return json.dumps(rows.to_dicts(), indent=2, ensure_ascii=False) + "\n"


def summary(found: Difference) -> str:
    """Counts, fields and case references for the screen."""
    lines = [_of_side("A", found.a), _of_side("B", found.b), *_warned(found), ""]
    return "\n".join([*lines, *counted(found)])


def counted(found: Difference) -> list[str]:
    """Lines of counts by case, section and field, without a value."""
    rows, lines = found.rows, []
    differ = rows.filter(pl.col("change").is_in([ROW_A, ROW_B, CHANGED]))
    for words, cases in (
        ("cases only in A", rows.filter(pl.col("change") == CASE_A)["case_ref"]),
        ("cases only in B", rows.filter(pl.col("change") == CASE_B)["case_ref"]),
        ("cases in both that differ", differ["case_ref"].unique().sort()),
    ):
        named = ", ".join(cases.head(REFS_SHOWN)) + (" …" if len(cases) > REFS_SHOWN else "")
        lines.append(f"{len(cases):>8,}  {words}{': ' + named if len(cases) else ''}")
    if differ.is_empty():
        return lines
    lines += ["", "Differences in cases of both"]
    counts = differ.group_by("section", "field", "change").agg(
        pl.len().alias("rows"), pl.col("case_ref").unique().sort().alias("cases")
    )
    places = {name: place for place, name in enumerate((*SECTION, PERSONAL))}
    order = pl.col("section").replace_strict(places, return_dtype=pl.Int64())
    kinds = {ROW_A: 0, ROW_B: 1, CHANGED: 2}
    by_kind = pl.col("change").replace_strict(kinds, return_dtype=pl.Int64())
    for row in counts.sort(order, by_kind, "field").to_dicts():
        label = SECTION[row["section"]].label if row["section"] in SECTION else "Personal-data file"
        what = f"{label}: {row['field'] or row['change'].replace('row', 'rows')}"
        named = ", ".join(row["cases"][:3]) + (" …" if len(row["cases"]) > 3 else "")
        lines.append(f"{row['rows']:>8,}  {what}  ({named})")
    return lines


def _of_side(name: str, side: Side) -> str:
    of = " ".join(text for text in (side.authority, side.quarter) if text) or "no authority and quarter in its header"
    return f"{name}  {', '.join(side.files[:2])}{' …' if len(side.files) > 2 else ''}: {of}, {side.cases:,} cases"


def _warned(found: Difference) -> list[str]:
    lines = []
    if found.a.authority != found.b.authority or found.a.quarter != found.b.quarter:
        lines.append("Note  They are not returns of one authority and quarter, by their headers.")
    if found.a.has_personal != found.b.has_personal:
        lines.append("Note  The personal-data file is there on one side only; it was not compared.")
    for name, side in (("A", found.a), ("B", found.b)):
        if side.not_compared:
            lines.append(
                f"Note  {name} has {side.not_compared:,} elements or attributes for which the return profile has no"
                " place; they were not compared."
            )
    return lines
