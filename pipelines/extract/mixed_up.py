"""Files of an export that are not what their names say: swapped, or two exports side by side. Each is refused."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.errors import InputError
from pipelines.extract.doubles import joined
from pipelines.extract.mapping import Fed
from pipelines.extract.parsing import fold
from pipelines.extract.tables import Loaded
from schemas.sections import SECTION
from schemas.sources import Profile, Table

SHARED = 0.5
"""With a larger share of its rows in others too, a file is another export of the same, not another part of it."""

_STARTS = {"temporary_accommodation": "entry_date", "reviews": "review_requested_date"}
"""What tells the rows of a case where the export does not number them; an ending may have come since."""


def refuse_swapped(loaded: Sequence[Loaded]) -> None:
    """Refuse files that have the columns of another table than the one of their name.

    Two are swapped where each has all columns of the other's table, and not both have all of their own. One alone is
    wrong where it has none of the columns that only its table has, and all of another table.

    Raises:
        InputError: some file is not what its name says.
    """
    wrong: dict[str, str] = {}
    # Letters are the same in every file.
    named = [one for one in loaded if not one.located.table.reading.letters]
    for one in (one for one in named if _missing(one, one.located.table)):
        for other in named:
            if one.located.table is other.located.table:
                continue
            swapped = not _missing(one, other.located.table) and not _missing(other, one.located.table)
            if swapped and _unknown(one) + _unknown(other) > 0:
                wrong.setdefault(one.name, other.located.table.label)
                wrong.setdefault(other.name, one.located.table.label)
            elif _is_other(one, other.located.table):
                wrong.setdefault(one.name, other.located.table.label)
    if wrong:
        pairs = [f"{name} has the columns of {label}" for name, label in sorted(wrong.items())]
        start = "These look swapped" if len(wrong) > 1 else "A file looks like another"
        raise InputError(f"{start}: {joined(pairs)}. Export again, each report under its own name.")


def _required(table: Table) -> set[str]:
    names = {
        heading
        for feed in table.feeds
        for source in feed.columns.values()
        if not source.optional
        for heading in source.columns
    }
    names |= {heading for feed in table.feeds for heading in (*feed.when_filled, *feed.when_value)}
    return {fold(name.replace("{n}", "1")) for name in names}


def _known(table: Table) -> set[str]:
    return {fold(heading) for heading in table.headings()}


def _headings(one: Loaded) -> set[str]:
    return {fold(heading) for heading in one.text.headings if heading.strip()}


def _missing(one: Loaded, table: Table) -> set[str]:
    """Headings that the table needs and the file lacks; all of them where the file has no headings."""
    return _required(table) - _headings(one)


def _unknown(one: Loaded) -> int:
    """How many headings the table of the file's name does not know."""
    return len(_headings(one) - _known(one.located.table))


def _is_other(one: Loaded, table: Table) -> bool:
    own = _required(one.located.table) - _known(table)
    foreign = _required(table) - _known(one.located.table)
    return bool(own and foreign) and not (own & _headings(one)) and not _missing(one, table)


def refuse_side_by_side(profile: Profile, loaded: Sequence[Loaded]) -> None:
    """Refuse files of one wildcard that hold the same rows: exports of two days, not parts of one.

    Raises:
        InputError: more than half of a file's rows are in other files of its table too.
    """
    for table in profile.tables:
        files = [one for one in loaded if one.located.table is table and one.feeds]
        for place in range(len(files[0].feeds) if len(files) > 1 else 0):
            _refuse_shared(files, [one.feeds[place] for one in files])


def _refuse_shared(files: Sequence[Loaded], fed: Sequence[Fed]) -> None:
    section = SECTION[fed[0].feed.section]
    columns = fed[0].feed.columns
    key = [name for name in section.key if name in columns]
    if len(key) < len(section.key):
        start = _STARTS.get(section.name, "")
        key += [start] if start in columns else []
    rows = pl.concat(
        one.rows.select(pl.lit(number).alias("_file"), *key).unique() for number, one in enumerate(fed)
    ).filter(pl.col("case_ref").is_not_null())
    often = rows.with_columns((pl.len().over(key) > 1).alias("_shared"))
    shares = often.group_by("_file").agg(pl.col("_shared").mean(), pl.len().alias("_rows")).sort("_file")
    worst = shares.filter(pl.col("_shared") > SHARED).sort("_shared", "_file", descending=[True, False]).head(1)
    if worst.is_empty():
        return
    number = worst["_file"][0]
    mine = rows.filter(pl.col("_file") == number).select(key)
    others = rows.filter(pl.col("_file") != number).join(mine, on=key, how="semi", nulls_equal=True)
    other, common = others.group_by("_file").len().sort("len", "_file", descending=[True, False]).row(0)
    if len({one.name.rsplit(" [", 1)[0] for one in files}) == 1:
        raise InputError(
            f"Sheets repeat each other: {common:,} of the {worst['_rows'][0]:,} rows of {section.label.lower()} in"
            f" {files[number].name} are in {files[other].name} too. If each sheet repeats rows that go on, say in the"
            " source profile which of them to keep (keep, order_by); otherwise keep the sheets of one export."
        )
    raise InputError(
        f"Two exports lie side by side: {common:,} of the {worst['_rows'][0]:,} rows of {section.label.lower()} in"
        f" {files[number].name} are in {files[other].name} too. Keep the files of one export."
    )
