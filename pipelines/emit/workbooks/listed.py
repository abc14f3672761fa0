"""The rows of a frame as lines of an XLSX sheet, laid out column by column instead of cell by cell.

What it writes is, byte for byte, what xlsxwriter writes of the same cells one after the other; a sheet of a hundred
thousand cells takes a tenth of the time. The library's class is asked for all else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pipelines.emit.workbooks.model import Listing

LONGEST = 16_000
"""Characters of a text that surely fit into a cell, and of an address into a link."""
LONGEST_ADDRESS = 2_000
_DAYS_TO_1970 = 25_568
"""From 31 December 1899, the day before the first of Excel's."""
_LAST_DAY_COUNTED_WELL = 59
_BLOCK = 16
"""Rows for which the library says together which columns they use."""


def can_be_listed(listing: Listing) -> bool:
    """Whether the rows hold text, whole numbers and days only, each short enough for a cell."""
    for column in listing.rows.iter_columns():
        if column.dtype == pl.String:
            if (column.str.len_chars().max() or 0) > LONGEST:  # type: ignore[operator]
                return False
        elif not (column.dtype.is_integer() or column.dtype == pl.Date):
            return False
    addresses = listing.links.values()
    return all((one.str.len_bytes().max() or 0) <= LONGEST_ADDRESS for one in addresses)  # type: ignore[operator]


def lines_needed(listing: Listing, rooms: Sequence[float]) -> pl.Series:
    """How many lines of text each row takes: of its wrapped columns, which hold so many characters a line, the most."""
    needed = [pl.lit(1, pl.Int64)]
    for place, (column, style) in enumerate(zip(listing.rows.iter_columns(), listing.styles, strict=True)):
        if place >= len(rooms) or column.dtype != pl.String or not style.wrap:
            continue
        room = rooms[place]
        text = pl.col(column.name)
        alone = (text.str.len_chars() / room).ceil().cast(pl.Int64)
        broken = text.map_elements(partial(_lines_of, room=room), pl.Int64)
        has_breaks = column.str.contains("\n", literal=True).any()
        needed.append(
            pl.when(text.str.contains("\n", literal=True)).then(broken).otherwise(alone) if has_breaks else alone
        )
    return listing.rows.select(pl.max_horizontal(needed).alias("lines"))["lines"]


def _lines_of(text: str, room: float) -> int:
    return sum(max(1, math.ceil(len(part) / room)) for part in text.split("\n"))


@dataclass(frozen=True)
class _Laid:
    """The rows as they are written: ``values`` as text, null where there is no cell; ``heights`` in points or null."""

    first: int
    values: pl.DataFrame
    is_text: tuple[bool, ...]
    looks: tuple[Any, ...]
    heights: pl.Series


