"""Pairs of people who may be one, with the weight of what speaks for it: Splink on DuckDB, on one thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from pipelines import arrow, at_rest
from pipelines.errors import InputError
from pipelines.people.extra import require_splink
from pipelines.people.model import (
    BLOCKS,
    COMPARISONS,
    ELSE,
    LEAST_SHARE,
    NINO,
    USUAL_SHARES,
    WEIGHT_OF_USUAL,
    Level,
    prior,
    shared_by_error,
)
from pipelines.transform.relations import create

if TYPE_CHECKING:
    from splink import Linker

SEED = 1
SAMPLED_PAIRS = 500_000
"""Pairs on which u is estimated."""
PERSON = ("person_key", "case_ref", "forename", "surname", "date_of_birth", "nino", "last_address")
"""What the linking reads of a person."""

PAIRS = {
    "person_a": pl.String(),
    "person_b": pl.String(),
    "match_weight": pl.Float64(),
    **{comparison.name: pl.String() for comparison in COMPARISONS},
}


@dataclass(frozen=True)
class Linked:
    """What came of it.

    ``pairs``: one row per pair above the threshold, the heaviest first: the two person keys (a before b), the weight,
    and the name of the level met in each comparison, null where it says nothing. ``shares``: u by comparison and
    level. ``compared``: one row per person, what was compared.
    """

    pairs: pl.DataFrame
    shares: Mapping[tuple[str, str], float]
    compared: pl.DataFrame


def link(people: pl.DataFrame, threshold: float) -> Linked:
    """Compare the people with each other, those of one case left out.

    The same people and threshold give the same pairs, whatever the order of the rows.

    Args:
        people: one row per person, in the columns of ``PERSON``.
        threshold: least weight of a pair, in bits.

    Raises:
        UsageError: the extra ``people`` is not installed.
        InputError: the comparison could not be made. The sentence holds no value.
    """
    require_splink()
    with _database() as con:
        compared = _prepared(con, people)
        if people["case_ref"].n_unique() < 2:
            return Linked(pl.DataFrame(schema=PAIRS), {}, compared)
        try:
            with _silence():
                _count_values(con)
                shares = _shares(con, compared.height)
                found = _predicted(con, compared.height, shares, threshold)
        except duckdb.Error:
            # Its text may hold a value.
            raise InputError("The people could not be compared: the database of the comparison failed.") from None
    return Linked(found, shares, compared)


def compare_ready(people: pl.DataFrame) -> pl.DataFrame:
    """One row per person, what is compared of them (``sql/people/compared.sql``). Needs no extra."""
    with _database() as con:
        return _prepared(con, people)


def _prepared(con: duckdb.DuckDBPyConnection, people: pl.DataFrame) -> pl.DataFrame:
    ordered = people.select(PERSON).sort("person_key")
    arrow.load(con, "create table person as select * from incoming", ordered)
    create(con, "people", "compared", schema="main")
    return con.execute("select * from compared order by person_key").pl()


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    # On one thread: two would draw another sample, and add in another order, each time.
    with at_rest.in_memory() as con:
        yield con


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing of what Splink has to say reaches a log or the screen: its debug log holds whole queries."""
    loggers = [logging.getLogger(name) for name in ("splink", "sqlglot")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _count_values(con: duckdb.DuckDBPyConnection) -> None:
    """How common each name, birthday and address is: ``share_of_<column>``, one row per value."""
    for column, usual in USUAL_SHARES.items():
        con.execute(
            f"""
            create or replace table share_of_{column} as
            select
                {column},
                (greatest(count(distinct case_ref) - 2, 0) + {WEIGHT_OF_USUAL * usual})
                / ((select count(distinct case_ref) from compared) + {WEIGHT_OF_USUAL}) as tf_{column}
            from compared
            where {column} is not null
            group by {column}
            order by {column}
            """
        )


def _linker(con: duckdb.DuckDBPyConnection, people: int, shares: Mapping[tuple[str, str], float]) -> Linker:
    from splink import DuckDBAPI, Linker
    from splink.blocking_rule_library import CustomRule
    from splink.internals.settings_creator import SettingsCreator

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person_key",
        comparisons=[
            {
                "output_column_name": comparison.name,
                "comparison_levels": [
                    {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True},
                    *(_level(comparison.name, level, shares) for level in comparison.levels),
                ],
            }
            for comparison in COMPARISONS
        ],
        blocking_rules_to_generate_predictions=[
            CustomRule(f"{block} and l.case_ref <> r.case_ref", sql_dialect="duckdb") for block in BLOCKS
        ],
        probability_two_random_records_match=prior(people),
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        linker_uid="people",
    )
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("compared"), settings, log_level=None, validate_settings=False)
    for column in USUAL_SHARES:
        linker.table_management.register_term_frequency_lookup(api.register(f"share_of_{column}"), column)
    return linker


def _level(comparison: str, level: Level, shares: Mapping[tuple[str, str], float]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sql_condition": level.sql,
        "label_for_charts": level.name,
        "m_probability": level.m,
        "fix_m_probability": True,
    }
    if (share := shares.get((comparison, level.name))) is not None:
        made["u_probability"] = share
    if level.frequency:
        made["tf_adjustment_column"] = level.frequency
        made["tf_minimum_u_value"] = max(LEAST_SHARE, level.least_u)
    return made


def _shares(con: duckdb.DuckDBPyConnection, people: int) -> dict[tuple[str, str], float]:
    """u of every level: estimated on pairs drawn at random, to three figures, or as the level gives it."""
    linker = _linker(con, people, {})
    linker.training.estimate_u_using_random_sampling(
        max_pairs=SAMPLED_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
    )
    trained = linker.misc.save_model_to_json()
    shares: dict[tuple[str, str], float] = {}
    for comparison, described in zip(COMPARISONS, trained["comparisons"], strict=True):
        # A level that no pair met has none.
        estimated = {
            level["label_for_charts"]: level.get("u_probability", 0.0) for level in described["comparison_levels"]
        }
        rest = 1.0
        for level in comparison.levels:
            if level.sql == ELSE:
                shares[comparison.name, level.name] = max(rest, 0.5)
                continue
            if (comparison.name, level.name) == (NINO.name, "same"):
                share = shared_by_error(people)
            elif level.u is not None:
                share = level.u
            else:
                share = max(estimated[level.name], level.least_u)
                rest -= share
            shares[comparison.name, level.name] = float(f"{share:.3g}")
    return shares


def _predicted(
    con: duckdb.DuckDBPyConnection, people: int, shares: Mapping[tuple[str, str], float], threshold: float
) -> pl.DataFrame:
    linker = _linker(con, people, shares)
    found = linker.inference.predict(threshold_match_weight=threshold, warning_mode="never")
    gammas = ", ".join(f"gamma_{comparison.name}" for comparison in COMPARISONS)
    rows = con.execute(
        f"""
        select
            least(person_key_l, person_key_r) as person_a,
            greatest(person_key_l, person_key_r) as person_b,
            round(match_weight, 1) as match_weight,
            {gammas}
        from {found.physical_name}
        order by 3 desc, 1, 2
        """
    ).pl()
    named = []
    for comparison in COMPARISONS:
        names = {gamma: level.name for gamma in range(len(comparison.levels)) if (level := comparison.level(gamma))}
        gamma = pl.col(f"gamma_{comparison.name}")
        named.append(gamma.replace_strict(names, default=None, return_dtype=pl.String()).alias(comparison.name))
    return rows.select("person_a", "person_b", "match_weight", *named)
