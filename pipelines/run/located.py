"""Where the record of a finding stands in the export, whose case it is, and what the council's own system calls it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines import findings as found
from pipelines.findings_id import KNOWN_AS, record_known_by, with_ids
from pipelines.link.maps import is_in_small_letters
from pipelines.period import Quarter
from pipelines.validate.catalogue import kind_of
from pipelines.validate.reporting import record_key
from schemas.sections import CASE_REF_PATTERN, SECTIONS

_REF = pl.col("case_ref")


def places_of(sections: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per record: section, case_ref, record_key as findings name it, file, row, officer, team, known_as.

    Officer and team are given with the case's row of main only. ``known_as`` is what a record whose number within the
    case may be given anew is known by from export to export.

    A section that was not read from an export (it has no ``_file`` and ``_row``) gives none.
    """
    parts = [
        sections[section.name].select(
            pl.lit(section.name).alias("section"),
            _REF,
            record_key(section, sections[section.name]).alias("record_key"),
            pl.col("_file").alias("file"),
            pl.col("_row").alias("row"),
            *(
                (pl.col(name) if section.name == "main" else pl.lit(None, pl.String)).alias(name)
                for name in ("officer", "team")
            ),
            _known_as(section.name).alias("known_as"),
        )
        for section in SECTIONS
        if "_row" in sections[section.name].columns
    ]
    names = ("section", "case_ref", "record_key", "file", "row", "officer", "team")
    kinds = {**{name: found.SCHEMA[name] for name in names}, "known_as": pl.String()}
    return pl.concat(parts) if parts else pl.DataFrame(schema=kinds)


def _known_as(section: str) -> pl.Expr:
    names = KNOWN_AS.get(section, ())
    return pl.coalesce([*(pl.col(name).cast(pl.String) for name in names), pl.lit(None, pl.String)])


def under_case_refs(findings: pl.DataFrame, reference_map: pl.DataFrame) -> pl.DataFrame:
    """Findings of the reading, which name a case as the export does, under its H-CLIC reference."""
    small = is_in_small_letters(_REF)
    findings = findings.with_columns(pl.when(small).then(_REF.str.to_uppercase()).otherwise(_REF).alias("case_ref"))
    is_local = ~_REF.str.contains(CASE_REF_PATTERN)
    to_case = dict(reference_map.select("local_ref", "case_ref").iter_rows())
    return found.complete(findings).with_columns(
        _REF.replace(to_case), pl.when(is_local).then(_REF).otherwise("local_ref").alias("local_ref")
    )


def located(findings: pl.DataFrame, places: pl.DataFrame, reference_map: pl.DataFrame) -> pl.DataFrame:
    """The findings with file and row of their record, local reference, officer and team of their case.

    What a finding has already stays.

    A finding on a household, whose record is not one row, gets the first row of the case in the section; one on a case
    without rows there, the case's row of main.

    Args:
        findings: under H-CLIC references.
        places: as ``places_of`` gives them.
        reference_map: one row per local reference: local_ref, case_ref.
    """
    named = places.join(findings.select("case_ref").unique(), on="case_ref", how="semi")
    first = named.sort("section", "case_ref", "file", "row").unique(["section", "case_ref"], keep="first")
    one_each = named.unique(["section", "case_ref", "record_key"], keep="first", maintain_order=True)
    main = first.filter(pl.col("section") == "main")
    officer = main.select(_REF, pl.col("officer").alias("_officer"), pl.col("team").alias("_team"))
    spoken = (
        ("_exact", one_each, ["section", "case_ref", "record_key"]),
        ("_first", first, ["section", "case_ref"]),
        ("_main", main, ["case_ref"]),
    )
    lacks = pl.col("file").is_null() & (pl.col("scope") == found.RECORD)
    out = findings
    for mark, rows, key in spoken:
        out = out.join(
            rows.select(*key, pl.col("file").alias(f"{mark}_file"), pl.col("row").alias(f"{mark}_row")),
            on=key,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
    for name in ("file", "row"):
        read = pl.coalesce(f"{mark}_{name}" for mark, _, _ in spoken)
        out = out.with_columns(pl.when(lacks).then(read).otherwise(name).alias(f"_{name}"))
    local = (
        reference_map.filter(pl.col("local_ref") != _REF)
        .sort("local_ref")
        .unique("case_ref", keep="first", maintain_order=True)
        .select(_REF, pl.col("local_ref").alias("_local_ref"))
    )
    for of_case in (local, officer):
        out = out.join(of_case, on="case_ref", how="left", maintain_order="left")
    return out.with_columns(
        pl.col("_file").alias("file"),
        pl.col("_row").alias("row"),
        pl.coalesce("local_ref", "_local_ref").alias("local_ref"),
        pl.coalesce("officer", "_officer").alias("officer"),
        pl.coalesce("team", "_team").alias("team"),
    ).select(list(found.SCHEMA))


def known(findings: pl.DataFrame, places: pl.DataFrame, quarter: Quarter) -> pl.DataFrame:
    """The findings with their kind and with what they are known by from run to run.

    The kind is that of the rule; but there is nothing to fix for this return on a case that is known not to be in it:
    its record is to be tidied.

    Args:
        findings: with ``in_return``.
        places: as ``places_of`` gives them.
        quarter: the return's.
    """
    rules = findings.select("rule_id", "severity").unique()
    rules = rules.with_columns(
        pl.struct("rule_id", "severity")
        .map_elements(lambda one: kind_of(one["rule_id"], one["severity"]), pl.String)
        .alias("_kind")
    )
    findings = findings.join(rules, on=["rule_id", "severity"], how="left", maintain_order="left")
    kind = pl.col("_kind")
    is_elsewhere = (kind == found.FIX) & (pl.col("in_return") == found.NO).fill_null(value=False)
    key = ["section", "case_ref", "record_key"]
    named = places.drop_nulls("known_as").unique(key, keep="first", maintain_order=True).select(*key, "known_as")
    # What the reading found names a file's row: it is known by the record that was read there.
    place = ["section", "case_ref", "file", "row"]
    read = places.unique(place, keep="first", maintain_order=True).select(
        *place, pl.coalesce("known_as", "record_key").alias("_read_as")
    )
    is_place = pl.col("rule_id").str.starts_with("X-")
    told = findings.join(named, on=key, how="left", nulls_equal=True, maintain_order="left")
    told = told.join(read, on=place, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.when(is_elsewhere).then(pl.lit(found.TIDY)).otherwise(kind).alias("kind"),
        pl.coalesce(pl.when(is_place).then("_read_as"), "known_as", record_known_by()).alias("known_as"),
    )
    return with_ids(told, quarter).drop("known_as", "_read_as", "_kind")
