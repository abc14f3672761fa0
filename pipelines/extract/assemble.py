"""What all tables gave to one section, as one frame: numbered, joined, without duplicates, sorted by key."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.extract.notes import Notes
from pipelines.extract.tables import Loaded
from schemas.ages import age_on
from schemas.codelists import codelist
from schemas.sections import SECTION, Section

_ORDER = {
    "people": ("_relationship", "date_of_birth", "age"),
    "temporary_accommodation": ("entry_date", "exit_date"),
    "reviews": ("review_requested_date", "review_outcome_date"),
}
"""Columns that number the rows of a case where the export does not; the other columns break ties."""

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
    base = _first_of_each(section, base, loaded, notes)
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
    for table, row, ref, at in (
        same.filter((pl.col("_nth") > 0) & pl.col("case_ref").is_not_null())
        .select("_t", "_row", "case_ref", "_first")
        .iter_rows()
    ):
        notes.add(
            "X-26",
            loaded[table].place(row),
            section=section.name,
            case_ref=ref,
            record_key=f"{loaded[table].name} row {row}",
            first=f"row {at}",
        )
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
    failed = {
        (index, row["_i"], row["column"])
        for index, one in enumerate(loaded)
        for fed in one.feeds
        if fed.feed.section == section.name
        for row in fed.failures.filter(pl.col("column").is_in(section.key)).iter_rows(named=True)
    }
    for row in lacking.select("_t", "_i", "_row", "case_ref", *section.key[1:]).iter_rows(named=True):
        one = loaded[row["_t"]]
        name = next(name for name in section.key if row[name] is None)
        if (row["_t"], row["_i"], name) not in failed:
            notes.add(
                "X-29",
                one.place(row["_row"], _heading(section, name, one)),
                section=section.name,
                case_ref=row["case_ref"],
                record_key=f"{one.name} row {row['_row']}",
                fields=name,
            )
    kept = base.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in section.key))
    _part_aside(section, lacking, kept, "its key is blank or not understood", loaded, notes)
    return kept


def _first_of_each(section: Section, base: pl.DataFrame, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Set aside rows whose key an earlier row of the export has, identical ones too."""
    key = list(section.key)
    if not base.select(key).is_duplicated().any():
        return base
    base = base.sort("_t", "_i", "_slot", "_part")
    base = base.with_columns(
        pl.col("_row").first().over(key).alias("_first"),
        pl.col("_t").first().over(key).alias("_first_t"),
        pl.int_range(pl.len()).over(key).alias("_nth"),
    )
    kept = base.filter(pl.col("_nth") == 0).drop("_first", "_first_t", "_nth")
    later = base.filter(pl.col("_nth") > 0)
    columns = ["_t", "_i", "_row", "case_ref", "_first", "_first_t"]
    for row in later.unique(subset=["_t", "_i"], maintain_order=True).select(columns).iter_rows(named=True):
        one = loaded[row["_t"]]
        if row["_i"] in one.doubles:
            continue
        one.doubles.add(row["_i"])
        first = loaded[row["_first_t"]]
        notes.add(
            "X-25",
            one.place(row["_row"]),
            section=section.name,
            case_ref=row["case_ref"],
            record_key=f"{one.name} row {row['_row']}",
            fields=", ".join(key),
            key=" and ".join(key),
            first=f"row {row['_first']}" if first is one else f"{first.name}, row {row['_first']}",
        )
    _part_aside(section, later, kept, f"{' and '.join(key)} as in an earlier row", loaded, notes)
    return kept


def _joined(section: Section, base: pl.DataFrame, index: int, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Add the columns of a table that completes the section's rows."""
    key = list(section.key)
    for fed in loaded[index].feeds:
        if fed.feed.section != section.name or not fed.feed.adds_columns:
            continue
        rows = fed.rows.with_columns(pl.lit(index, dtype=pl.Int64).alias("_t"))
        rows = _first_of_each(section, _without_key(section, rows, loaded, notes), loaded, notes)
        lost = rows.join(base.select(key), on=key, how="anti").sort("_i")
        for row in lost.select("_i", "_row", "case_ref").iter_rows(named=True):
            notes.add(
                "X-28",
                loaded[index].place(row["_row"]),
                section=section.name,
                case_ref=row["case_ref"],
                record_key=f"{loaded[index].name} row {row['_row']}",
                fields=", ".join(key),
                value=None,
            )
        kept = rows.join(base.select(key), on=key, how="semi")
        _part_aside(section, lost, kept, f"there is no row of {section.name} to add it to", loaded, notes)
        added = [name for name in fed.feed.columns if name not in key]
        base = base.drop(added).join(kept.select(*key, *added), on=key, how="left")
    return base


def _part_aside(
    section: Section, gone: pl.DataFrame, kept: pl.DataFrame, reason: str, loaded: list[Loaded], notes: Notes
) -> None:
    """Set aside whole rows where nothing of them is left in any section, else the part of this section."""
    for (table,), part in gone.group_by("_t", maintain_order=True):
        one = loaded[int(table)]
        mine = set(part.get_column("_i").to_list())
        held = set(kept.filter(pl.col("_t") == table).get_column("_i").to_list())
        left = set(held)
        for fed in one.feeds:
            if fed.feed.section != section.name:
                if section.name == "main":
                    # What else stands in the second row of a case is the same case again, or nobody's.
                    fed.rows = fed.rows.filter(~pl.col("_i").is_in(sorted(mine)))
                left |= set(fed.rows.get_column("_i").to_list())
        for fed in one.feeds:
            if fed.feed.section == section.name:
                fed.rows = fed.rows.filter(~pl.col("_i").is_in(sorted(mine - held)))
        one.give_up(dict.fromkeys(sorted(mine - left), f"{SECTION[section.name].label}: {reason}"), notes)
        one.give_up_parts(sorted(mine & left), f"{SECTION[section.name].label}: {reason}", notes)


def derive_dependents(people: pl.DataFrame, as_at: date, loaded: list[Loaded], notes: Notes) -> pl.DataFrame:
    """Fill the dependent flag where no person of the export has one (hclic-spec 2.10); unknown ages stay null."""
    if people.is_empty() or people.get_column("dependent").null_count() < people.height:
        return people
    age = pl.coalesce(age_on(pl.col("date_of_birth"), as_at), pl.col("age"))
    needs_support = pl.col("in_education") | pl.col("unable_to_support")
    young = (age < DEPENDENT_BELOW) | (age.is_between(DEPENDENT_BELOW, DEPENDENT_TO) & needs_support)
    adult = pl.col("relationship").is_in(["main_applicant", "partner"])
    here = pl.col("lives_with_applicant").fill_null(value=True)
    derived = pl.when(adult).then(pl.lit(value=False)).otherwise(young & here)
    for table in people.get_column("_t").unique().sort().to_list():
        notes.add("X-37", loaded[table].name, section="people", fields="dependent")
    return people.with_columns(derived.alias("dependent"))
