"""Whether a cell can be a case reference; what it is not, in words; and what a spreadsheet made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from pipelines.extract.mapping import Fed

# With its last letter: two letters and six digits alone are how systems number cases (HX000001).
_NINO = r"^[A-Za-z]{2}\d{6}[A-Da-d]$"
_POSTCODE = r"^[A-Za-z]{1,2}\d[A-Za-z\d]?\d[A-Za-z]{2}$"
_DATE = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$|^\d{4}-\d\d-\d\d$"

_WHOLE = r"^(\d+)\.0+$"

MOST_CHARACTERS = 40

PATTERN_FAILED = "it does not fit case_ref_pattern of the source profile"


def why_refused(refs: pl.Series, pattern: str | None) -> pl.Series:
    """For each reference the test that it fails, in words; null where it fails none, and where there is no reference.

    Args:
        refs: references, some of them null.
        pattern: regular expression of the source profile, which decides alone; without one, the usual tests are made.
    """
    if pattern is not None:
        fits = re.compile(pattern)
        bad = [ref for ref in refs.drop_nulls().unique() if fits.search(ref) is None]
        words = pl.when(pl.col("ref").is_in(bad)).then(pl.lit(PATTERN_FAILED)).otherwise(None)
    else:
        ref = pl.col("ref")
        words = (
            pl.when(ref.str.len_chars() > MOST_CHARACTERS)
            .then(pl.lit(f"it has more than {MOST_CHARACTERS} characters"))
            .when(ref.str.contains(r"^\d(?:\.\d+)?[Ee]\+\d+$"))
            .then(pl.lit("a spreadsheet has shortened the number, and its last digits are lost"))
            .when(~ref.str.contains(r"^[A-Za-z0-9/_.\-]*$"))
            .then(pl.lit("it holds something else than letters, digits, / _ - and full stops"))
            .when(~ref.str.contains(r"^[A-Za-z0-9]"))
            .then(pl.lit("it does not begin with a letter or digit"))
            .when(~ref.str.contains(r"\d"))
            .then(pl.lit("it holds no digit"))
            .when(ref.str.contains(_NINO))
            .then(pl.lit("it looks like a National Insurance number"))
            .when(ref.str.contains(_POSTCODE))
            .then(pl.lit("it looks like a postcode"))
            .when(ref.str.contains(_DATE))
            .then(pl.lit("it looks like a date"))
            .otherwise(None)
        )
    return pl.DataFrame({"ref": refs}).select(words).to_series()


def without_decimals(feeds: Iterable[Fed], pattern: str | None) -> list[int]:
    """Take the ``.0`` off references of digits, unless other decimals are among them; the rows that had one, sorted.

    Args:
        feeds: what one table gave; changed in place.
        pattern: regular expression of the source profile, which the references must still fit.
    """
    parts = list(feeds)
    refs = pl.concat([fed.rows.get_column("case_ref") for fed in parts]).drop_nulls().unique()
    dotted = refs.filter(refs.str.contains(".", literal=True))
    whole = pl.col("case_ref").str.replace(_WHOLE, "$1")
    if dotted.is_empty() or not dotted.str.contains(_WHOLE).all():
        return []
    if why_refused(dotted.str.replace(_WHOLE, "$1"), pattern).count():
        return []
    rows: set[int] = set()
    for fed in parts:
        rows.update(fed.rows.filter(pl.col("case_ref").str.contains(_WHOLE)).get_column("_row").to_list())
        fed.rows, fed.failures = fed.rows.with_columns(whole), fed.failures.with_columns(whole)
    return sorted(rows)
