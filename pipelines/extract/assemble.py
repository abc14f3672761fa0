"""What all tables gave to one section, as one frame: numbered, joined, without duplicates, sorted by key."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.extract.notes import Notes
from pipelines.extract.tables import Loaded
from schemas.ages import age_carried, age_on
from schemas.codelists import codelist
from schemas.sections import Section

_ORDER = {
    "people": ("_relationship", "date_of_birth", "age"),
    "temporary_accommodation": ("entry_date", "exit_date"),
    "reviews": ("review_requested_date", "review_outcome_date"),
}
"""Columns that number the rows of a case where the export does not; the other columns break ties."""

MOST_ROWS_OF_A_CASE = 1_000
"""Rows of one section. The rules compare the rows of a case with each other, a million pairs of these."""

# Under 16; or 16 to 18 and in education or unable to support themselves (hclic-spec 2.10).
DEPENDENT_BELOW = 16
DEPENDENT_TO = 18


def build_section(section: Section, loaded: list[Loaded], authority: str, notes: Notes) -> pl.DataFrame:
    """The section's rows, with ``_file`` and ``_row``; what cannot be loaded is set aside."""
    base = _pool(section, loaded, adds=False)
    number = section.key[-1] if section.key[-1].endswith("_no") else None
    unnumbered = number is not None and number not in base.columns
    base = _complete(section, base, authority)
    if unnumbered and number is not None:
        base = _numbered(section, base, number, loaded, notes)
    base = _without_key(section, base, loaded, notes)
    base, later = _first_of_each(section, base, loaded, notes)
    _part_aside(section, later, base, _later(section), loaded, notes)
    base = _without_crowds(section, base, loaded, notes)
    for index in sorted({index for index, one in enumerate(loaded) if _adds(section, one)}):
        base = _joined(section, base, index, loaded, notes)
    return (
        base.with_columns(
            pl.col("_t")
            .replace_strict({index: one.name for index, one in enumerate(loaded)}, return_dtype=pl.String())
            .alias("_file")
        )
        .select(*section.names, "_file", "_row", "_t", "_i")
        .sort(*section.key, "_file", "_row")
    )


def _adds(section: Section, loaded: Loaded) -> bool:
    return any(fed.feed.section == section.name and fed.feed.adds_columns for fed in loaded.feeds)


def _pool(section: Section, loaded: list[Loaded], *, adds: bool) -> pl.DataFrame:
    parts = [
        fed.rows.with_columns(pl.lit(index, dtype=pl.Int64).alias("_t"), pl.lit(bool(fed.feed.repeat)).alias("_rep"))
        for index, one in enumerate(loaded)
        for fed in one.feeds
        if fed.feed.section == section.name and fed.feed.adds_columns == adds
    ]
    if parts:
        return pl.concat(parts, how="diagonal")
    own = {name: pl.Int64() for name in ("_t", "_i", "_row", "_slot", "_part")}
    return pl.DataFrame(schema={**own, "_rep": pl.Boolean()}).with_columns(
        pl.lit(None, dtype=pl.String()).alias("case_ref")
    )


def _complete(section: Section, base: pl.DataFrame, authority: str) -> pl.DataFrame:
    missing = [column for column in section.columns if column.name not in base.columns]
    base = base.with_columns(pl.lit(None, dtype=column.dtype).alias(column.name) for column in missing)
    if "la_code" in section.names and base.get_column("la_code").null_count() == base.height:
        # Most systems hold one authority and do not export it.
        base = base.with_columns(pl.lit(authority).alias("la_code"))
    return base


