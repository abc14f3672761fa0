"""Outcomes by protected characteristic, with the confidence interval of the difference from everyone else."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.proportions import compared


def by_characteristic(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per duty, characteristic and value ('all': total): duties ended in the last year, with accommodation.

    Columns: ended, accommodated (duties), share, share_others (of everyone else whose value is known), difference
    (of the two, as a fraction) with its 95 % limits, and an empty ``note``.
    """
    rows = con.execute(
        """
        select duty, characteristic, coalesce(value, 'all') as value, count(*), count(*) filter (where is_accommodated)
        from outcome_characteristic_cases
        group by grouping sets ((duty, characteristic), (duty, characteristic, value))
        order by duty, characteristic, value
        """
    ).fetchall()
    counts = {(duty, name, value): (ended, well) for duty, name, value, ended, well in rows}
    out = []
    for (duty, name, value), (ended, well) in counts.items():
        row = {"duty": duty, "characteristic": name, "value": value, "ended": ended, "accommodated": well}
        row |= compared(counts, duty, name, value)
        out.append(row | {"note": ""})
    schema: dict[str, pl.DataType] = {
        **dict.fromkeys(("duty", "characteristic", "value"), pl.String()),
        **dict.fromkeys(("ended", "accommodated"), pl.Int64()),
        **dict.fromkeys(("share", "share_others", "difference", "difference_low", "difference_high"), pl.Float64()),
        "note": pl.String(),
    }
    return pl.DataFrame(out, schema=schema, orient="row")
