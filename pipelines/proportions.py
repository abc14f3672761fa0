"""Proportions with their intervals, and the difference of a group from everyone else."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from pipelines.shown import rounded

NOT_KNOWN = "not known"

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""
Z_998 = 3.090232306167813
"""The same of a 99.8 % interval: the outer limits of a funnel plot (Spiegelhalter, Funnel plots for comparing
institutional performance, Statistics in Medicine 24, 2005, 1185-1202)."""


def wilson_interval(count: float, total: float, z: float = Z_95) -> tuple[float, float]:
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


def count_interval(count: float, z: float = Z_95) -> tuple[float, float]:
    """Score interval of the mean of a Poisson count: events such as applications, findings.

    Raises:
        ValueError: the count is below 0.
    """
    if count < 0:
        raise ValueError("A count is 0 or more.")
    middle, spread = count + z * z / 2, z * sqrt(count + z * z / 4)
    return max(0.0, middle - spread), middle + spread


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


def compared(
    counts: Mapping[tuple[str, str, str], tuple[int, int]], duty: str, name: str, value: str
) -> dict[str, float | None]:
    """Outcomes of one group beside those of everyone else whose value is known.

    Args:
        counts: duties that ended, and those of them that ended well, by duty, characteristic and value ('all': total).
        duty: of the group, as the next two.
        name: the characteristic.
        value: its value.

    Returns:
        share, share_others, difference (of the two, as a fraction), difference_low and difference_high (its 95 %
        limits); without share_others and what follows for a total, an unknown value, or where nobody else is left.
    """
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
