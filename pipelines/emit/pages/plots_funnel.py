"""The funnel plot: figures of many areas beside each other, by how much they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from pipelines.emit.pages.colours import BLUE, GREY, INK, ORANGE
from pipelines.emit.pages.plots_map import Spec
from pipelines.emit.pages.words import clean
from pipelines.proportions import Z_95, Z_998

WITHIN, BETWEEN, OUTSIDE = 0, 1, 2
"""Where a point lies: within the 95 % limits, between them and those of 99.8 %, or outside of both."""

_STEPS, _ROOM = 60, 0.7
_LOOKS: tuple[tuple[int, Spec], ...] = (
    (WITHIN, {"shape": "circle", "fill": BLUE, "color": BLUE}),
    (BETWEEN, {"shape": "circle", "fill": "#ffffff", "color": ORANGE}),
    (OUTSIDE, {"shape": "diamond", "fill": ORANGE, "color": ORANGE}),
)
"""A point outside is told by its shape, not by its colour alone."""


def funnel(
    points: Sequence[tuple[str, float, float, int]], centre: float, words: str, per: int, unit: str, across: str
) -> Spec:
    """Points (name or empty, what the figure rests on, figure, where it lies) in the limits of chance around all.

    Args:
        points: one an area.
        centre: the figure of all areas together.
        words: the same, for reading.
        per: 1 of a share, 1,000 of a rate per 1,000.
        unit: ``%`` of a share, else empty.
        across: what the figures rest on, in words.
    """
    most = max(x for _, x, _, _ in points) * 1.05
    first = min(x for _, x, _, _ in points)
    steps = [most * number / _STEPS for number in range(1, _STEPS + 1)]
    steps = [first * _ROOM, *(step for step in steps if step > first * _ROOM)]
    highest = max(
        *(y for _, _, y, _ in points), _limits(centre, sorted(x for _, x, _, _ in points)[0], per, unit, Z_95)[1]
    )
    top = min(highest * 1.08, 1.0 if unit == "%" else highest * 1.08) or 1.0
    down: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, top], "nice": False, "clamp": True},
        "axis": {"format": ".0%" if unit == "%" else ",.2~f", "tickCount": 5},
    }
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "title": clean(across),
        "scale": {"domain": [0, most], "nice": False},
        "axis": {"format": ",.0f", "tickCount": 4, "grid": False},
    }
    layers: list[Spec] = []
    for z, dash in ((Z_95, [5, 3]), (Z_998, [1, 0])):
        for side in (0, 1):
            line = [(step, _limits(centre, step, per, unit, z)[side]) for step in steps]
            values: list[Spec] = [{"x": step, "value": max(value, 0.0)} for step, value in line if value <= top]
            mark: Spec = {"type": "line", "color": GREY, "strokeWidth": 1.2, "strokeDash": dash}
            layers.append({"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": down}})
    layers.append(
        {
            "data": {"values": [{"x": 0, "value": centre}, {"x": most, "value": centre}]},
            "mark": {"type": "line", "color": INK, "strokeWidth": 1.5},
            "encoding": {"x": x, "y": down},
        }
    )
    for where, look in _LOOKS:
        own_points = [{"x": at, "value": y} for _, at, y, lies in points if lies == where]
        point: Spec = {"type": "point", "size": 55, "strokeWidth": 2, "opacity": 1, **look}
        layers.append({"data": {"values": own_points}, "mark": point, "encoding": {"x": x, "y": down}})
    named = [{"x": at, "value": y, "text": clean(name)} for name, at, y, _ in points if name]
    said: Spec = {"type": "text", "align": "left", "dx": 7, "dy": -6, "fontSize": 12}
    over: tuple[Spec, ...] = ({"color": "#ffffff", "stroke": "#ffffff", "strokeWidth": 4}, {"color": INK})
    for look in over:
        layers.append(
            {"data": {"values": named}, "mark": said | look, "encoding": {"x": x, "y": down, "text": {"field": "text"}}}
        )
    layers.append(
        {
            "data": {"values": [{"x": most, "value": centre, "text": clean(words)}]},
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 5,
                "baseline": "middle",
                "color": INK,
                "fontWeight": "bold",
            },
            "encoding": {"x": x, "y": down, "text": {"field": "text"}},
        }
    )
    return {"layer": layers, "width": 280, "height": 200}


def _limits(centre: float, base: float, per: int, unit: str, z: float) -> tuple[float, float]:
    """The limits of chance around the figure of all: of a share (binomial), or of a rate (Poisson)."""
    spread = z * sqrt(centre * (1 - centre) / base) if unit == "%" else z * sqrt(centre * per / base)
    return centre - spread, centre + spread
