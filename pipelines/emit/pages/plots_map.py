"""A map of England's authorities as equal tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.emit.pages.colours import INK, ORANGE
from pipelines.emit.pages.words import clean

Spec = dict[str, Any]
_HEXAGON = "M0,-1L0.866,-0.5L0.866,0.5L0,1L-0.866,0.5L-0.866,-0.5Z"
_SHADES, _NOBODY = ("#a3c9ec", "#5f9fd8", "#2a6fb0", "#12436d", "#041e36"), "#e2e4e6"


def tiles(
    rows: Sequence[tuple[int, int, int, str, bool]], labels: Sequence[str], named: Sequence[str], own: str
) -> Spec:
    """A map of equal tiles (column, row, step or -1, mark, whether it is the own one), its legend and a list."""
    radius = 8.0
    step = radius * 3**0.5
    west, north = min(row[0] for row in rows), max(row[1] for row in rows)

    def place(column: int, row: int) -> tuple[float, float]:
        # Tiles of an odd row stand half a tile further east.
        return (column - west + 0.5 * (row % 2) + 0.5) * step, (north - row) * 1.5 * radius + radius + 1

    values: list[Spec] = []
    for column, row, shade, mark, is_own in rows:
        x, y = place(column, row)
        values.append(
            {
                "x": x,
                "y": y,
                "fill": _NOBODY if shade < 0 else _SHADES[shade],
                "mark": mark,
                "own": is_own,
                "ink": INK if shade < 2 else "#ffffff",
            }
        )
    width = max(row["x"] for row in values) + step
    legend = [(_SHADES[index], label) for index, label in enumerate(labels) if label] + [(_NOBODY, "None")]
    # In the west of the map Wales leaves room.
    keys: list[Spec] = [
        {"x": radius, "y": 118 + 17 * index, "fill": fill, "text": clean(label)}
        for index, (fill, label) in enumerate(legend)
    ]
    height = max(row["y"] for row in values) + radius + 4
    listed: list[Spec] = [
        {"x": 0, "y": height + 14 + 16 * index, "text": clean(text)} for index, text in enumerate(named)
    ]
    ring: list[Spec] = [{**row, "text": clean(own)} for row in values if row["own"]]
    keys.append({"x": radius, "y": 118 + 17 * len(keys), "fill": "#ffffff", "text": clean(own), "own": True})
    height += 16 * len(named) + (6 if named else 0)
    across: Spec = {"field": "x", "type": "quantitative", "scale": {"domain": [0, width]}, "axis": None}
    down: Spec = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [0, height], "range": [0, height]},
        "axis": None,
    }
    tile: Spec = {"type": "point", "shape": _HEXAGON, "size": (2 * radius) ** 2, "opacity": 1, "strokeWidth": 1}
    fill: Spec = {"field": "fill", "type": "nominal", "scale": None}
    written: Spec = {"type": "text", "align": "left", "baseline": "middle", "color": INK}
    return {
        "layer": [
            {
                "data": {"values": [*values, *keys]},
                "mark": {**tile, "stroke": "#ffffff"},
                "encoding": {"x": across, "y": down, "fill": fill},
            },
            {
                "data": {"values": [*ring, *(key for key in keys if key.get("own"))]},
                "mark": {**tile, "filled": False, "stroke": ORANGE, "strokeWidth": 2.5},
                "encoding": {"x": across, "y": down},
            },
            {
                "data": {"values": [row for row in values if row["mark"]]},
                "mark": {"type": "text", "fontWeight": "bold", "fontSize": 11},
                "encoding": {"x": across, "y": down, "text": {"field": "mark"}, "color": {**fill, "field": "ink"}},
            },
            {
                "data": {"values": keys},
                "mark": {**written, "dx": radius + 5},
                "encoding": {"x": across, "y": down, "text": {"field": "text"}},
            },
            {
                "data": {"values": listed},
                "mark": written,
                "encoding": {"x": across, "y": down, "text": {"field": "text"}},
            },
        ],
        "width": width,
        "height": height,
    }
