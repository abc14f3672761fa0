"""What each kind of chart looks like, as a Vega-Lite specification (version 6) in plain dictionaries.

One drawing serves phone, screen and paper: 340 units wide, so that its text stays readable in a narrow column. No chart
tells things apart by colour alone: lines differ in dash too, groups have panels of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pipelines.emit.pages import plots_more
from pipelines.emit.pages.words import clean

WIDTH = 270
BLUE, ORANGE, GREY, INK = "#12436d", "#b5460f", "#595959", "#0b0c0c"
FONT = "Liberation Sans, Arial, sans-serif"
BARS_DRAWN = 30

Points = tuple[tuple[date | str, str, float | None], ...]
"""x, series, value; a value left out is a gap."""

Spec = dict[str, Any]
"""A specification or a part of one, in Vega-Lite's own words."""

_TEXT = {
    "labelFontSize": 12,
    "titleFontSize": 12,
    "labelColor": INK,
    "titleColor": INK,
    "titleFontWeight": "normal",
}
CONFIG: Spec = {
    "aria": False,
    "font": FONT,
    "background": "#ffffff",
    "padding": 6,
    "view": {"stroke": None, "continuousWidth": WIDTH},
    "axis": {**_TEXT, "gridColor": "#d8dadb", "domainColor": GREY, "tickColor": GREY},
    "legend": _TEXT,
    "header": {"labelFontSize": 12, "labelColor": INK},
    "title": {"fontSize": 12, "fontWeight": "normal", "anchor": "start", "color": INK},
    "text": {"fontSize": 12},
    "facet": {"spacing": 14},
}


def _milliseconds(day: date) -> int:
    # Numbers, not texts: a date as text is read in the time zone of the machine.
    return (day - date(1970, 1, 1)).days * 86_400_000


def _data(points: Points) -> Spec:
    return {
        "values": [
            {"x": _milliseconds(x) if isinstance(x, date) else clean(x), "group": clean(group), "value": value}
            for x, group, value in points
        ]
    }