class ListedSheet(Worksheet):
    """A sheet that can hold the rows of a frame under its cells."""

    def __init__(self) -> None:
        super().__init__()
        self._laid: _Laid | None = None

    def lay(self, listing: Listing, looks: Sequence[Any], heights: pl.Series) -> None:
        """Put the rows under the cells written so far.

        Args:
            listing: rows of which ``can_be_listed`` is true.
            looks: the format of each column's cells.
            heights: of each row in points; null where it is the usual one.
        """
        rows = listing.rows
        numbers = [_as_number(column) for column in rows.iter_columns() if column.dtype != pl.String]
        values = pl.DataFrame([*self._in_table(rows), *numbers]).select(rows.columns)
        filled = values.select(pl.any_horizontal(pl.all().is_not_null()).arg_true()).to_series()
        if filled.is_empty():
            return
        for place, column in enumerate(values.iter_columns()):
            if column.null_count() < values.height:
                for line in (filled[0], filled[-1]):
                    self._check_dimensions(listing.first + line, place)
        is_text = tuple(kind == pl.String for kind in rows.dtypes)
        kept = {height: _as_kept(height) for height in heights.drop_nulls().unique()}
        said = heights.replace_strict(kept, default=None, return_dtype=pl.String)
        self._laid = _Laid(listing.first, values, is_text, tuple(looks), said)

    def _in_table(self, rows: pl.DataFrame) -> list[pl.Series]:
        """The columns of text, each text as its number in the workbook's table; new ones enter it in reading order."""
        names = [column.name for column in rows.iter_columns() if column.dtype == pl.String]
        if not names:
            return []
        table = self.str_table
        read = rows.select(pl.concat_list(names).explode().alias("text"))
        texts = read["text"].drop_nulls().unique(maintain_order=True)
        known = table.string_table
        for text in texts.to_list():
            if text not in known:
                known[text] = len(known)
        table.unique_count = len(known)
        table.count += read.height - read["text"].null_count()
        places = pl.DataFrame({"text": texts, "place": [known[text] for text in texts.to_list()]})
        found = read.join(places, on="text", how="left", maintain_order="left")["place"].cast(pl.String)
        return [found.gather_every(len(names), at).alias(name) for at, name in enumerate(names)]

    def link(self, line: int, place: int, address: str, look: Any, text: str) -> None:
        """Have a text that was laid lead to an address."""
        counted = self.str_table.count
        self.write_url(line, place, address, look, text)
        # The library writes the text besides, which stands there already.
        self.table.pop(line, None)
        self.str_table.count = counted

    def _calculate_spans(self) -> None:
        super()._calculate_spans()
        if self._laid is None:
            return
        laid = self._laid
        places = [
            pl.when(pl.col(name).is_not_null()).then(pl.lit(place, pl.Int64)).alias(name)
            for place, name in enumerate(laid.values.columns)
        ]
        used = laid.values.select(
            ((pl.int_range(pl.len()) + laid.first) // _BLOCK).alias("_block"),
            pl.min_horizontal(places).alias("_least"),
            pl.max_horizontal(places).alias("_most"),
        )
        for block, least, most in (
            used.group_by("_block").agg(pl.col("_least").min(), pl.col("_most").max()).drop_nulls().iter_rows()
        ):
            low, high = least + 1, most + 1
            if block in self.row_spans:
                before = [int(part) for part in self.row_spans[block].split(":")]
                low, high = min(low, before[0]), max(high, before[1])
            self.row_spans[block] = f"{low}:{high}"

    def _write_rows(self) -> None:
        if self._laid is None:
            super()._write_rows()
            return
        last = self.dim_rowmax  # type: ignore[has-type]
        self.dim_rowmax = self._laid.first - 1
        super()._write_rows()
        self.dim_rowmax = last
        self.fh.write(self._markup(self._laid))

    def _markup(self, laid: _Laid) -> str:
        spans = pl.DataFrame(
            {"block": list(self.row_spans), "span": list(self.row_spans.values())},
            schema={"block": pl.Int64, "span": pl.String},
        )
        rows = laid.values.with_columns(
            (pl.int_range(pl.len()) + laid.first).alias("_row"), laid.heights.alias("_height")
        ).with_columns((pl.col("_row") // _BLOCK).alias("block"), (pl.col("_row") + 1).cast(pl.String).alias("_number"))
        rows = rows.join(spans, on="block", how="left", maintain_order="left")
        height = pl.coalesce(pl.format(' ht="{}"', "_height"), pl.lit(""))
        own = pl.when(pl.col("_height").is_not_null()).then(pl.lit(' customHeight="1"')).otherwise(pl.lit(""))
        parts = [pl.format('<row r="{}" spans="{}"{}{}>', "_number", "span", height, own)]
        for place, (name, is_text, look) in enumerate(zip(laid.values.columns, laid.is_text, laid.looks, strict=True)):
            look = look or (self.col_info[place].column_format if place in self.col_info else None)
            style = f' s="{look._get_xf_index()}"' if look is not None else ""
            kind = ' t="s"' if is_text else ""
            cell = pl.format(f'<c r="{xl_col_to_name(place)}{{}}"{style}{kind}><v>{{}}</v></c>', "_number", name)
            parts.append(cell.fill_null(""))
        parts.append(pl.lit("</row>"))
        filled = rows.filter(pl.any_horizontal(pl.col(laid.values.columns).is_not_null()))
        return "".join(filled.select(pl.concat_str(parts).alias("row"))["row"].to_list())


def _as_number(column: pl.Series) -> pl.Series:
    """A day as Excel counts it, for which there was a 29 February 1900."""
    if column.dtype == pl.Date:
        days = column.cast(pl.Int64) + _DAYS_TO_1970
        column = days + (days > _LAST_DAY_COUNTED_WELL).cast(pl.Int64)
    return column.cast(pl.String)


def _as_kept(points: int) -> str:
    """A height as the library writes it, which keeps it in whole pixels."""
    return f"{int(points * 4 / 3 + 0.5) * 0.75:.16g}"