def _numbered(section: Section, base: pl.DataFrame, number: str, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Number the rows of a case: repeated columns by their place, rows by their content."""
    content = [name for name in section.names if name != number]
    if "relationship" in content:
        order = {code: index for index, code in enumerate(codelist("relationship").codes)}
        base = base.with_columns(
            pl.col("relationship").replace_strict(order, default=None, return_dtype=pl.Int64()).alias("_relationship")
        )
    first = _ORDER.get(section.name, ())
    base = base.sort("case_ref", *first, *content, "_t", "_i", "_slot", "_part", nulls_last=True)
    by_place = pl.col("_rep").all().over("case_ref") & (pl.col("_i").n_unique().over("case_ref") == 1)
    counted = pl.int_range(1, pl.len() + 1).over("case_ref")
    base = base.with_columns(pl.when(by_place).then(pl.col("_slot")).otherwise(counted).cast(pl.Int64).alias(number))
    same = base.filter(~pl.col("_rep")).with_columns(
        pl.col("_row").first().over(content).alias("_first"),
        pl.int_range(pl.len()).over(content).alias("_nth"),
    )
    twice = same.filter((pl.col("_nth") > 0) & pl.col("case_ref").is_not_null())
    for (table,), rows in twice.group_by("_t", maintain_order=True):
        name = loaded[int(table)].name
        rows = notes.spoken(name, rows, "_first", is_here=True)
        notes.rows("X-26", name, rows, section=section.name, first=pl.col("_spoken"))
    return base


def _heading(section: Section, name: str, loaded: Loaded) -> str:
    for fed in loaded.feeds:
        if fed.feed.section == section.name and name in fed.feed.columns:
            return " + ".join(fed.feed.columns[name].columns) or name
    return name


def _without_key(section: Section, base: pl.DataFrame, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Set aside rows whose key is blank or could not be parsed (the latter has its finding already)."""
    lacking = base.filter(pl.any_horizontal(pl.col(name).is_null() for name in section.key))
    if lacking.is_empty():
        return base
    blank = pl.coalesce(pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in section.key)
    lacking = lacking.with_columns(blank.alias("_blank"))
    for (table, name), rows in lacking.group_by("_t", "_blank", maintain_order=True):
        one = loaded[int(table)]
        for fed in one.feeds:
            if fed.feed.section == section.name:
                failed = fed.failures.filter(pl.col("column") == name).get_column("_i")
                rows = rows.filter(~pl.col("_i").is_in(failed.implode()))
        heading = _heading(section, str(name), one)
        notes.rows("X-29", one.name, rows, section=section.name, fields=str(name), column=heading)
    kept = base.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in section.key))
    _part_aside(section, lacking, kept, "its key is blank or not understood", loaded, notes)
    return kept


