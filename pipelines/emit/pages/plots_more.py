"""More kinds of chart, for the sections on what committees ask; they look as those of ``plots`` do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pipelines.emit.pages.words import clean
from pipelines.period import Quarter

BLUE, GREY, INK = "#12436d", "#595959", "#0b0c0c"
Spec = dict[str, Any]
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


def rates(rows: Sequence[tuple[date, float | None, str, bool]], y_title: str) -> Spec:
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
    last = max((index for index, row in enumerate(rows) if row[1] is not None), default=-1)
    is_last: Spec = {"filter": f"datum.index === {last}"}
    said: Spec = {"type": "text", "align": "right", "dy": -14, "dx": 8, "fontWeight": "bold"}
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
        "title": y_title,
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


def ranked(rows: Sequence[tuple[str, float | None, str, str]], x_title: str) -> Spec:
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
            y += line
            remarks.append({"y": y - 3, "text": clean(remark)})
        y += gap
    widest = max((len(row["text"]) for row in bars), default=0)
    width = 320.0
    across = {"domain": [0, top * width / max(width - 8 - 7.0 * widest, width / 4)], "nice": False}
    x: Spec = {"field": "value", "type": "quantitative", "title": None, "scale": across, "axis": None}
    place: Spec = {"type": "quantitative", "scale": {"domain": [0, y], "range": [0, y]}, "axis": None, "title": None}
    written: Spec = {"type": "text", "align": "left", "baseline": "alphabetic"}
    return {
        "title": x_title,
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


KINDS: dict[str, Callable[..., Spec]] = {"rates": rates, "ranked": ranked}
