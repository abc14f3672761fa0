"""The two rules under which figures stay behind: MHCLG's own, and ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.disclosure.solver import suppressed_cells
from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW, SUPPRESS_BELOW
from pipelines.published.cells import NOT_PUBLISHED, SUPPRESSED

Cell = tuple[Any, ...]
"""What names a count, such as a table's name, its row and its column."""

_CELL = ("table", "column_path", "measure")


@dataclass(frozen=True)
class Breakdown:
    """Columns of one published table, by path and measure, that rest on the count in the column ``base_path``."""

    table: str
    base_path: str
    hidden: tuple[tuple[str, str], ...]


def hide_as_mhclg(
    tidy: pl.DataFrame, breakdowns: Iterable[Breakdown], below: int = OFFICIAL_BASE_BELOW
) -> pl.DataFrame:
    """Rows of published tables of one quarter with what MHCLG hides hidden: no value, and a note that says so.

    Hidden are the breakdowns of a row whose base is under ``below``, zero included; there is no secondary suppression.

    Args:
        tidy: one row per authority, table, column_path and measure, with value and note.
        breakdowns: which columns rest on which base in that quarter.
        below: base from which breakdowns are shown.
    """
    plan = [(one.table, one.base_path, *column) for one in breakdowns for column in one.hidden]
    wanted = pl.DataFrame(plan, schema=dict.fromkeys(("table", "base_path", *_CELL[1:]), pl.String()), orient="row")
    base = tidy.filter(pl.col("measure") == "count").select("la_code", "table", base_path="column_path", base="value")
    hidden = (
        wanted.join(base, on=["table", "base_path"], how="inner")
        .filter(pl.col("base") < below)
        .select("la_code", *_CELL, is_hidden=pl.lit(True))
        .unique()
    )
    marked = tidy.join(hidden, on=["la_code", *_CELL], how="left", maintain_order="left")
    is_hidden = pl.col("is_hidden") & (pl.col("note") != NOT_PUBLISHED)
    flags = marked.select(is_hidden)["is_hidden"]
    return blank(marked.drop("is_hidden"), {"value": flags}, note=flags)


@dataclass
class Links:
    """Every equation between counts that leave together.

    sums: a total and its parts. A part need not be printed: what is left of a total beside a printed part is one too.
    balances: stock before, stock after, came, left: after = before + came - left. A period whose stock before is not
        printed has one too.
    """

    sums: list[tuple[Cell, Sequence[Cell]]] = field(default_factory=list)
    balances: list[tuple[Cell, Cell, Cell, Cell]] = field(default_factory=list)

    def rest(self, values: dict[Cell, int], total: Cell, *parts: Cell) -> None:
        """Count what is left of a total beside its printed parts, where all of them are known."""
        if any(cell not in values for cell in (total, *parts)):
            return
        left = values[total] - sum(values[part] for part in parts)
        if left >= 0:
            cell: Cell = ("rest", total, *parts)
            values[cell] = left
            self.sums.append((total, (*parts, cell)))


def protect(values: Mapping[Cell, int], links: Links, threshold: int = SUPPRESS_BELOW) -> set[Cell]:
    """The counts to leave out so that none from 1 to ``threshold - 1`` is printed or follows from printed ones.

    Sums are judged by ``solver.suppressed_cells``. In a balance those who came and those who left go together, as soon
    as any of its four counts is left out: with both unknown, adding one to either leaves every balance true.
    """
    forced: set[Cell] = set()
    while True:
        # A count that must go is handed over as one that is small; as small as it can be, so that none rests on it.
        shaped = {
            cell: min(max(value, 1), threshold - 1) if cell in forced else value for cell, value in values.items()
        }
        hidden = suppressed_cells(shaped, links.sums, threshold)
        more = {
            flow
            for balance in links.balances
            if any(cell in hidden for cell in balance)
            for flow in balance[2:]
            if flow in values and flow not in hidden
        }
        if not more:
            return hidden
        forced |= more


def rests_on_few(count: int) -> bool:
    """Whether an amount, rate or curve describes so few that it tells of them, as a count of them would."""
    return count < SUPPRESS_BELOW


def blank(frame: pl.DataFrame, hidden: Mapping[str, pl.Series], *, note: pl.Series) -> pl.DataFrame:
    """A frame with the values that stay behind empty (types kept), and ``note`` filled in the rows it is true for.

    ``hidden`` and ``note`` have one flag per row; where the frame has no ``note`` yet, the other rows get an empty one.
    """
    before = pl.col("note") if "note" in frame.columns else pl.lit("")
    return frame.with_columns(
        *(pl.when(flags).then(None).otherwise(pl.col(column)).alias(column) for column, flags in hidden.items()),
        note=pl.when(note).then(pl.lit(SUPPRESSED)).otherwise(before),
    )
