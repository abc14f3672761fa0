"""Create the relations about money from the marts and the authority's files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.errors import InputError, UsageError
from pipelines.finance.cost import files
from pipelines.transform import create_each, read_relation

RELATIONS: tuple[str, ...] = (
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

    ``basis``: ``rates`` charges nights at the rates file's rate, else at the rate recorded on the placement;
    ``invoices`` charges only what an invoice line covers, at the line's nightly rate.
    """

    rates: Path | None = None
    lha: Path | None = None
    ceilings: Path | None = None
    invoices: Path | None = None
    ro4_other: Path | None = None
    basis: Literal["rates", "invoices"] = "rates"


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


def prepare(con: duckdb.DuckDBPyConnection, chosen: CostFiles | None = None) -> None:
    """Create every relation of ``RELATIONS``; ``transform.create_window`` has made ``metric_window`` before.

    Raises:
        InputError: a file cannot be read (see ``files.read``) or repeats a key.
        UsageError: costs by invoice were asked for without an invoice file.
    """
    chosen = chosen or CostFiles()
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
    tables = {
        "cost_rate": _rates(chosen, invoices),
        "cost_lha": lha,
        "cost_ceiling": ceilings,
        "cost_invoice": invoices,
        "cost_ro4_other": other,
        "cost_basis": pl.DataFrame(
            {"uses_recorded_rate": [chosen.basis == "rates"], "is_invoices": [chosen.basis == "invoices"]}
        ),
    }
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
