"""Words of an authority's own (teams, sites, hostels) in what is shared: shown where it has confirmed them.

No test can tell from a text alone that it is no person's: a row of an export that is shifted by a column brings a name,
a telephone number or an address into any column. So what leaves holds the words that somebody has confirmed
(``hclic words confirm``) and no other. Rows whose words are withheld become one row, so that sums still hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import duckdb
import polars as pl

from pipelines.disclosure.shareable import Shareable

KINDS: dict[str, str] = {
    "team": "teams",
    "site": "hostels, blocks and other sites",
    "cost_centre": "cost centres",
    "lha_area": "LHA areas",
}
"""Kinds of local text by the column that holds it, in words. A column of another name holds none."""

WITHHELD = "withheld"
"""Stands for every word that is not confirmed."""

OURS = frozenset({"all", "not recorded", WITHHELD})
"""What the program itself writes into such a column."""

LONGEST = 60
"""Characters of the longest word that can be confirmed. Ours: a name of a team is shorter, a remark is longer."""

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_PERSONAL: tuple[tuple[str, str], ...] = (
    ("an e-mail address", r"@"),
    ("a National Insurance number", r"\b[a-z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[a-d]?\b"),
    ("a case reference", r"\b[enws]\d{8}_"),
    (
        "a date",
        r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"
        rf"|\b\d{{1,2}}(st|nd|rd|th)?[ -]({_MONTHS})[a-z]*\.?,?[ -]\d{{2,4}}\b",
    ),
    ("a telephone number", r"(\+|\b)\d([ ()./-]*\d){8,}"),
    ("a postcode", r"\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b"),
    ("a number that may be a person's or a case's", r"\d{5,}"),
    ("a person's title", r"\b(mr|mrs|ms|miss|mx|dr)\b\.? +\S"),
)
"""What is refused in a word, and how it is told from the text in lower case."""


@dataclass(frozen=True)
class Confirmed:
    """The words that an authority has confirmed for sharing.

    ``spellings``: the word as it was confirmed, by kind and ``folded`` text.
    """

    spellings: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def shown(self, kind: str, word: str) -> str:
        """The word as it may be shared: as it was confirmed, or ``WITHHELD``."""
        if word in OURS:
            return word
        return self.spellings.get((kind, folded(word)), WITHHELD)

    def without(self, personal: Collection[str]) -> Confirmed:
        """The same without the words that are something of a person in the data at hand (folded texts)."""
        return Confirmed({key: word for key, word in self.spellings.items() if key[1] not in personal})


def confirmed(con: duckdb.DuckDBPyConnection, la_code: str) -> Confirmed:
    """The words of the authority in ``confirmed_word`` that are not withdrawn; none where there is no such table."""
    row = con.execute("select count(*) from duckdb_tables() where table_name = 'confirmed_word'").fetchone()
    assert row is not None
    if not row[0]:
        return Confirmed()
    found = con.execute(
        "select kind, word from confirmed_word where la_code = ? and withdrawn_on is null order by word_no", [la_code]
    ).fetchall()
    # What looks like a person's is withheld even where an older version let it be confirmed.
    return Confirmed({(kind, folded(word)): word for kind, word in found if why_not(word) is None})


def folded(word: str) -> str:
    """A word without the differences that are none: case and white space."""
    return " ".join(word.split()).casefold()


def why_not(word: str) -> str | None:
    """Why a word cannot be confirmed, in a few words that do not repeat it; None where nothing speaks against it."""
    text = folded(word)
    if not text:
        return "it is empty"
    if text in OURS:
        return "the program itself writes it for something else"
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if not all(mark.isprintable() for mark in word):
        return "it holds characters that cannot be printed"
    return next((f"it holds {what}" for what, pattern in _PERSONAL if re.search(pattern, text)), None)


def withhold(frame: pl.DataFrame, how: Shareable, words: Confirmed) -> pl.DataFrame:
    """One metric with the words that are not confirmed withheld, and the rows that then fall together as one.

    Counts are added up. What rests on them, such as a median, cannot be: it stays where a row stands for itself and is
    empty where it stands for several.
    """
    mapped = _mapped(frame, words)
    if mapped is frame:
        return frame
    key = [*how.dimensions, *(name for name in how.only if name not in how.dimensions)]
    others = [name for name in frame.columns if name not in key]
    return (
        mapped.group_by(key, maintain_order=True)
        .agg(*(pl.col(name).sum() if name in how.counts else _if_one(name, how) for name in others))
        .select(frame.columns)
    )


def _if_one(name: str, how: Shareable) -> pl.Expr:
    is_same = pl.len() == 1 if name in how.derived or name in how.drop else pl.col(name).n_unique() == 1
    return pl.when(is_same).then(pl.col(name).first()).otherwise(None).alias(name)


def _mapped(frame: pl.DataFrame, words: Confirmed) -> pl.DataFrame:
    changed = [_shown(words, kind, pl.col(kind)).alias(kind) for kind in KINDS if kind in frame.columns]
    if {"dimension", "value"} <= set(frame.columns) and frame["dimension"].is_in(list(KINDS)).any():
        value = pl.col("value")
        for kind in KINDS:
            value = pl.when(pl.col("dimension") == kind).then(_shown(words, kind, pl.col("value"))).otherwise(value)
        changed.append(value.alias("value"))
    return frame.with_columns(changed) if changed else frame


def _shown(words: Confirmed, kind: str, column: pl.Expr) -> pl.Expr:
    return column.map_elements(lambda word: words.shown(kind, word), return_dtype=pl.String)