def _without_crowds(section: Section, base: pl.DataFrame, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Set aside the rows of a reference that so many have that it is none: 0, TEST1, a column filled down."""
    sizes = base.group_by("case_ref").len(name="_crowd").filter(pl.col("_crowd") > MOST_ROWS_OF_A_CASE)
    if sizes.is_empty():
        return base
    crowd = base.select("_t", "_i", "_row", "case_ref").join(sizes, on="case_ref", how="inner").sort("_t", "_i")
    kept = base.join(sizes, on="case_ref", how="anti", maintain_order="left")
    for (table,), rows in crowd.group_by("_t", maintain_order=True):
        one = loaded[int(table)]
        count = pl.col("_crowd").cast(pl.String())
        notes.rows("X-73", one.name, rows, section=section.name, fields="case_ref", count=count)
    _part_aside(section, crowd, kept, "more rows of one case than a case can have", loaded, notes)
    return kept


def _later(section: Section) -> str:
    return f"{' and '.join(section.column(name).words for name in section.key)} as in an earlier row"


def _first_of_each(
    section: Section, base: pl.DataFrame, loaded: list[Loaded], notes: Notes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The first row of each key, and the places of the rows whose key an earlier one has, identical ones too."""
    key = list(section.key)
    if not base.select(key).is_duplicated().any():
        return base, base.select("_t", "_i").clear()
    # The keys alone are sorted: of an export of millions of rows the whole ones would be held twice.
    places = base.select("_t", "_i", "_slot", "_part", "_row", *key).with_row_index("_n")
    places = places.sort("_t", "_i", "_slot", "_part").with_columns(
        pl.col("_row").first().over(key).alias("_first"),
        pl.col("_t").first().over(key).alias("_first_t"),
        pl.int_range(pl.len()).over(key).alias("_nth"),
    )
    kept = base[places.filter(pl.col("_nth") == 0).get_column("_n").cast(pl.Int64())]
    later = places.filter(pl.col("_nth") > 0)
    for (table, other), rows in later.unique(["_t", "_i"], keep="first", maintain_order=True).group_by(
        "_t", "_first_t", maintain_order=True
    ):
        one, first = loaded[int(table)], loaded[int(other)]
        rows = rows.filter(~pl.col("_i").is_in(one.doubles.implode()))
        one.doubles = pl.concat([one.doubles, rows.get_column("_i")])
        notes.rows(
            "X-25",
            one.name,
            notes.spoken(first.name, rows, "_first", is_here=first is one),
            section=section.name,
            fields=", ".join(key),
            key=" and ".join(section.column(name).words for name in key),
            first=pl.col("_spoken"),
        )
    return kept, later


def _joined(section: Section, base: pl.DataFrame, index: int, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Add the columns of a table that completes the section's rows."""
    key = list(section.key)
    for fed in loaded[index].feeds:
        if fed.feed.section != section.name or not fed.feed.adds_columns:
            continue
        rows = fed.rows.with_columns(pl.lit(index, dtype=pl.Int64).alias("_t"))
        rows, later = _first_of_each(section, _without_key(section, rows, loaded, notes), loaded, notes)
        _part_aside(section, later, rows, _later(section), loaded, notes)
        lost = rows.join(base.select(key), on=key, how="anti").sort("_i")
        notes.rows("X-28", loaded[index].name, lost, section=section.name, fields=", ".join(key))
        kept = rows.join(base.select(key), on=key, how="semi")
        _part_aside(section, lost, kept, f"there is no row of {section.label} to add it to", loaded, notes)
        added = [name for name in fed.feed.columns if name not in key]
        base = base.drop(added).join(kept.select(*key, *added), on=key, how="left")
    return base


def _part_aside(
    section: Section, gone: pl.DataFrame, kept: pl.DataFrame, reason: str, loaded: list[Loaded], notes: Notes
) -> None:
    """Set aside whole rows where nothing of them is left in any section, else the part of this section."""
    for (table,), part in gone.group_by("_t", maintain_order=True):
        one = loaded[int(table)]
        mine = part.select("_i").unique().sort("_i").with_columns(reason=pl.lit(f"{section.label}: {reason}"))
        here = kept.filter(pl.col("_t") == table).get_column("_i")
        held = [here]
        for fed in one.feeds:
            if fed.feed.section != section.name:
                if section.name == "main":
                    # What else stands in the second row of a case is the same case again, or nobody's.
                    fed.rows = fed.rows.join(mine, on="_i", how="anti", maintain_order="left")
                held.append(fed.rows.get_column("_i"))
        left = pl.col("_i").is_in(pl.concat(held).implode())
        lost = mine.filter(~pl.col("_i").is_in(here.implode()))
        for fed in one.feeds:
            if fed.feed.section == section.name:
                fed.rows = fed.rows.join(lost, on="_i", how="anti", maintain_order="left")
        one.give_up(mine.filter(~left), notes)
        one.give_up_parts(mine.filter(left), notes)


def derive_dependents(people: pl.DataFrame, as_at: date, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Fill the dependent flag where no person of the export has one (hclic-spec 2.10); unknown ages stay null."""
    if people.is_empty() or people.get_column("dependent").null_count() < people.height:
        return people
    carried = age_carried(pl.col("age"), pl.col("age_date"), as_at)
    age = pl.coalesce(age_on(pl.col("date_of_birth"), as_at), carried)
    needs_support = pl.col("in_education") | pl.col("unable_to_support")
    young = (age < DEPENDENT_BELOW) | (age.is_between(DEPENDENT_BELOW, DEPENDENT_TO) & needs_support)
    adult = pl.col("relationship").is_in(["main_applicant", "partner"])
    here = pl.col("lives_with_applicant").fill_null(value=True)
    derived = pl.when(adult).then(pl.lit(value=False)).otherwise(young & here)
    for table in people.get_column("_t").unique().sort().to_list():
        notes.add("X-37", loaded[table].name, section="people", fields="dependent")
    return people.with_columns(derived.alias("dependent"))
