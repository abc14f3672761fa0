"""From the text of one table to the typed columns of one section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from pipelines.extract import parsing
from pipelines.extract.parsing import fold
from schemas.sections import SECTION, Column
from schemas.sources import Feed, Profile, Source

FAILURES = pl.Schema(
    {
        "_i": pl.Int64(),
        "_row": pl.Int64(),
        "case_ref": pl.String(),
        "section": pl.String(),
        "column": pl.String(),
        "kind": pl.String(),
        "heading": pl.String(),
        "raw": pl.String(),
        "problem": pl.String(),
    }
)
"""One row per cell that could not be parsed; ``_i`` counts the table's rows from 0."""

_WHOLE = "_whole "


@dataclass
class Met:
    """Which parts of the profile met something in the rows of a table; texts are folded."""

    when: dict[str, set[str]] = field(default_factory=dict)
    """Heading → those of the ``when`` values that some row has."""
    spellings: dict[str, set[str]] = field(default_factory=dict)
    """Code column with any cell filled → those of the profile's spellings that some cell has."""

    taken: int = 0
    """Rows taken."""
    cells: dict[str, int] = field(default_factory=dict)
    """Column that is a piece of a cell (``split``) → filled cells."""
    pieces: dict[str, int] = field(default_factory=dict)
    """The same column → those of them that have the piece."""

    def add(self, other: Met) -> None:
        """Put what another part of the rows met to this."""
        self.taken += other.taken
        for mine, theirs in ((self.cells, other.cells), (self.pieces, other.pieces)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        for known, more in ((self.when, other.when), (self.spellings, other.spellings)):
            for name, texts in more.items():
                known.setdefault(name, set()).update(texts)


@dataclass
class Fed:
    """What one table gave to one section."""

    feed: Feed
    rows: pl.DataFrame
    """``_i``, ``_row``, ``_slot``, ``_part`` and the section's mapped columns, typed."""
    failures: pl.DataFrame
    timed: dict[str, int] = field(default_factory=dict)
    """Heading → cells whose time of day was left out."""
    met: Met = field(default_factory=Met)


class Columns:
    """Which column of the table stands under which heading; headings compare folded."""

    def __init__(self, headings: Iterable[str]) -> None:
        self.headings = tuple(headings)
        self._index: dict[str, str] = {}
        for index, heading in enumerate(self.headings):
            self._index.setdefault(fold(heading), f"c{index}")

    def get(self, heading: str) -> str | None:
        """The table's column under the heading, or none."""
        return self._index.get(fold(heading))

    def position(self, heading: str) -> int | None:
        """Place of the column from 0."""
        name = self.get(heading)
        return int(name[1:]) if name else None


def feed_section(frame: pl.DataFrame, columns: Columns, feed: Feed, profile: Profile, *, always: bool) -> Fed:
    """One row per section row that the table's rows give; ``always``: every row gives one."""
    slots = range(1, feed.repeat + 1) if feed.repeat else (0,)
    parts = []
    met = Met()
    for slot in slots:
        if feed.repeat and not _slot_present(columns, feed, slot):
            continue
        part = _raw(frame, columns, feed, slot)
        if not always or feed.when_filled or feed.when_value:
            part = part.filter(_takes(frame, columns, feed, slot, part, profile, met))
        parts.append(part)
    raw = pl.concat(parts) if parts else _raw(frame.clear(), columns, feed, 1 if feed.repeat else 0)
    met.taken = raw.height
    for name, source in feed.columns.items():
        if source.split is not None:
            met.cells[name] = int(raw.get_column(f"{_WHOLE}{name}").sum())
            met.pieces[name] = raw.get_column(name).count()
    raw = raw.drop(f"{_WHOLE}{name}" for name in met.cells)
    if feed.split_rows:
        raw = _split_rows(raw, *feed.split_rows)
    return _parse(raw, feed, profile, met)


def joined(parts: list[Fed]) -> Fed:
    """What the blocks of one table gave to one section, as if it had been read at once."""
    if len(parts) == 1:
        return parts[0]
    order = {name: place for place, name in enumerate(parts[0].feed.columns)}
    timed: Counter[str] = Counter()
    met = Met()
    for part in parts:
        timed.update(part.timed)
        met.add(part.met)
    rows = pl.concat(part.rows for part in parts)
    return Fed(
        parts[0].feed,
        rows.sort("_slot", maintain_order=True) if parts[0].feed.repeat else rows,
        pl.concat(part.failures for part in parts).sort(
            pl.col("column").replace_strict(order, return_dtype=pl.Int64()), maintain_order=True
        ),
        dict(timed),
        met,
    )


def _heading(source: Source, slot: int) -> tuple[str, ...]:
    return tuple(name.replace("{n}", str(slot)) for name in source.columns)


def _slot_present(columns: Columns, feed: Feed, slot: int) -> bool:
    return any(
        columns.get(name.replace("{n}", str(slot)))
        for source in feed.columns.values()
        for name in source.columns
        if "{n}" in name
    )


def _raw(frame: pl.DataFrame, columns: Columns, feed: Feed, slot: int) -> pl.DataFrame:
    chosen = [pl.col("_i"), pl.col("_row"), pl.lit(slot, dtype=pl.Int64).alias("_slot"), pl.lit(0).alias("_part")]
    for name, source in feed.columns.items():
        chosen.append(_cell(columns, source, slot).alias(name))
        if source.split is not None:
            whole = _cell(columns, replace(source, split=None), slot)
            chosen.append(whole.is_not_null().alias(f"{_WHOLE}{name}"))
    if frame.is_empty():
        return frame.select(chosen).clear()
    return frame.select(chosen)


def _cell(columns: Columns, source: Source, slot: int) -> pl.Expr:
    if source.constant is not None:
        return pl.lit(source.constant)
    found = [name for name in (columns.get(heading) for heading in _heading(source, slot)) if name]
    if not found:
        return pl.lit(None, dtype=pl.String())
    if len(source.columns) == 1:
        cell = pl.col(found[0])
    else:
        joined = pl.concat_str([pl.col(name) for name in found], separator=source.join, ignore_nulls=True)
        cell = pl.when(joined != "").then(joined).otherwise(None)
    if source.split is not None:
        place = source.part - 1 if source.part > 0 else source.part
        piece = cell.str.split(source.split).list.get(place, null_on_oob=True).str.strip_chars()
        cell = pl.when(piece != "").then(piece).otherwise(None)
    return cell


def _takes(
    frame: pl.DataFrame, columns: Columns, feed: Feed, slot: int, part: pl.DataFrame, profile: Profile, met: Met
) -> pl.Series:
    if feed.when_value:
        tests = []
        for heading, values in feed.when_value.items():
            name = columns.get(heading.replace("{n}", str(slot)))
            matching = texts_of(frame, name, values) if name else []
            met.when.setdefault(heading, set()).update(fold(text) for text in matching)
            tests.append(pl.col(name).is_in(matching) if name else pl.lit(False))
        return frame.select(pl.all_horizontal(tests).fill_null(False)).to_series()
    if feed.when_filled:
        names = [columns.get(heading.replace("{n}", str(slot))) for heading in feed.when_filled]
        source: pl.DataFrame = frame.select([name for name in names if name])
    else:
        source = part.select(name for name, one in feed.columns.items() if name != "case_ref" and one.constant is None)
    if not source.width:
        return pl.Series([False] * frame.height, dtype=pl.Boolean())
    blank = sorted(parsing.blank_texts(in_text=True) | {fold(one) for one in profile.blanks})
    filled = [pl.col(name).is_not_null() & ~pl.col(name).str.to_lowercase().is_in(blank) for name in source.columns]
    return source.select(pl.any_horizontal(filled).fill_null(False)).to_series()


def texts_of(frame: pl.DataFrame, column: str, values: Iterable[str]) -> list[str]:
    """The texts of a column that are one of the values, as they stand in it."""
    wanted = {fold(value) for value in values}
    return [text for text in frame.get_column(column).unique().drop_nulls() if fold(text) in wanted]


def _split_rows(raw: pl.DataFrame, column: str, by: str) -> pl.DataFrame:
    pieces = raw.with_columns(pl.col(column).str.split(by)).explode(column)
    pieces = pieces.with_columns(pl.col(column).str.strip_chars())
    pieces = pieces.filter(pl.col(column).is_null() | (pl.col(column) != ""))
    return pieces.with_columns(pl.int_range(pl.len()).over("_i", "_slot").cast(pl.Int32).alias("_part"))


def _parse(raw: pl.DataFrame, feed: Feed, profile: Profile, met: Met) -> Fed:
    section = SECTION[feed.section]
    fields = [section.column(name) for name in feed.columns]
    typed = raw.select(
        "_i", "_row", "_slot", "_part", *[_quick(one, feed.columns[one.name], profile) for one in fields]
    )
    left = typed.select(
        (pl.col(one.name).is_null() & raw.get_column(one.name).is_not_null()).any().alias(one.name)
        for one in fields
        if one.kind != "text"
    )
    failures = []
    timed: dict[str, int] = {}
    for one in fields:
        if one.kind == "text" or not left.get_column(one.name)[0]:
            continue
        source = feed.columns[one.name]
        mask = typed.get_column(one.name).is_null() & raw.get_column(one.name).is_not_null()
        texts = raw.get_column(one.name).filter(mask)
        values, problems, with_time = _slow(one, source, profile, texts.unique().to_list())
        if values:
            patch = raw.get_column(one.name).replace_strict(values, default=None, return_dtype=one.dtype)
            typed = typed.with_columns(pl.coalesce(pl.col(one.name), patch).alias(one.name))
        if with_time:
            timed[shown_headings(source)] = int(texts.is_in(sorted(with_time)).sum())
        if problems:
            bad = raw.filter(mask & raw.get_column(one.name).is_in(list(problems)))
            failures.append(
                bad.select(
                    "_i",
                    "_row",
                    "case_ref",
                    pl.lit(feed.section).alias("section"),
                    pl.lit(one.name).alias("column"),
                    pl.lit(one.kind).alias("kind"),
                    heading_of(source).alias("heading"),
                    pl.col(one.name).alias("raw"),
                    pl.col(one.name).replace_strict(problems, return_dtype=pl.String()).alias("problem"),
                )
            )
    for one in fields:
        if own := own_spellings(one, feed.columns[one.name], profile):
            texts = raw.get_column(one.name).drop_nulls().unique()
            by = feed.columns[one.name].separator
            pieces = {fold(piece) for text in texts for piece in (text.split(by) if one.kind == "codes" else [text])}
            if pieces:
                met.spellings[one.name] = pieces & {fold(spelling) for spelling in own}
    found = pl.concat(failures) if failures else pl.DataFrame(schema=FAILURES)
    return Fed(feed, typed, found, timed, met)


def shown_headings(source: Source) -> str:
    """The headings of the column, joined."""
    return " + ".join(source.columns)


def heading_of(source: Source) -> pl.Expr:
    """The heading over the cell of each row, the number of its repeat filled in."""
    first, *rest = shown_headings(source).split("{n}")
    parts = [pl.lit(first)]
    for piece in rest:
        parts += [pl.col("_slot").cast(pl.String), pl.lit(piece)]
    return pl.concat_str(parts)


def _quick(column: Column, source: Source, profile: Profile) -> pl.Expr:
    """The spellings that make up nearly all cells, for a whole column at once; the rest stays null."""
    cell = pl.col(column.name)
    if column.kind == "text":
        blank = sorted(parsing.blank_texts(in_text=True) | {fold(one) for one in profile.blanks})
        return pl.when(~cell.str.to_lowercase().is_in(blank)).then(cell).otherwise(None).alias(column.name)
    if column.kind == "date":
        if "iso" not in profile.dates:
            return pl.lit(None, dtype=pl.Date()).alias(column.name)
        # A day that the profile calls a blank is left to the slower look.
        iso = (
            pl.when(~cell.is_in(list(profile.blanks)) & cell.str.contains(r"^\d{4}-\d\d-\d\d$"))
            .then(cell)
            .otherwise(None)
        )
        return iso.str.to_date("%Y-%m-%d", strict=False).alias(column.name)
    if column.kind == "integer":
        plain = pl.when(cell.str.contains(r"^\d{1,15}$")).then(cell).otherwise(None)
        return plain.cast(pl.Int64, strict=False).alias(column.name)
    if column.kind == "number":
        plain = pl.when(cell.str.contains(r"^\d{1,15}(\.\d{1,15})?$")).then(cell).otherwise(None)
        return plain.cast(pl.Float64, strict=False).alias(column.name)
    if column.kind == "flag":
        known: dict[str, bool] = {"yes": True, "no": False, "Yes": True, "No": False, "true": True, "false": False}
        return cell.replace_strict(known, default=None, return_dtype=pl.Boolean()).alias(column.name)
    spellings = _exact(column, source, profile)
    return cell.replace_strict(spellings, default=None, return_dtype=pl.String()).alias(column.name)


def own_spellings(column: Column, source: Source, profile: Profile) -> dict[str, str]:
    """Code by spelling: what the profile gives for the column's code list, and for the column itself."""
    return {**profile.codes.get(column.codelist or "", {}), **source.codes}


def _exact(column: Column, source: Source, profile: Profile) -> dict[str, str]:
    known = dict(parsing.exact_codes(column.codelist or ""))
    own = own_spellings(column, source, profile)
    if not own:
        return known
    folded = {fold(raw) for raw in own}
    return {raw: code for raw, code in known.items() if fold(raw) not in folded} | own


def _slow(
    column: Column, source: Source, profile: Profile, texts: list[str]
) -> tuple[dict[str, Any], dict[str, str], set[str]]:
    """Values by text, problems by text, and the texts whose time of day was left out."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    timed: set[str] = set()
    blank = parsing.blank_texts(in_text=False) | {fold(one) for one in profile.blanks}
    folded = dict(parsing.folded_codes(column.codelist)) if column.codelist else {}
    folded |= {fold(raw): code for raw, code in own_spellings(column, source, profile).items()}
    for text in texts:
        value: Any = None
        problem: str | None = None
        if column.kind == "code":
            value, problem = folded.get(fold(text)), parsing.CODE
        elif column.kind == "codes":
            pieces = [fold(piece) for piece in text.split(source.separator)]
            pieces = [piece for piece in pieces if piece and piece not in blank]
            if all(piece in folded for piece in pieces):
                value = ";".join(dict.fromkeys(folded[piece] for piece in pieces)) or None
                problem = None
            else:
                problem = parsing.CODE
        elif fold(text) in blank:
            continue
        elif column.kind == "date":
            value, problem, with_time = parsing.parse_date(text, profile.dates)
            if with_time:
                timed.add(text)
        elif column.kind == "integer":
            value, problem = parsing.parse_integer(text), parsing.INTEGER
        elif column.kind == "number":
            value, problem = parsing.parse_number(text), parsing.NUMBER
        else:
            value, problem = parsing.parse_flag(text), parsing.FLAG
        if value is not None:
            values[text] = value
        elif problem and fold(text) not in blank:
            problems[text] = problem
    return values, problems, timed
