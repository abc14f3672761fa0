"""Create the relations about money from the marts and the authority's files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.errors import InputError, UsageError
from pipelines.finance.cost import files
from pipelines.private import private_folder
from pipelines.transform import create_each, read_relation

RELATIONS: tuple[str, ...] = (
    "cost_basis",
    "cost_type_rules",
    "cost_nights",
    "cost_charges",
    "cost_month",
    "cost_type_month",
    "cost_type_year",
    "cost_ro4",
    "cost_unit",
    "cost_missing",
    "cost_reconciliation",
)
"""Each relation reads only the marts, ``metric_window``, the authority's files and those before it."""

STORED = frozenset({"cost_nights", "cost_charges", "cost_month"})
_MATCHED_ON = ("placement_ref", "landlord", "site", "ta_type", "bedrooms", "self_contained")


@dataclass(frozen=True)
class CostFiles:
    """Paths of the authority's files; without one, what depends on it is missing and says so, never 0.

    ``rates``, ``lha`` and ``ceilings`` belong to a run and are kept with it: to name one here is to ask what would be
    if the run had been given it.

    ``basis``: ``rates`` charges nights at the rates file's rate, else at the rate recorded on the placement;
    ``invoices`` charges only what an invoice line covers, at the line's nightly rate.
    """

    rates: Path | None = None
    lha: Path | None = None
    ceilings: Path | None = None
    invoices: Path | None = None
    ro4_other: Path | None = None
    basis: Literal["rates", "invoices"] = "rates"


OF_A_RUN = {"rates": files.RATES, "lha": files.LHA, "ceilings": files.CEILINGS}
"""The files that belong to a run, by the kind under which it keeps them (``run_file``), which is also the option."""
_OF_THE_EXPORT = "rates of the export"


def check_files(chosen: CostFiles) -> None:
    """Read the files that are named, for their faults alone.

    Raises:
        InputError: a file cannot be read (see ``files.read``) or repeats a key.
    """
    _tables(chosen)


def _of_the_run(con: duckdb.DuckDBPyConnection, held: ExitStack) -> dict[str, Path]:
    """The files that the run of the connection was given, by kind, as files to read; none where it keeps none."""
    row = con.execute("select count(*) from duckdb_tables() where table_name = 'run_file'").fetchone()
    assert row is not None
    if not row[0]:
        return {}
    kept = con.execute("select kind, name, content from run_file order by kind").fetchall()
    found = {}
    for kind, name, content in kept:
        if kind in OF_A_RUN:
            folder = held.enter_context(private_folder())
            found[kind] = folder / name
            found[kind].write_bytes(content)
    return found


def _basis(chosen: CostFiles, tried: Mapping[str, Path | None]) -> dict[str, object]:
    """What the amounts rest on, in words: ``basis`` names files, ``basis_for_sharing`` no text of the authority's."""
    names = {name: path.name if (path := getattr(chosen, name)) else None for name in (*OF_A_RUN, "invoices")}
    if chosen.basis == "invoices":
        words, shared = f"invoices of {names['invoices']}", "invoices"
    elif names["rates"]:
        words, shared = f"rates of {names['rates']}, else {_OF_THE_EXPORT}", f"a rates file, else {_OF_THE_EXPORT}"
    else:
        words = shared = _OF_THE_EXPORT
    if names["lha"]:
        words += f"; caps by {names['lha']}" + (f" and {names['ceilings']}" if names["ceilings"] else "")
    is_what_if = any(tried.values())
    return {
        "basis": f"what if: {words}" if is_what_if else words,
        "basis_for_sharing": shared,
        **{f"{name}_file": file for name, file in names.items()},
        "is_what_if": is_what_if,
        "uses_recorded_rate": chosen.basis == "rates",
        "is_invoices": chosen.basis == "invoices",
    }


def _read(path: Path | None, form: files.Format) -> pl.DataFrame:
    return files.empty(form) if path is None else files.read(path, form)


def _refuse_repeats(frame: pl.DataFrame, key: list[str], path: Path | None, words: str) -> None:
    if frame.select(key).is_duplicated().any():
        assert path is not None
        raise InputError(f"{path.name} has two rows for the same {words}.")


def _rates(chosen: CostFiles, invoices: pl.DataFrame) -> pl.DataFrame:
    if chosen.basis == "invoices":
        rates = invoices.select(
            "placement_ref",
            "cost_centre",
            "rate_pence",
            pl.lit("night").alias("per"),
            pl.col("first_night").alias("valid_from"),
            pl.col("last_night").alias("valid_to"),
        )
        rates = pl.concat([files.empty(files.RATES), rates], how="diagonal")
    else:
        rates = _read(chosen.rates, files.RATES)
    return rates.with_row_index("rate_no", 1).with_columns(
        pl.col("rate_no").cast(pl.Int64),
        count_fields=pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int64) for name in _MATCHED_ON),
    )


