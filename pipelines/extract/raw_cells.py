"""The text that stands for one column of a section, before it is understood: replaced, joined, cut into pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from schemas.sources import Source

Find = Callable[[str], str | None]
"""Which column of the table stands under a heading."""


def headings(source: Source, slot: int) -> tuple[str, ...]:
    """The headings of the column, the number of its repeat filled in."""
    return tuple(name.replace("{n}", str(slot)) for name in source.columns)


def cell(find: Find, source: Source, slot: int) -> pl.Expr:
    """The text, null where it is empty or the table has none of the columns."""
    if source.constant is not None:
        return pl.lit(source.constant)
    found = _found(find, source, slot)
    if not found:
        return pl.lit(None, dtype=pl.String())
    texts = [_replaced(pl.col(name), source) for name in found]
    if len(source.columns) == 1:
        text = texts[0]
    else:
        text = _filled(pl.concat_str(texts, separator=source.join, ignore_nulls=True))
    return text if source.split is None else _pieces(text, source, source.split)


def whole_cell(find: Find, source: Source, slot: int) -> pl.Expr:
    """The text before it is cut into pieces."""
    return cell(find, replace(source, split=None), slot)


def is_empty(find: Find, source: Source, slot: int) -> pl.Expr:
    """Whether the table has such a column and nothing at all stands in it."""
    found = _found(find, source, slot)
    return pl.all_horizontal(pl.col(name).is_null() for name in found) if found else pl.lit(value=False)


def replaced_texts(frame: pl.DataFrame, find: Find, source: Source, slot: int) -> set[str]:
    """Those of the texts to replace that some cell has."""
    met: set[str] = set()
    for name in _found(find, source, slot) if source.replace else ():
        texts = frame.get_column(name).drop_nulls().unique()
        for old, new in source.replace.items():
            if texts.str.contains(old, literal=True).any():
                met.add(old)
                texts = texts.str.replace_all(old, new, literal=True)
    return met


def _found(find: Find, source: Source, slot: int) -> list[str]:
    return [name for name in (find(heading) for heading in headings(source, slot)) if name]


def _replaced(text: pl.Expr, source: Source) -> pl.Expr:
    if not source.replace:
        return text
    for old, new in source.replace.items():
        text = text.str.replace_all(old, new, literal=True)
    return _filled(text.str.strip_chars())


def _pieces(text: pl.Expr, source: Source, by: str) -> pl.Expr:
    pieces = text.str.split(by)
    if by.isspace():
        # Two spaces between two words are one.
        pieces = pieces.list.eval(pl.element().filter(pl.element().str.strip_chars() != ""))
    if source.last is None:
        place = source.part - 1 if source.part > 0 else source.part
        return _filled(pieces.list.get(place, null_on_oob=True).str.strip_chars())
    many = pieces.list.len().cast(pl.Int64)
    first = pl.lit(source.part - 1) if source.part > 0 else many + source.part
    after = pl.lit(source.last) if source.last > 0 else many + source.last + 1
    kept = pieces.list.slice(first, pl.max_horizontal(after - first, pl.lit(0))).list.join(by).str.strip_chars()
    return _filled(pl.when((first >= 0) & (first < after) & (first < many)).then(kept).otherwise(None))


def _filled(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text).otherwise(None)
