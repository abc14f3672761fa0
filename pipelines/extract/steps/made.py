"""A relation that steps have made, as a table of text whose rows know the cells that they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from pipelines.errors import UsageError
from pipelines.extract.parsing import fold
from pipelines.extract.steps.step import is_hidden, quoted
from pipelines.extract.steps.workspace import PLACES, Workspace
from pipelines.extract.tabular import BLOCK_ROWS, NO_ROWS, TextTable, cleaned, counted, fitting
from schemas.sources import Table

OTHERS_SHOWN = 2
"""Rows that made a row and are named beside the first one."""
_AT = "_at"


@dataclass(frozen=True)
class Made:
    """What steps have made for one table of the source profile; read like a file."""

    table: Table
    name: str
    """What messages call it: statement people."""
    workspace: Workspace
    relation: str
    number: int
    """Tells it from others that are made of the same relation."""
    is_text = True
    is_made = True
    footer: tuple[str, ...] = ()
    """None: they are left out when the files are read."""
    headings: tuple[str, ...] = field(init=False)
    rows: str = field(init=False)
    """Table of the workspace that holds the rows, numbered."""

    def __post_init__(self) -> None:
        kinds = self.workspace.kinds(self.relation)
        shown = [(name, kind) for name, kind in kinds if not is_hidden(name)]
        object.__setattr__(self, "headings", tuple(name for name, _ in shown))
        object.__setattr__(self, "rows", f"result {self.number}")
        if not shown:
            raise UsageError(f"The source profile's {self.name} gives no column.")
        cells = [f"{self._text(name, kind)} as c{index}" for index, (name, kind) in enumerate(shown)]
        places = [name for name, kind in kinds if name.startswith(_AT) and kind.casefold().replace('"', "") == PLACES]
        at = [quoted(name) for name in places if name != _AT]
        own = quoted(_AT) if _AT in places else f"[]::{PLACES}"
        # In the order of the rows that made them, then of the cells: a join or a grouping keeps none of its own.
        ends = [_number(f"{own}[{place}]") for place in (1, -1)]
        (tell_apart,) = self.workspace.fetch(
            f"select count(distinct ({', '.join(ends)})) = count(*) as is_enough from {quoted(self.relation)}"
        ).row(0)
        order = ends if tell_apart else [*ends, own, *(one.rpartition(" as ")[0] for one in cells)]
        self.workspace.run(
            self.rows,
            f"select row_number() over (order by {', '.join(order)}) as _row,"
            f" {', '.join([f'{own} as {_AT}', *at, *cells])} from {quoted(self.relation)}",
        )

    def _text(self, name: str, kind: str) -> str:
        cell = quoted(name)
        if kind == "VARCHAR[]":
            return f"array_to_string({cell}, ';')"
        if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "BLOB", "BIT")):
            raise UsageError(
                f"The source profile's {self.name}: the column '{name}' is of the kind {kind.partition('(')[0]}, which"
                " is no text, number or date; write the text that it stands for."
            )
        if kind == "BOOLEAN":
            return f"case {cell} when true then 'yes' when false then 'no' end"
        return cell if kind == "VARCHAR" else f"{cell}::varchar"

    def read(self) -> TextTable:
        """The table as text; its rows stay in the workspace."""
        return fitting(TextTable(self.name, self.headings, NO_ROWS, more=self._blocks, has_dates=True))

    def _blocks(self) -> Iterator[pl.DataFrame]:
        cells = [f"c{index}" for index in range(len(self.headings))]
        is_empty, first = True, 0
        for part in self.workspace.stream(f"select _row, {', '.join(cells)} from {quoted(self.rows)} order by _row"):
            for start in range(0, part.height, BLOCK_ROWS):
                block = counted(cleaned(part.slice(start, BLOCK_ROWS)), first)
                first += block.height
                is_empty = False
                yield block
        if is_empty:
            kinds = {"_row": pl.Int64(), **dict.fromkeys(cells, pl.String())}
            yield counted(pl.DataFrame(schema=kinds), 0)

    @cached_property
    def _order(self) -> list[int]:
        """Numbers of the files, those first whose rows are most nearly one to one with the rows made.

        Files of one input count together. Of equal ones those go first that have most of the columns which the
        sections take, the case's reference left out.
        """
        found = self.workspace.fetch(
            f"select place.t as t, count(distinct place.r) as n from (select unnest({_AT}) as place"
            f" from {quoted(self.rows)}) group by 1"
        )
        taken = {
            fold(one)
            for feed in self.table.feeds
            for name, source in feed.columns.items()
            if name != "case_ref"
            for one in source.columns
        }
        relation_of, headings = self.workspace.relation_of, self.workspace.headings
        often: Counter[str] = Counter()
        known: dict[str, set[str]] = {}
        for number, rows in found.select("t", "n").iter_rows():
            often[relation_of[number]] += rows
            known.setdefault(relation_of[number], set()).update(taken & headings[number])
        numbers = found.get_column("t").to_list()
        return sorted(numbers, key=lambda one: (-often[relation_of[one]], -len(known[relation_of[one]]), one))

    @cached_property
    def _own_places(self) -> frozenset[str]:
        """Columns whose cells have places of their own."""
        return frozenset(
            name.removeprefix(f"{_AT}:") for name, _ in self.workspace.kinds(self.rows) if name.startswith(f"{_AT}:")
        )

    def first_places(self) -> pl.DataFrame:
        """One row per row that a file had a part in: ``_row``, and ``file`` and ``row`` of the first place of it."""
        first = ", ".join(f"list_filter({_AT}, lambda one: one.t = {number})[1]" for number in self._order)
        if not first:
            return pl.DataFrame(schema={"_row": pl.Int64(), "file": pl.String(), "row": pl.Int64()})
        found = self.workspace.fetch(
            f"select _row, place.t as t, place.r as row from (select _row, coalesce({first}) as place"
            f" from {quoted(self.rows)}) where place is not null"
        )
        names = dict(enumerate(self.workspace.files))
        return found.select("_row", pl.col("t").replace_strict(names, return_dtype=pl.String()).alias("file"), "row")

    def places(self, rows: pl.Series, heading: str | None = None) -> pl.DataFrame:
        """Where rows come from: one row per different number of ``rows``: ``_row``, ``file``, ``row`` and ``text``.

        ``heading``: of the column whose cell is meant. ``file`` and ``row`` are null where a row comes from no file.
        """
        self.workspace.put("asked", pl.DataFrame({"_row": rows.cast(pl.Int64())}).unique().sort("_row"))
        at = _AT
        if heading in self._own_places:
            own = quoted(f"{_AT}:{heading}")
            at = f"case when len({own}) > 0 then {own} else {_AT} end"
        found = self.workspace.fetch(
            f"select _row, place.t as t, place.r as r from (select _row, unnest({at}) as place from {quoted(self.rows)}"
            " where _row in (select _row from asked))"
        )
        holders = [number for number in self._order if heading and fold(heading) in self.workspace.headings[number]]
        is_cell = bool(holders) or heading in self._own_places
        rank = {number: place for place, number in enumerate(dict.fromkeys([*holders, *self._order]))}
        names = dict(enumerate(self.workspace.files))
        found = (
            found.with_columns(
                pl.col("t").replace_strict(rank, default=len(rank), return_dtype=pl.Int64()).alias("rank"),
                pl.col("t").replace_strict(names, return_dtype=pl.String()).alias("file"),
            )
            .unique()
            .sort("_row", "rank", "r")
        )
        one = pl.format("{}, row {}", "file", "r")
        others = one.slice(1, OTHERS_SHOWN).str.join(" and ")
        more = pl.len().cast(pl.Int64()) - 1 - OTHERS_SHOWN
        column = "" if heading is None else f", column '{heading}'"
        if heading is not None and not is_cell:
            column += f" of {self.name}"
        beside = (
            pl.lit("")
            if is_cell
            else pl.when(pl.len() == 1)
            .then(pl.lit(""))
            .when(more > 0)
            .then(pl.format(" (made with {} and {} more rows)", others, more))
            .otherwise(pl.format(" (made with {})", others))
        )
        known = found.group_by("_row", maintain_order=True).agg(
            pl.col("file").first().alias("file"),
            pl.col("r").first().alias("row"),
            pl.concat_str(one.first(), pl.lit(column), beside).alias("text"),
        )
        asked = self.workspace.fetch("select _row from asked order by _row")
        nowhere = pl.format("{}, row {}{}", pl.lit(self.name), "_row", pl.lit(column))
        return asked.join(known, on="_row", how="left", maintain_order="left").with_columns(
            pl.coalesce("text", nowhere).alias("text")
        )

    def fates(self, held: pl.Series, aside: pl.Series) -> str:
        """Table of the workspace with what became of the rows that made its rows: ``t``, ``r`` and ``fate``.

        2: some row made of it is held in a section; 1: some is set aside; 0: all were let go.

        Args:
            held: ``_row`` of the rows that some section holds.
            aside: ``_row`` of those set aside.
        """
        for name, series in (("held", held), ("aside", aside)):
            self.workspace.put(name, pl.DataFrame({"_row": series.cast(pl.Int64())}).unique())
        name = f"fates {self.number}"
        self.workspace.run(
            name,
            "select place.t as t, place.r as r, max(fate) as fate from ("
            "select unnest(_at) as place, case when _row in (select _row from held) then 2"
            f" when _row in (select _row from aside) then 1 else 0 end as fate from {quoted(self.rows)})"
            " group by 1, 2",
        )
        return name


def _number(place: str) -> str:
    """A place as one number that sorts by file and row."""
    return f"({place}.t::bigint * 1099511627776 + {place}.r)"