def _amount(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def _name(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "nominal", **more}


def _months(points: Points, every: int) -> Spec:
    days = sorted({x for x, _, _ in points if isinstance(x, date)})
    ticks = [_milliseconds(day) for day in days if (day.month - 1) % every == 0]
    axis = {"format": "%b %Y", "values": ticks, "grid": False, "labelOverlap": True}
    return {"field": "x", "type": "temporal", "title": None, "scale": {"type": "utc"}, "axis": axis}


def _quarters(order: Sequence[str]) -> Spec:
    return {
        "field": "x",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": list(order)},
        "axis": {"labelAngle": -45},
    }


def _counted(form: str = ",d") -> Spec:
    return {"format": form, "tickCount": 5, "tickMinStep": 1}


def _mark(kind: str, **look: Any) -> Spec:
    return {"type": kind, **look}


def _layer(mark: Spec, **encoding: Spec) -> Spec:
    return {"mark": mark, "encoding": encoding}


def _in_panels(layers: list[Spec], order: Sequence[str], width: int) -> Spec:
    """A panel for each group, two beside each other."""
    header = {"labelFontWeight": "bold", "labelLimit": 150, "labelAnchor": "start"}
    return {
        "facet": _name("group", title=None, sort=list(order), header=header),
        "spec": {"layer": layers, "width": width, "height": 80},
        "columns": 2,
        "spacing": 16,
    }


def _lines(points: Points, y_title: str, form: str = ",d") -> Spec:
    """Up to three lines over months or quarters (words), told apart by dash and colour."""
    groups = list(dict.fromkeys(clean(group) for _, group, _ in points))
    is_monthly = isinstance(points[0][0], date)
    across = _months(points, 6) if is_monthly else _quarters(list(dict.fromkeys(str(x) for x, _, _ in points)))
    legend = None
    if len(groups) > 1:
        legend = {
            "orient": "top",
            "title": None,
            "symbolType": "stroke",
            "symbolSize": 700,
            "symbolStrokeWidth": 2.5,
            "labelLimit": 240,
            "direction": "vertical",
            "columns": 1,
        }
    colours, dashes = [BLUE, ORANGE, GREY], [[1, 0], [5, 3], [2, 2]]
    shared = {
        "x": across,
        "y": _amount("value", title=y_title, scale={"zero": True, "nice": True}, axis=_counted(form)),
        "color": _name("group", scale={"domain": groups, "range": colours[: len(groups)]}, legend=legend),
    }
    dash = _name("group", scale={"domain": groups, "range": dashes[: len(groups)]}, legend=legend)
    return {
        "data": _data(points),
        "layer": [
            _layer(_mark("line", strokeWidth=2.5), **shared, strokeDash=dash),
            # A point alone between two gaps would have no line.
            _layer(_mark("point", filled=True, size=12, opacity=1), **shared),
        ],
        "width": WIDTH,
        "height": 180,
    }


def _panels(points: Points, order: Sequence[str], y_title: str) -> Spec:
    """One small panel with a line for each group, all to the same scale."""
    axis = {"format": ",d", "tickCount": 3, "tickMinStep": 1}
    shared = {"x": _months(points, 12), "y": _amount("value", title=None, axis=axis)}
    layers = [
        _layer(_mark("area", color=BLUE, opacity=0.18, line=False), **shared),
        _layer(_mark("line", color=BLUE, strokeWidth=2), **shared),
        _layer(_mark("point", color=BLUE, filled=True, size=6, opacity=1), **shared),
    ]
    return {"data": _data(points), **_in_panels(layers, order, 118), "title": y_title}


def _bars(rows: Sequence[tuple[str, float | None, str]], x_title: str) -> Spec:
    """One bar for each row (name, value, text beside it), in the order given; the first ``BARS_DRAWN`` of them."""
    drawn: list[dict[str, Any]] = [
        {"name": clean(name), "value": value, "end": value or 0, "text": text}
        for name, value, text in rows[:BARS_DRAWN]
    ]
    top = max((row["end"] for row in drawn), default=0) or 1
    order = list(dict.fromkeys(row["name"] for row in drawn))
    widest = max(len(row["text"]) for row in drawn)
    across = {"domain": [0, top * (1 + 0.07 * widest)], "nice": False}
    down = _name(
        "name",
        title=None,
        scale={"domain": order},
        axis={"labelLimit": 150, "ticks": False, "domain": False},
    )
    axis = {"format": "~s", "tickCount": 4, "tickMinStep": 1}
    return {
        "data": {"values": drawn},
        "layer": [
            _layer(
                _mark("bar", color=BLUE, height={"band": 0.7}),
                x=_amount("value", title=x_title, scale=across, axis=axis),
                y=down,
            ),
            _layer(
                _mark("text", align="left", dx=4, color=INK),
                x=_amount("end", scale=across),
                y=down,
                text=_name("text"),
            ),
        ],
        "width": 175,
        "height": {"step": 22},
    }


def _curves(steps: Sequence[tuple[str, int, float, float | None, float | None]]) -> Spec:
    """Survival curves: months since the stay began, share still there, limits around it; a panel for each group."""
    values = [
        {
            "group": clean(group),
            "x": round(day / 30.4375, 3),
            "value": round(share, 4),
            "low": round(share if low is None else low, 4),
            "high": round(share if high is None else high, 4),
        }
        for group, day, share, low, high in steps
    ]
    groups = list(dict.fromkeys(clean(step[0]) for step in steps))
    is_one = len(groups) == 1
    across = _amount(
        "x",
        title="Months since the stay began" if is_one else "Months",
        axis={"grid": False, "tickCount": 6 if is_one else 3},
    )
    low = _amount(
        "low",
        title="Share still there" if is_one else None,
        scale={"domain": [0, 1]},
        axis={"format": ".0%", "tickCount": 5 if is_one else 2},
    )
    layers = [
        _layer(
            _mark("area", color=BLUE, opacity=0.18, interpolate="step-after"), x=across, y=low, y2={"field": "high"}
        ),
        _layer(_mark("line", color=BLUE, strokeWidth=2, interpolate="step-after"), x=across, y=_amount("value")),
    ]
    data = {"values": values}
    if is_one:
        return {"data": data, "layer": layers, "width": WIDTH, "height": 180}
    return {"data": data, **_in_panels(layers, groups, 112)}


def _fan(
    past: Sequence[tuple[str, float | None]], ahead: Sequence[tuple[str, float, float, float]], y_title: str
) -> Spec:
    """What was counted (solid, with points) and what is expected (dashed) in the area of its 80% limits."""
    across = _quarters([*(name for name, _ in past), *(row[0] for row in ahead)])
    expected = [{"x": name, "value": value, "low": value, "high": value} for name, value in past[-1:]]
    expected += [{"x": name, "value": point, "low": low, "high": high} for name, point, low, high in ahead]
    counted, coming = {"values": [{"x": name, "value": value} for name, value in past]}, {"values": expected}
    low = _amount("low", title=y_title, axis=_counted(), scale={"zero": True, "nice": True})
    value = _amount("value")
    layers = [
        (coming, _layer(_mark("area", color=BLUE, opacity=0.18), x=across, y=low, y2={"field": "high"})),
        (coming, _layer(_mark("line", color=BLUE, strokeDash=[5, 3], strokeWidth=2.5), x=across, y=value)),
        (counted, _layer(_mark("line", color=INK, strokeWidth=2.5), x=across, y=value)),
        (counted, _layer(_mark("point", color=INK, filled=True, size=20, opacity=1), x=across, y=value)),
    ]
    return {"layer": [{"data": data, **layer} for data, layer in layers], "width": WIDTH, "height": 180}


KINDS: dict[str, Callable[..., Spec]] = {
    "lines": _lines,
    "panels": _panels,
    "bars": _bars,
    "curves": _curves,
    "fan": _fan,
    **plots_more.KINDS,
}


def specification(kind: str, args: tuple[Any, ...], caption: str) -> Spec:
    """The whole specification of a chart: the kind's drawing of ``args``, a caption, and what all charts look like."""
    drawn = KINDS[kind](*args)
    heading = drawn.pop("title", None)
    below = {"text": clean(caption), "orient": "bottom", "fontSize": 11, "color": GREY, "offset": 8}
    if heading is None:
        return {**drawn, "title": below, "config": CONFIG}
    # A chart has one title: one that heads its axis stands above the caption in a picture of two parts.
    return {"vconcat": [{**drawn, "title": heading}], "title": below, "config": CONFIG}
