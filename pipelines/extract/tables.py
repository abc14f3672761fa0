"""One file or sheet: its text laid into sections, its bad rows set aside, its rows counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import polars as pl

from pipelines.extract import stray
from pipelines.extract.case_refs import why_refused, without_decimals
from pipelines.extract.headings import check_headings, check_letters
from pipelines.extract.locate import Holder
from pipelines.extract.mapping import Columns, Fed, feed_section, joined, texts_of
from pipelines.extract.notes import Notes, Place
from pipelines.extract.numbers import RowNumbers, RowSet
from pipelines.extract.parsing import blank_texts, fold
from pipelines.extract.tabular import TextTable, apart
from pipelines.extract.typed_cells import shown_headings
from pipelines.findings import MASK
from schemas.sources import Feed, Profile, Table

# A row with so many cells that do not fit is not a row with three slips of the pen.
SHIFTED_FROM_CELLS = 3
# Of what rows that nobody takes have under a heading so many texts are kept, to find the one that was meant.
KEPT_VALUES = 1_000
# A text that fails so often in one column is a spelling that the profile lacks, not a shifted cell.
SPELLING_FROM_ROWS = 10

_DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_DATE_LIKE = r"\d.*[-/. ].*\d|^\d{5,8}$"


@dataclass
class Untaken:
    """Rows of a table that no section takes, and texts by which none is taken."""

    values: dict[str, Counter[str]] = field(default_factory=dict)
    """Heading of a ``when`` → texts under it, of all rows, that neither ``when`` nor ``leave_out`` names."""
    unnamed: Counter[str] = field(default_factory=Counter)
    """Heading of a ``when`` → cells with such a text in rows that a section takes all the same."""
    named: RowSet = field(default_factory=RowSet)
    """``_i`` of those that the profile names under ``leave_out``."""
    met: dict[str, set[str]] = field(default_factory=dict)
    """Heading of ``leave_out`` → those of its values that some row has, folded."""


FOOTER_REASON = "the row looks like a footer or a total"
_NONE = pl.Series("_i", dtype=pl.Int64())


@dataclass
class Loaded:
    """What became of one file or sheet."""

    located: Holder
    text: TextTable
    feeds: list[Fed] = field(default_factory=list)
    set_aside: pl.Series = field(default_factory=lambda: _NONE)
    """``_i`` of the rows that no section holds."""
    untaken: Untaken = field(default_factory=Untaken)
    rows_left_out: int = 0
    """Rows that no section takes and that the profile lets go."""
    rows_of_footer: int = 0
    """Rows of another length than the headings that the profile names as the footer; they are left out as well."""
    rows_left_unnamed: int = 0
    """Those of them that ``leave_out`` does not name."""
    doubles: pl.Series = field(default_factory=lambda: _NONE)
    """``_i`` of the rows that are reported as doubles already."""
    fates: pl.DataFrame | None = None
    """Of a file that only steps read: ``_row`` and ``fate`` of the rows of which they made something (``Steps``)."""

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.located.name

    @property
    def held(self) -> pl.Series:
        """``_i`` of the rows of which some section holds something."""
        return pl.concat([fed.rows.get_column("_i") for fed in self.feeds]).unique() if self.feeds else _NONE

    @property
    def rows_held(self) -> int:
        """Rows of which some section holds something."""
        return self.held.len()

    def rows_of(self, indexes: pl.Series) -> pl.Series:
        """``_row`` of those ``_i``."""
        return self.text.numbers.of(indexes.alias("_i").to_frame()).get_column("_row")

    def give_up(self, rows: pl.DataFrame, notes: Notes) -> None:
        """Set whole rows aside: ``_i``, and ``reason``."""
        fresh = rows.select("_i", "reason").filter(~pl.col("_i").is_in(self.set_aside.implode()))
        if fresh.is_empty():
            return
        fresh = self.text.numbers.of(fresh)
        notes.set_aside(self.name, self.text.lines(fresh.get_column("_row")).join(fresh, on="_row"))
        self.set_aside = pl.concat([self.set_aside, fresh.get_column("_i")])

    def give_up_parts(self, rows: pl.DataFrame, notes: Notes) -> None:
        """Keep what one section could not take of rows that others hold; the rows count as loaded."""
        if rows.is_empty():
            return
        parts = self.text.numbers.of(rows)
        parts = parts.with_columns(pl.format("part of the row: {}", "reason").alias("reason"))
        notes.set_aside(self.name, self.text.lines(parts.get_column("_row")).join(parts, on="_row"))

    def keep_places_of(self, section: str) -> None:
        """Let go of the values that the section has taken; which rows gave them is still asked."""
        for fed in self.feeds:
            if fed.feed.section == section:
                fed.rows = fed.rows.select("_i")

    def place(self, row: int | None = None, heading: str | None = None) -> Place:
        """File, row and column."""
        return Place(self.name, row, heading)


def load_table(
    located: Holder, text: TextTable, profile: Profile, notes: Notes, also: frozenset[str] = frozenset()
) -> Loaded:
    """Lay the rows of a table into the sections that it feeds.

    ``also``: folded headings that steps of the profile read in the same file.
    """
    feeds, rows, untaken, strays = _feed(located, text, profile)
    if located.is_text:
        text = text.let_go(rows, located.read)
    loaded = Loaded(located, text)
    report_bad_rows(loaded, profile, notes)
    if text.damaged_row is not None:
        notes.add("X-04", text.name, row=text.damaged_row)
    columns = Columns(text.headings)
    why = None
    check_letters(located.table, text, columns, notes)
    if not check_headings(located.table, text, columns, notes, also):
        why = "the headings of the file are not those of the profile"
    elif not any(_has_case_ref(columns, feed.columns["case_ref"]) for feed in located.table.feeds):
        why = "the file has no column for the case reference"
    if why:
        text.refuse_to_set_aside(rows.height)
        loaded.give_up(rows.all().with_columns(reason=pl.lit(why)), notes)
        return loaded
    loaded.feeds, loaded.untaken = feeds, untaken
    if ended := without_decimals(feeds, profile.case_ref_pattern):
        place = loaded.place(ended[0], shown_headings(feeds[0].feed.columns["case_ref"]))
        notes.add("X-78", place, section=feeds[0].feed.section, fields="case_ref", count=f"{len(ended):,}")
    _check_references(loaded, strays, profile, notes)
    _check_shifted(loaded, notes)
    drop_set_aside(loaded)
    _check_unused(loaded, notes)
    _report_cells(loaded, notes)
    return loaded


def _feed(located: Holder, text: TextTable, profile: Profile) -> tuple[list[Fed], RowNumbers, Untaken, pl.DataFrame]:
    """What each feed takes, block by block; ``_i`` and ``_row`` of all rows; what is not taken; what may be no case."""
    if text.has_dates and "iso" not in profile.dates:
        # A cell that is a day says so itself, whatever texts the profile takes for one.
        profile = replace(profile, dates=("iso", *profile.dates))
    feeds, columns = located.table.feeds, Columns(text.headings)
    fed: list[list[Fed]] = [[] for _ in feeds]
    rows, strays = RowNumbers(), stray.Strays()
    untaken = Untaken()
    blank = blank_texts(in_text=False) | {fold(one) for one in profile.blanks}
    for block in text.blocks():
        rows.add(block)
        for feed, parts in zip(feeds, fed, strict=True):
            always = _takes_every_row(feed, len(feeds) == 1)
            part = feed_section(block, columns, feed, profile, always=always)
            if text.more is not None:
                part.rows, part.failures = apart(part.rows, block), apart(part.failures, block)
            parts.append(part)
        found = apart(stray.look_for(block, text.titles or text.headings, located.footer), block)
        # What is no case was found when the files were read; a row that steps made and nothing joined is short as well.
        found = found.clear() if located.is_made else found
        strays.add(found, [parts[-1].rows for parts in fed], profile.case_ref_pattern)
        _look_at_untaken(untaken, located.table, columns, block, [parts[-1] for parts in fed], blank)
    return [joined(parts) for parts in fed], rows, untaken, strays.all()


def _look_at_untaken(
    untaken: Untaken, table: Table, columns: Columns, block: pl.DataFrame, fed: list[Fed], blank: frozenset[str]
) -> None:
    by_value = {(heading, feed.repeat) for feed in table.feeds for heading in feed.when_value}
    if not by_value and not table.leave_out:
        return
    taken = pl.concat([part.rows.get_column("_i") for part in fed]).unique()
    is_taken = pl.col("_i").is_in(taken.implode())
    rest = block.filter(~is_taken)
    for heading, repeat in sorted(by_value):
        named = {fold(one) for feed in table.feeds for one in feed.when_value.get(heading, ())} | blank
        named |= {fold(one) for one in table.leave_out.get(heading, ())}
        seen = untaken.values.setdefault(heading, Counter())
        for name in dict.fromkeys(
            columns.get(heading.replace("{n}", str(slot))) for slot in range(1, max(repeat, 1) + 1)
        ):
            if name is None:
                continue
            counts = block.group_by(name).agg(pl.len(), is_taken.sum().alias("taken")).drop_nulls().sort(name).rows()
            others = [(text, often, held) for text, often, held in counts if fold(text) not in named]
            untaken.unnamed[heading] += sum(held for _, _, held in others)
            seen.update({text: often for text, often, _ in others})
        untaken.values[heading] = Counter(dict(seen.most_common(KEPT_VALUES)))
    for heading, values in table.leave_out.items():
        if name := columns.get(heading):
            texts = texts_of(block, name, values)
            untaken.met.setdefault(heading, set()).update(fold(text) for text in texts)
            untaken.named.add(rest.filter(pl.col(name).is_in(texts)).get_column("_i"))


def _takes_every_row(feed: Feed, alone: bool) -> bool:
    """A constant fills every row; so does being the only section that the file feeds."""
    constant = any(source.constant is not None for source in feed.columns.values())
    return not feed.repeat and not feed.split_rows and (alone or constant)


def _has_case_ref(columns: Columns, source: object) -> bool:
    headings = getattr(source, "columns", ())
    return getattr(source, "constant", None) is not None or any(columns.get(one) for one in headings)


def report_bad_rows(loaded: Loaded, profile: Profile, notes: Notes) -> None:
    """Set aside what cannot be laid under the headings; leave out the footers that the profile names."""
    if not loaded.text.bad:
        return
    width, footer = len(loaded.text.headings), loaded.located.footer
    footers = stray.footers_among(loaded.text.bad, width, loaded.text.numbers.last, footer, profile.case_ref_pattern)
    bad = pl.DataFrame(
        {
            "_row": [one.row for one in loaded.text.bad],
            "problem": [one.problem for one in loaded.text.bad],
            "found": [one.found for one in loaded.text.bad],
            "content": [one.content for one in loaded.text.bad],
        },
        schema={"_row": pl.Int64(), "problem": pl.String(), "found": pl.Int64(), "content": pl.String()},
    )
    named = [row for row, is_named in footers.items() if is_named]
    loaded.rows_of_footer = len(named)
    bad = bad.filter(~pl.col("_row").is_in(named))
    by = "most rows have" if loaded.located.table.reading.letters else "the headings say"
    is_open, is_footer = pl.col("problem") == "X-21", pl.col("_row").is_in(list(footers))
    notes.rows("X-21", loaded.name, bad.filter(is_open).head(1))
    notes.rows("X-70", loaded.name, bad.filter(is_footer))
    notes.rows(
        "X-20",
        loaded.name,
        bad.filter(~is_open & ~is_footer),
        found=pl.col("found").cast(pl.String()),
        by=by,
        expected=width,
    )
    reason = (
        pl.when(is_open)
        .then(pl.lit("a quotation mark is never closed"))
        .when(is_footer)
        .then(pl.lit(FOOTER_REASON))
        .otherwise(pl.format("{} cells under {} headings", "found", pl.lit(width)))
    )
    notes.set_aside(loaded.name, bad.with_columns(reason=reason))


def _check_references(loaded: Loaded, strays: pl.DataFrame, profile: Profile, notes: Notes) -> None:
    """Rows without a usable reference are set aside: nothing could tell whose they are."""
    ref = pl.col("case_ref")
    refs = pl.concat([fed.rows.select("_i", "_row", "case_ref") for fed in loaded.feeds]).unique()
    refs = refs.sort("_i", "case_ref")
    refs = refs.with_columns(why_refused(refs.get_column("case_ref"), profile.case_ref_pattern).alias("why"))
    lets_go = loaded.located.table.allow_unused_rows
    set_strays_aside(loaded, stray.among_refused(strays, refs, lets_go=lets_go), notes)
    refs = refs.filter(~pl.col("_i").is_in(loaded.set_aside.implode()))
    refs = refs.filter(~loaded.untaken.named.has(refs.get_column("_i")))
    heading = " + ".join(loaded.located.table.feeds[0].columns["case_ref"].columns) or None
    refused: list[pl.DataFrame] = []
    for problem, bad, reason in (
        ("X-22", refs.filter(ref.is_null()), "no case reference"),
        ("X-23", refs.filter(pl.col("why").is_not_null()), "the case reference does not look like one"),
    ):
        bad = bad.unique("_i", keep="first", maintain_order=True)
        for before in refused:
            bad = bad.join(before, on="_i", how="anti")
        notes.rows(
            problem,
            loaded.name,
            bad.drop("case_ref"),
            section=loaded.feeds[0].feed.section,
            fields="case_ref",
            column=heading,
            value=MASK if problem == "X-23" else None,
            why=pl.col("why"),
        )
        refused.append(bad.select("_i", pl.lit(reason).alias("reason")))
    loaded.give_up(pl.concat(refused), notes)


def set_strays_aside(loaded: Loaded, found: pl.DataFrame, notes: Notes) -> None:
    """Leave the footers out that the profile names, and set aside what else is no case."""
    footer = loaded.located.footer
    named = [index for index, first in found.select("_i", "first").iter_rows() if stray.is_named(first or "", footer)]
    loaded.untaken.named.add(pl.Series(named, dtype=pl.Int64()))
    for fed in loaded.feeds if named else ():
        fed.rows = fed.rows.filter(~pl.col("_i").is_in(named))
        fed.failures = fed.failures.filter(~pl.col("_i").is_in(named))
    if footer and not named and not loaded.rows_of_footer:
        notes.add("X-72", loaded.name)
    found = found.filter(~pl.col("_i").is_in(named))
    again = pl.col("kind") == stray.HEADINGS
    for problem, rows, reason in (
        ("X-70", found.filter(~again), FOOTER_REASON),
        ("X-71", found.filter(again), "the row repeats the headings"),
    ):
        notes.rows(problem, loaded.name, rows)
        loaded.give_up(rows.with_columns(reason=pl.lit(reason)), notes)


def _check_shifted(loaded: Loaded, notes: Notes) -> None:
    failures = pl.concat([fed.failures for fed in loaded.feeds])
    if failures.height < SHIFTED_FROM_CELLS:
        return
    failures = failures.filter(~pl.col("_i").is_in(loaded.set_aside.implode()))
    raw, coded = pl.col("raw"), pl.col("kind").is_in(["code", "codes"])
    dated = pl.col("kind") == "date"
    foreign = failures.with_columns(
        pl.len().over("column", "raw").alias("_often"),
        # An unknown spelling may be just that; a word in a date column, or a date among codes, is out of place.
        pl.when(coded).then(raw.str.contains(_DATE)).otherwise(True).alias("_misplaced"),
    ).filter((pl.col("_often") < SPELLING_FROM_ROWS) & ~(dated & raw.str.contains(_DATE_LIKE)))
    foreign = foreign.filter(pl.col("_misplaced").any().over("_i"))
    counts = foreign.unique(subset=["_i", "heading"]).group_by("_i", "_row").len().sort("_i")
    shifted = counts.filter(pl.col("len") >= SHIFTED_FROM_CELLS)
    # The reference is left out: in a shifted row it may be anything.
    section, count = loaded.feeds[0].feed.section, pl.col("len").cast(pl.String())
    notes.rows("X-24", loaded.name, shifted, section=section, count=count)
    loaded.give_up(shifted.with_columns(reason=pl.lit("the columns look shifted")), notes)


def drop_set_aside(loaded: Loaded) -> None:
    """Take the rows set aside from what the table gave to the sections."""
    if loaded.set_aside.is_empty():
        return
    gone = loaded.set_aside.implode()
    for fed in loaded.feeds:
        fed.rows = fed.rows.filter(~pl.col("_i").is_in(gone))
        fed.failures = fed.failures.filter(~pl.col("_i").is_in(gone))


def _check_unused(loaded: Loaded, notes: Notes) -> None:
    numbers, named = loaded.text.numbers, loaded.untaken.named
    unused = numbers.but(RowSet(loaded.held), RowSet(loaded.set_aside))
    unnamed = numbers.but(RowSet(loaded.held), RowSet(loaded.set_aside), named)
    lets_go = loaded.located.table.allow_unused_rows
    loaded.rows_left_unnamed = len(unnamed) if lets_go else 0
    loaded.rows_left_out = len(unused) - len(unnamed) + loaded.rows_left_unnamed
    if lets_go:
        return
    loaded.text.refuse_to_set_aside(len(unnamed))
    rows = numbers.of(unnamed.rows().to_frame())
    notes.rows("X-27", loaded.name, rows)
    loaded.give_up(rows.with_columns(reason=pl.lit("no section takes this row")), notes)


def _report_cells(loaded: Loaded, notes: Notes) -> None:
    failures = pl.concat([fed.failures for fed in loaded.feeds])
    if failures.height:
        notes.cells(loaded.name, failures)
    for fed in loaded.feeds:
        for heading, count in sorted(fed.timed.items()):
            notes.add("X-36", loaded.place(heading=heading), section=fed.feed.section, count=f"{count:,}")
