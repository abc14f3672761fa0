"""Forecasts that add up: parts to their total, and a stock to the stock before plus arrivals less exits.

The total keeps its forecast, since its record is known; what it is made of is moved to fit. What is less certain is
moved more: by the square of its range. All counts come out whole, as they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence


def fitted_parts(total: int, parts: Sequence[float], ranges: Sequence[float]) -> list[int]:
    """Whole numbers near ``parts``, none below 0, whose sum is ``total``; ``ranges``: widths of their intervals."""
    found = [max(part, 0.0) for part in parts]
    free = set(range(len(found)))
    while free and abs(rest := total - sum(found)) > 1e-9:
        weight = {number: max(ranges[number], 1e-6) ** 2 for number in free}
        share = sum(weight.values())
        for number in sorted(free):
            found[number] += rest * weight[number] / share
        below = {number for number in free if found[number] < 0}
        for number in below:
            found[number] = 0.0
        if not below:
            break
        free -= below
    whole = [int(part) for part in found]
    # The largest remainders are rounded up, as many as are missing; the first of equals.
    order = sorted(range(len(found)), key=lambda number: (whole[number] - found[number], number))
    for number in order[: total - sum(whole)]:
        whole[number] += 1
    return whole


def fitted_flow(change: int, arrivals: float, exits: float, ranges: tuple[float, float]) -> tuple[int, int]:
    """Whole arrivals and exits, neither below 0, that make a stock change by ``change``; ``ranges``: of either."""
    came, left = (max(width, 1e-6) ** 2 for width in ranges)
    missing = change - (arrivals - exits)
    arrived = round(arrivals + missing * came / (came + left))
    arrived = max(arrived, change, 0)
    return arrived, arrived - change
