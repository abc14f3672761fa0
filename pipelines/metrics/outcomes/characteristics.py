"""Outcomes by protected characteristic, with the confidence interval of the difference from everyone else."""

from __future__ import annotations

from math import sqrt

import duckdb
import polars as pl

from pipelines.shown import rounded

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

NOT_KNOWN = "not known"


def wilson_interval(count: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927; Newcombe 1998a, method 3).

    Raises:
        ValueError: the total is 0 or less than the count.
    """
    if total <= 0 or not 0 <= count <= total:
        raise ValueError("A proportion needs a total of 1 or more and a count within it.")
    share = count / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def newcombe_interval(count: int, total: int, other: int, other_total: int, z: float = Z_95) -> tuple[float, float]:
    """Interval of the difference of two independent proportions, count/total - other/other_total.

    Newcombe RG, Interval estimation for the difference between independent proportions: comparison of eleven methods,
    Statistics in Medicine 17 (1998), 873-890, method 10: from Wilson's intervals without continuity correction.

    Raises:
        ValueError: a total is 0 or less than its count.
    """
    low, high = wilson_interval(count, total, z)
    other_low, other_high = wilson_interval(other, other_total, z)
    share, other_share = count / total, other / other_total
    difference = share - other_share
    return (
        difference - sqrt((share - low) ** 2 + (other_high - other_share) ** 2),
        difference + sqrt((high - share) ** 2 + (other_share - other_low) ** 2),
    )


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
        row |= _comparison(counts, duty, name, value)
        out.append(row | {"note": ""})
    schema: dict[str, pl.DataType] = {
        **dict.fromkeys(("duty", "characteristic", "value"), pl.String()),
        **dict.fromkeys(("ended", "accommodated"), pl.Int64()),
        **dict.fromkeys(("share", "share_others", "difference", "difference_low", "difference_high"), pl.Float64()),
        "note": pl.String(),
    }
    return pl.DataFrame(out, schema=schema, orient="row")


def _comparison(
    counts: dict[tuple[str, str, str], tuple[int, int]], duty: str, name: str, value: str
) -> dict[str, float | None]:
    ended, well = counts[duty, name, value]
    found: dict[str, float | None] = {"share": float(rounded(well / ended, 4))}
    if value in ("all", NOT_KNOWN):
        return found
    all_ended, all_well = counts[duty, name, "all"]
    unknown_ended, unknown_well = counts.get((duty, name, NOT_KNOWN), (0, 0))
    others, others_well = all_ended - unknown_ended - ended, all_well - unknown_well - well
    if others > 0:
        low, high = newcombe_interval(well, ended, others_well, others)
        found |= {
            "share_others": float(rounded(others_well / others, 4)),
            "difference": float(rounded(well / ended - others_well / others, 4)),
            "difference_low": float(rounded(low, 4)),
            "difference_high": float(rounded(high, 4)),
        }
    return found