def _tables(chosen: CostFiles) -> dict[str, pl.DataFrame]:
    """The files as tables, by the name of the table; of one that is not named, no row."""
    if chosen.basis == "invoices" and chosen.invoices is None:
        raise UsageError("Costs by invoice need the file of invoices.")
    invoices = _read(chosen.invoices, files.INVOICES)
    if invoices.filter(pl.col("last_night") < pl.col("first_night")).height:
        assert chosen.invoices is not None
        raise InputError(f"{chosen.invoices.name} has a line whose last night is before its first.")
    lha = _read(chosen.lha, files.LHA)
    ceilings = _read(chosen.ceilings, files.CEILINGS)
    other = _read(chosen.ro4_other, files.RO4_OTHER)
    _refuse_repeats(invoices, ["invoice_number", "line_no"], chosen.invoices, "invoice line")
    _refuse_repeats(lha, ["lha_area", "size", "valid_from"], chosen.lha, "area, size and day")
    _refuse_repeats(ceilings, ["lha_area"], chosen.ceilings, "area")
    _refuse_repeats(other, ["financial_year", "line"], chosen.ro4_other, "year and line")
    return {
        "cost_rate": _rates(chosen, invoices),
        "cost_lha": lha,
        "cost_ceiling": ceilings,
        "cost_invoice": invoices,
        "cost_ro4_other": other,
    }


_CHOICE = {
    **dict.fromkeys(
        ("basis", "basis_for_sharing", "rates_file", "lha_file", "ceilings_file", "invoices_file"), pl.String
    ),
    **dict.fromkeys(("is_what_if", "uses_recorded_rate", "is_invoices"), pl.Boolean),
}


def prepare(con: duckdb.DuckDBPyConnection, chosen: CostFiles | None = None) -> None:
    """Create every relation of ``RELATIONS``; ``transform.create_window`` has made ``metric_window`` before.

    Rates, LHA rates and ceilings are those that the run keeps (``run_file``), unless ``chosen`` names others.

    Raises:
        InputError: a file cannot be read (see ``files.read``) or repeats a key.
        UsageError: costs by invoice were asked for without an invoice file.
    """
    chosen = chosen or CostFiles()
    tried = {kind: getattr(chosen, kind) for kind in OF_A_RUN}
    with ExitStack() as held:
        kept = _of_the_run(con, held)
        used: dict[str, Any] = {kind: tried[kind] or kept.get(kind) for kind in OF_A_RUN}
        chosen = replace(chosen, **used)
        tables = _tables(chosen)
    tables["cost_choice"] = pl.DataFrame([_basis(chosen, tried)], schema=_CHOICE)
    for name, frame in tables.items():
        arrow.load(con, f"create or replace temp table {name} as select * from incoming", frame)
    create_each(con, "metrics", RELATIONS, STORED)


def relation(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """All rows of one relation of ``RELATIONS``, always in the same order; amounts in pounds are decimals.

    Raises:
        UsageError: there is no such relation.
    """
    return read_relation(con, name, RELATIONS, STORED)


def cost_by_type_month(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per month and type, and for all types ('all'): placement_nights, gross, recoverable, net (pounds).

    An amount is null where a night of it has no rate; ``nights_without_rate`` says how many.
    """
    return relation(con, "cost_type_month")


_WORDS = {
    "rate": "a row in the rates file that fits them",
    "LHA area": "the LHA area of the property on the placement",
    "whether self-contained": "whether the property is self-contained on the placement",
    "bedrooms": "the number of bedrooms on the placement",
    "LHA rate of January 2011": "the area and size in the file of LHA rates",
}


def missing_sentences(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What is missing for the cost figures, a sentence for each kind and type; no value from the data but the type."""
    rows = con.execute(
        "select missing, ta_type, sum(nights), sum(count_placements), min(first_night), max(last_night) "
        "from cost_missing group by missing, ta_type order by missing, ta_type"
    ).fetchall()
    return [
        f"Missing {missing}: {int(nights):,} nights of {int(placements):,} placements of type {ta_type}, "
        f"{first:%d %B %Y} to {last:%d %B %Y}. Supply {_WORDS[missing]}."
        for missing, ta_type, nights, placements, first, last in rows
    ]
