"""Rows of a report that are no cases: its footer, totals, and headings repeated where two files were joined."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

import polars as pl

from pipelines.extract.case_refs import why_refused
from pipelines.extract.parsing import fold
from pipelines.extract.tabular import BadRow

LONGEST_FOOTER = 20
"""Rows after the last one with a reference that can be a footer."""
CELLS_OF_A_FOOTER = 3
"""Filled cells of a row at the end that is taken for a footer although nothing of its words is known."""

# Folded beginnings of a footer, as reports and databases write them. Each is of words that no reference begins with.
_WORDS = re.compile(
    r"[-=*_# ]*(?:"
    r"(?:grand |sub-?|overall )?totals?\b"
    r"|end of (?:the )?(?:report|file|data|export|list)\b"
    r"|report (?:run|produced|generated|printed|created|date|title|name|ends?)\b"
    r"|(?:run|printed|generated|produced|created|extracted|exported|report) (?:on|by|at)\b"
    r"|(?:run|print|report|extract) (?:date|time)\b"
    r"|page \d+\b"
    r"|(?:number|no\.?|count) of (?:rows|records|cases|people|placements|households)\b"
    r"|(?:record|row|case)s? ?count\b"
    r"|(?:rows|records|cases)(?: selected| affected| returned)?:? ?\d"
    r"|\(?\d[\d,]* (?:rows|records|cases)\b"
    r"|official(?:[- ]sensitive)?\b"
    r"|confidential\b"
    r")|[-=*_#]{3,}$"
)

MOST_KEPT = 10_000
"""Rows found that are kept without another look."""

SCHEMA = pl.Schema({"_i": pl.Int64(), "_row": pl.Int64(), "first": pl.String(), "kind": pl.String()})
FOOTER, HEADINGS, FEW = "footer", "headings", "few"
"""Its words are those of a footer; it repeats the headings; it has few cells, and where it stands will tell."""


def look_for(block: pl.DataFrame, headings: Sequence[str], footer: Iterable[str]) -> pl.DataFrame:
    """The rows of a block with few cells or the words of a footer, and those that repeat the headings."""
    names = [f"c{index}" for index in range(len(headings))]
    if not names:
        return pl.DataFrame(schema=SCHEMA)
    filled = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int32()) for name in names)
    repeated = [
        pl.col(name).str.strip_chars("\ufeff ") == heading.strip("\ufeff ")
        for name, heading in list(zip(names, headings, strict=True))[:CELLS_OF_A_FOOTER]
        if heading.strip()
    ]
    again = pl.all_horizontal(repeated) if repeated else pl.lit(False)
    rows = block.select("_i", "_row", pl.coalesce(names).alias("first"), filled.alias("filled"), again.alias("again"))
    half = max(len(headings) // 2, 2)
    rows = rows.filter((pl.col("filled") <= half) | pl.col("again"))
    known = _footers(rows.get_column("first"), tuple(footer))
    kind = (
        pl.when(pl.col("again"))
        .then(pl.lit(HEADINGS))
        .when(pl.col("first").is_in(known))
        .then(pl.lit(FOOTER))
        .when(pl.col("filled") <= min(CELLS_OF_A_FOOTER, len(headings) - 1))
        .then(pl.lit(FEW))
    )
    return rows.with_columns(kind.alias("kind")).filter(pl.col("kind").is_not_null()).select(list(SCHEMA))


class Strays:
    """What ``look_for`` has found in the blocks of a table.

    Of rows with few cells only those can be a footer that stand below the last good reference; in a log of few columns
    all rows are such, and those above are let go when they are many.
    """

    def __init__(self) -> None:
        self._found: list[pl.DataFrame] = []
        self._height = 0

    def add(self, found: pl.DataFrame, taken: Iterable[pl.DataFrame], pattern: str | None) -> None:
        """Add what was found in a block; ``taken``: ``_row`` and ``case_ref`` of what the sections take of it."""
        self._found.append(found)
        self._height += found.height
        if self._height > MOST_KEPT:
            refs = pl.concat(one.select("_row", "case_ref") for one in taken).drop_nulls()
            good = refs.filter(why_refused(refs.get_column("case_ref"), pattern).is_null()).get_column("_row").max()
            above = (pl.col("kind") == FEW) & (pl.col("_row") < (good if isinstance(good, int) else 0))
            self._found = [pl.concat(one.filter(~above) for one in self._found)]
            self._height = self._found[0].height

    def all(self) -> pl.DataFrame:
        """All that is kept."""
        return pl.concat(self._found)


def _footers(first: pl.Series, footer: Sequence[str]) -> list[str]:
    """Texts among those of first cells that begin as footers do."""
    # A reference of digits, or of letters and then digits, is the common cell and no footer, unless one is named so.
    plain = first.str.contains(r"^[A-Za-z]{0,3}[0-9]+$|^[A-Za-z][0-9]{8}_[0-9]+$").fill_null(value=True)
    texts = (first if footer else first.filter(~plain)).unique().to_list()
    return [text for text in texts if text and is_footer(text, footer)]


def is_footer(text: str, footer: Iterable[str] = ()) -> bool:
    """Whether the text begins as footers do, or as one that the source profile names."""
    folded = fold(text.strip('"'))
    return _WORDS.match(folded) is not None or is_named(text, footer)


def is_named(text: str, footer: Iterable[str]) -> bool:
    """Whether the text begins with one that the source profile names."""
    folded = fold(text.strip('"'))
    return any(folded.startswith(fold(one)) for one in footer)


def among_refused(found: pl.DataFrame, refs: pl.DataFrame, *, lets_go: bool) -> pl.DataFrame:
    """Those rows that are no cases.

    Args:
        found: what ``look_for`` found.
        refs: ``_i``, ``_row``, ``case_ref`` and ``why`` it is refused, of each row that a section takes.
        lets_go: whether the source profile lets rows go that no section takes.
    """
    if found.is_empty():
        return found
    good = pl.col("why").is_null() & pl.col("case_ref").is_not_null()
    last = refs.filter(good).get_column("_row").max()
    taken = pl.col("_i").is_in(refs.get_column("_i").implode())
    joined = found.filter(taken) if lets_go else found
    joined = joined.join(refs.unique("_i", keep="first"), on="_i", how="left")
    refused = ~joined.select(good.fill_null(value=False)).to_series()
    # Where the reference is the word itself, a pattern that takes every text says nothing.
    word = (pl.col("kind") == FOOTER) & (refused | (pl.col("case_ref") == pl.col("first")))
    again = pl.col("kind") == HEADINGS
    few = (pl.col("kind") == FEW) & taken
    at_end = joined.filter(few & refused & (pl.col("_row") > last)) if isinstance(last, int) else joined.clear()
    end = at_end.get_column("_i") if at_end.height <= LONGEST_FOOTER else at_end.get_column("_i").clear()
    return joined.filter(word | again | (few & pl.col("_i").is_in(end.implode()))).select(list(SCHEMA))


def footers_among(
    bad: Iterable[BadRow], width: int, last: int | None, footer: Iterable[str], pattern: str | None
) -> dict[int, bool]:
    """Rows of another length that are a footer, and whether the source profile names them.

    Args:
        bad: the rows that cannot be laid under the headings.
        width: number of the headings.
        last: last row that can be.
        footer: beginnings that the source profile names.
        pattern: what a reference looks like.
    """
    found = {}
    for one in bad:
        if one.problem != "X-20" or one.found >= width:
            continue
        cells = [cell.strip() for cell in next(csv.reader([one.content]), [])]
        filled = [cell for cell in cells if cell]
        first = filled[0] if filled else ""
        at_end = (
            last is not None and one.row > last and len(filled) <= CELLS_OF_A_FOOTER and _refused(cells[0], pattern)
        )
        if is_footer(first, footer) or at_end:
            found[one.row] = is_named(first, footer)
    return found


def _refused(text: str, pattern: str | None) -> bool:
    return not text or why_refused(pl.Series([text], dtype=pl.String()), pattern).null_count() == 0
