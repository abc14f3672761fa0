"""More kinds of chart, for the sections on what committees ask; they look as those of ``plots`` do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from datetime import date

from pipelines import shown
from pipelines.emit.pages.colours import BLUE, GREY, INK, ORANGE
from pipelines.emit.pages.plots_funnel import funnel
from pipelines.emit.pages.plots_map import Spec, tiles
from pipelines.emit.pages.words import clean
from pipelines.period import Quarter

LETTERS_A_LINE = 50
_OVER_A_LINE: tuple[Spec, ...] = ({"color": "#ffffff", "stroke": "#ffffff", "strokeWidth": 5}, {"color": INK})
"""Words that cross a line have white under them."""


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(clean(text), LETTERS_A_LINE) or [""]


def _short(day: date) -> str:
    """``Jul–Sep|2025``; the bar parts its lines."""
    quarter = Quarter.containing(day)
    return f"{quarter.first_day:%b}–{quarter.last_day:%b}|{quarter.year}"


def quarters(days: Sequence[date]) -> Spec:
    """The axis of quarters: upright labels in two lines, every second one counted back from the last."""
    names = [_short(day) for day in days]
    labelled = names[::-1][::2] if len(names) > 4 else names
    return {
        "field": "x",
        "type": "ordinal",
        "title": None,
        "scale": {"type": "point", "domain": names, "padding": 0.4},
        "axis": {"labelAngle": 0, "values": labelled, "labelExpr": "split(datum.label, '|')", "labelOverlap": False},
    }


_NEAR_THE_AXIS = 0.3


def rates(rows: Sequence[tuple[date, float | None, str, bool]]) -> Spec:
    """A share by quarter (first day, share, words for the last point, whether its base is small: a hollow point)."""
    days = [day for day, _, _, _ in rows]
    values: list[Spec] = [
        {"x": _short(day), "value": value, "text": clean(text), "few": few, "index": index}
        for index, (day, value, text, few) in enumerate(rows)
    ]
    across = quarters(days)
    top = max((value for _, value, _, _ in rows if value is not None), default=0.0)
    down: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, min(1.0, max(0.1, top * 1.2))], "nice": True},
        "axis": {"format": ".0%", "tickCount": 5},
    }
    known = [(index, value) for index, (_, value, _, _) in enumerate(rows) if value is not None]
    last = known[-1][0] if known else -1
    is_last: Spec = {"filter": f"datum.index === {last}"}
    # Where the line comes down to its last point there is room below it, if the axis is not near: the words are as wide
    # as the way from two points before.
    before = [value for _, value in known[-3:-1]]
    is_below = bool(before) and sum(before) / len(before) > known[-1][1] > top * _NEAR_THE_AXIS
    said: Spec = {"type": "text", "align": "right", "dy": 16 if is_below else -14, "dx": 8, "fontWeight": "bold"}
    point: Spec = {"type": "point", "size": 45, "strokeWidth": 2, "opacity": 1}
    over: list[Spec] = [
        {
            "transform": [is_last],
            "mark": said | look,
            "encoding": {"x": across, "y": down, "text": {"field": "text"}},
        }
        for look in _OVER_A_LINE
    ]
    return {
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5}, "encoding": {"x": across, "y": down}},
            {
                "transform": [{"filter": "!datum.few"}],
                "mark": {**point, "color": BLUE, "fill": BLUE},
                "encoding": {"x": across, "y": down},
            },
            {
                "transform": [{"filter": "datum.few"}],
                "mark": {**point, "color": GREY, "fill": "#ffffff"},
                "encoding": {"x": across, "y": down},
            },
            *over,
        ],
        "width": 280,
        "height": 180,
    }


def ranked(rows: Sequence[tuple[str, float | None, str, str]]) -> Spec:
    """One bar a row in the order given: name above it in full, value as text behind it, a remark under it."""
    gap, bar, line = 12.0, 16.0, 15.0
    names: list[Spec] = []
    bars: list[Spec] = []
    remarks: list[Spec] = []
    y = 0.0
    top = max((value or 0.0 for _, value, _, _ in rows), default=0.0) or 1.0
    for name, value, text, remark in rows:
        for words in _wrapped(name):
            y += line
            names.append({"y": y - 4, "text": words})
        bars.append({"y": y, "y2": y + bar, "middle": y + bar / 2, "value": value or 0.0, "text": clean(text)})
        y += bar
        if remark:
            y += line + 2
            remarks.append({"y": y - 3, "text": clean(remark)})
        y += gap
    widest = max((len(row["text"]) for row in bars), default=0)
    width = 320.0
    across = {"domain": [0, top * width / max(width - 8 - 7.0 * widest, width / 4)], "nice": False}
    x: Spec = {"field": "value", "type": "quantitative", "title": None, "scale": across, "axis": None}
    place: Spec = {"type": "quantitative", "scale": {"domain": [0, y], "range": [0, y]}, "axis": None, "title": None}
    written: Spec = {"type": "text", "align": "left", "baseline": "alphabetic"}
    return {
        "layer": [
            {
                "data": {"values": names},
                "mark": {**written, "color": INK, "x": 0},
                "encoding": {"y": {"field": "y", **place}, "text": {"field": "text"}},
            },
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "color": BLUE},
                "encoding": {"x": x, "x2": {"datum": 0}, "y": {"field": "y", **place}, "y2": {"field": "y2"}},
            },
            {
                "data": {"values": bars},
                "mark": {**written, "baseline": "middle", "dx": 5, "color": INK, "fontWeight": "bold"},
                "encoding": {"x": x, "y": {"field": "middle", **place}, "text": {"field": "text"}},
            },
            {
                "data": {"values": remarks},
                "mark": {**written, "color": GREY, "x": 0},
                "encoding": {"y": {"field": "y", **place}, "text": {"field": "text"}},
            },
        ],
        "width": width,
        "height": y,
    }


def counts(rows: Sequence[tuple[date, float | None, str]]) -> Spec:
    """A number by quarter (first day, number, words for the last point), from 0."""
    days = [day for day, _, _ in rows]
    values: list[Spec] = [{"x": _short(day), "value": value, "text": clean(text)} for day, value, text in rows]
    across = quarters(days)
    top = max((value for _, value, _ in rows if value is not None), default=0.0)
    down: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, max(1.0, top * 1.12)], "nice": True},
        "axis": {"format": ",d", "tickCount": 5, "tickMinStep": 1},
    }
    last = max((index for index, row in enumerate(rows) if row[1] is not None), default=-1)
    said: Spec = {"type": "text", "align": "right", "dy": -14, "dx": 8, "fontWeight": "bold"}
    over: list[Spec] = [
        {
            "data": {"values": values[last : last + 1]},
            "mark": said | look,
            "encoding": {"x": across, "y": down, "text": {"field": "text"}},
        }
        for look in _OVER_A_LINE
    ]
    return {
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "line", "color": BLUE, "strokeWidth": 2.5}, "encoding": {"x": across, "y": down}},
            {
                "mark": {"type": "point", "size": 45, "color": BLUE, "fill": BLUE, "opacity": 1},
                "encoding": {"x": across, "y": down},
            },
            *over,
        ],
        "width": 280,
        "height": 180,
    }


def above_below(rows: Sequence[tuple[date, float | None, float | None]], names: Sequence[str]) -> Spec:
    """Two numbers by quarter, the first as a bar above the line, the second as one below it, each with its number."""
    days = [day for day, _, _ in rows]
    across = quarters(days)
    across["scale"] = {"type": "band", "domain": [_short(day) for day in days], "padding": 0.25}
    across["axis"] |= {"domain": False, "ticks": False}
    values: list[Spec] = []
    for day, above, below in rows:
        for number, sign, kind in ((above, 1, names[0]), (below, -1, names[1])):
            if number is not None:
                text = shown.count(number)
                values.append({"x": _short(day), "value": sign * number, "kind": clean(kind), "text": text})
    highest = max((row["value"] for row in values), default=0.0)
    lowest = min((row["value"] for row in values), default=0.0)
    room = 0.12 * ((highest - lowest) or 1.0)
    down: Spec = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "axis": None,
        "scale": {"domain": [min(lowest, 0.0) - room, max(highest, 0.0) + room], "nice": False},
    }
    domain = [clean(name) for name in names]
    colour: Spec = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": domain, "range": [BLUE, ORANGE]},
        "legend": {"orient": "top", "title": None, "symbolType": "square"},
    }
    said: Spec = {"type": "text", "color": INK}
    numbers: list[Spec] = [
        {
            "data": {"values": [row for row in values if row["kind"] == kind]},
            "mark": said | {"dy": dy},
            "encoding": {"x": across, "y": down, "text": {"field": "text"}},
        }
        for kind, dy in zip(domain, (-8, 9), strict=True)
    ]
    return {
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"x": across, "y": down, "color": colour}},
            {"mark": {"type": "rule", "color": INK}, "encoding": {"y": {"datum": 0, "axis": None}}},
            *numbers,
        ],
        "width": 310,
        "height": 220,
    }


def parts(rows: Sequence[tuple[str, float | None, float | None, str]], names: Sequence[str]) -> Spec:
    """One bar a row for the whole, its part dark: name above, words under it; ``names`` of part and rest."""
    gap, bar, line, width = 12.0, 16.0, 15.0, 320.0
    texts: list[Spec] = []
    bars: list[Spec] = []
    top = max((whole or 0.0 for _, whole, _, _ in rows), default=0.0) or 1.0
    y = 24.0
    for name, whole, part, words in rows:
        for wrapped in _wrapped(name):
            y += line
            texts.append({"x": 0, "y": y - 4, "text": wrapped, "ink": INK})
        ends = (
            [(0.0, whole or 0.0, names[1])] if part is None else [(part, whole or 0.0, names[1]), (0.0, part, names[0])]
        )
        for start, end, kind in ends:
            bars.append({"x": start / top * width, "x2": end / top * width, "y": y, "y2": y + bar, "kind": clean(kind)})
        y += bar + line + 2
        texts.append({"x": 0, "y": y - 3, "text": clean(words), "ink": GREY})
        y += gap
    place: Spec = {"type": "quantitative", "scale": {"domain": [0, y], "range": [0, y]}, "axis": None, "title": None}
    wide: Spec = {"type": "quantitative", "scale": {"domain": [0, width]}, "axis": None, "title": None}
    # The legend by hand: the bars' outlines tell the kinds apart without colour, and a legend would not show them.
    for index, name in enumerate(names):
        x = index * 150.0
        bars.append({"x": x, "x2": x + 14, "y": 2, "y2": 14, "kind": clean(name)})
        texts.append({"x": x + 19, "y": 12, "text": clean(name), "ink": INK})
    kinds = [clean(name) for name in names]
    return {
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "stroke": BLUE, "strokeWidth": 1},
                "encoding": {
                    "x": {"field": "x", **wide},
                    "x2": {"field": "x2"},
                    "y": {"field": "y", **place},
                    "y2": {"field": "y2"},
                    "fill": {
                        "field": "kind",
                        "type": "nominal",
                        "scale": {"domain": kinds, "range": [BLUE, "#dce9f5"]},
                        "legend": None,
                    },
                },
            },
            {
                "data": {"values": texts},
                "mark": {"type": "text", "align": "left", "baseline": "alphabetic"},
                "encoding": {
                    "x": {"field": "x", **wide},
                    "y": {"field": "y", **place},
                    "text": {"field": "text"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            },
        ],
        "width": width,
        "height": y,
    }


def peers(rows: Sequence[tuple[str, float, str, int]]) -> Spec:
    """One bar an area with its figure behind it: the authority's own (kind 0) dark, neighbours (1) light.

    Region (2) and England (3) stand below a gap, grey.
    """
    bar, gap, width, names = 15.0, 5.0, 330.0, 150.0
    y, bars = 0.0, list[Spec]()
    was = 0
    for name, value, text, kind in rows:
        if kind > 1 >= was:
            y += 8
        was = max(was, kind)
        look = {0: (BLUE, "bold"), 1: ("#8fb8de", "normal")}.get(kind, (GREY, "normal"))
        bars.append(
            {
                "name": clean(name) if len(name) <= 24 else clean(name[:23]) + "…",
                "y": y,
                "y2": y + bar,
                "middle": y + bar / 2,
                "value": value,
                "text": clean(text),
                "fill": look[0],
                "weight": look[1],
            }
        )
        y += bar + gap
    top = max((value for _, value, _, _ in rows), default=1.0) or 1.0
    widest = max((len(row["text"]) for row in bars), default=0)
    room = width - names - 8 - 7.5 * widest
    for row in bars:
        row["x"], row["x2"] = names, names + row["value"] / top * room
    place: Spec = {"type": "quantitative", "scale": {"domain": [0, y], "range": [0, y]}, "axis": None, "title": None}
    wide: Spec = {"type": "quantitative", "scale": {"domain": [0, width]}, "axis": None, "title": None}
    middle: Spec = {"field": "middle", **place}

    def written(field: str, weight: str, align: str, x: Spec, dx: int) -> Spec:
        return {
            "data": {"values": [row for row in bars if row["weight"] == weight]},
            "mark": {
                "type": "text",
                "align": align,
                "dx": dx,
                "baseline": "middle",
                "color": INK,
                "fontWeight": weight,
            },
            "encoding": {"x": x, "y": middle, "text": {"field": field}},
        }

    end: Spec = {"field": "x2", **wide}
    start: Spec = {"field": "x", **wide}
    return {
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "bar"},
                "encoding": {
                    "x": start,
                    "x2": {"field": "x2"},
                    "y": {"field": "y", **place},
                    "y2": {"field": "y2"},
                    "fill": {"field": "fill", "type": "nominal", "scale": None},
                },
            },
            *(written("name", weight, "right", start, -6) for weight in ("bold", "normal")),
            *(written("text", weight, "left", end, 5) for weight in ("bold", "normal")),
        ],
        "width": width,
        "height": y,
    }


KINDS: dict[str, Callable[..., Spec]] = {
    "rates": rates,
    "counts": counts,
    "ranked": ranked,
    "parts": parts,
    "above_below": above_below,
    "tiles": tiles,
    "peers": peers,
    "funnel": funnel,
}
