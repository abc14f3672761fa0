"""What each kind of chart looks like, as a Vega-Lite specification (version 6) in plain dictionaries.

One drawing serves phone, screen and paper: ``WIDTH`` units wide, which is about a card's width on each, so that its
text is the page's smaller text. Series are named at their ends, ticks of counts are whole, no text is turned. No chart
tells things apart by colour alone: lines differ in dash too.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from pipelines import shown
from pipelines.emit.pages import plots_more
from pipelines.emit.pages.colours import BLUE, GREY, INK, ORANGE
from pipelines.emit.pages.words import clean
from pipelines.period import Quarter

WIDTH = 350
BACKGROUND, GRID = "#ffffff", "#d8dadb"
FONT = "Liberation Sans, Arial, sans-serif"
SIZE = 13
LETTER = 6.9
"""Width of a letter of that size on average; bold ones are a little wider."""
BARS_DRAWN = 30
HEIGHT = 170
QUARTERS_BESIDE = 8
"""More of them have room for the name of every fourth only."""

Points = tuple[tuple[date, str, float | None], ...]
"""First day of a month or quarter, series, value; a value left out is a gap."""

Spec = dict[str, Any]
"""A specification or a part of one, in Vega-Lite's own words."""

CONFIG: Spec = {
    "aria": False,
    "font": FONT,
    "background": BACKGROUND,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": SIZE,
        "labelColor": INK,
        "titleFontSize": SIZE,
        "titleFontWeight": "normal",
        "titleColor": INK,
        "gridColor": GRID,
        "domainColor": GREY,
        "tickColor": GREY,
    },
    "header": {"labelFontSize": SIZE, "labelColor": INK},
    "legend": {"labelFontSize": SIZE, "labelColor": INK},
    "title": {"fontSize": SIZE, "fontWeight": "normal", "anchor": "start", "color": INK},
    "text": {"fontSize": SIZE},
}
_LOOKS = ((BLUE, [1, 0]), (ORANGE, [5, 3]), (GREY, [2, 2]))


def amount(value: float, form: str = "") -> str:
    """A figure beside a line or tick: ``1,234``, ``£1.2m``, ``25%``."""
    if form == "%":
        return shown.percentage(value)
    if form == "£":
        for size, letter in ((1_000_000, "m"), (1_000, "k")):
            if abs(value) >= size:
                return f"£{shown.decimal(value / size, 2 if size > 1_000 else 0)}{letter}"
    return shown.money(value) if form == "£" else shown.count(value)


def whole_ticks(top: float, most: int = 5) -> list[float]:
    """Ticks from 0 in steps of 1, 2, 5, 10, 20, … to the first that is not below ``top``: whole numbers."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * (most - 1) >= top:
                return [step * number for number in range(max(2, -int(-top // step) + 1))]
        size *= 10


def share_ticks(top: float) -> list[float]:
    """Ticks of a share: up to a quarter, a half or the whole."""
    end = next(end for end in (0.2, 0.4, 0.6, 0.8, 1.0) if end >= min(top, 1.0))
    return [end * number / 4 for number in range(5)] if end in (0.2, 0.4, 0.8, 1.0) else [0, 0.2, 0.4, 0.6]


def _milliseconds(day: date) -> int:
    # Numbers, not texts: a date as text is read in the time zone of the machine.
    return (day - date(1970, 1, 1)).days * 86_400_000


def _text(**look: Any) -> Spec:
    return {"type": "text", "fontSize": SIZE, "color": INK, **look}


def _place(field: str, domain: Sequence[float], axis: Spec | None = None) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": None,
        "scale": {"domain": list(domain), "nice": False, "zero": False},
        "axis": axis,
    }


def _down(ticks: Sequence[float], form: str, field: str = "value") -> Spec:
    labels = {f"{tick:g}": amount(tick, form) for tick in ticks}
    said = " : ".join(f"datum.value == {tick} ? '{text}'" for tick, text in labels.items())
    axis = {"values": list(ticks), "labelExpr": f"{said} : ''", "domain": False, "ticks": False, "labelPadding": 6}
    return _place(field, (ticks[0], ticks[-1]), axis)


def _across(days: Sequence[date], by_quarter: bool) -> Spec:
    """Upright labels in two lines, from the last backwards, so that the newest always has one."""
    if by_quarter:
        every = 1 if len(days) <= 4 else 2 if len(days) <= QUARTERS_BESIDE else 4
    else:
        every = 6 if len(days) > 12 else 3 if len(days) > 6 else 1
    labelled = list(days)[::-1][::every]
    cases = []
    for day in labelled:
        first = f"{day:%b}–{Quarter.containing(day).last_day:%b}" if by_quarter else f"{day:%b}"
        cases.append(f"datum.value == {_milliseconds(day)} ? ['{first}', '{day.year}']")
    axis = {
        "values": [_milliseconds(day) for day in reversed(labelled)],
        "labelExpr": f"{' : '.join(cases)} : ''",
        "grid": False,
        "labelOverlap": False,
        "labelFlush": False,
    }
    start, end = _milliseconds(days[0]), _milliseconds(days[-1])
    room = max((end - start) // 40, 1)
    return _place("x", (start - room, end + room), axis)


def _apart(wanted: Sequence[float], least: float, lowest: float, highest: float) -> list[float]:
    """Places as near as can be to those wanted, in their order from the top, each ``least`` below the one before."""
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    places = [wanted[number] for number in order]
    places[0] = max(places[0], highest)
    for number in range(1, len(places)):
        places[number] = max(places[number], places[number - 1] + least)
    places[-1] = min(places[-1], lowest)
    for number in range(len(places) - 2, -1, -1):
        places[number] = min(places[number], places[number + 1] - least)
    return [place for _, place in sorted(zip(order, places, strict=True))]


def _frame(
    layers: list[Spec], left: float, right: float, height: float, *, top: float = 12, bottom: float = 42
) -> Spec:
    """A picture of ``WIDTH`` whatever stands in it: as much room at each side as was reckoned for its text."""
    return {
        "layer": layers,
        "width": WIDTH - left - right,
        "height": height,
        "autosize": {"type": "none"},
        "padding": {"left": left, "right": right, "top": top, "bottom": bottom},
    }


def _lines(points: Points, form: str = "", by_quarter: bool = False) -> Spec:
    """Up to three lines over months or quarters; each has its name and last figure at its end."""
    groups = list(dict.fromkeys(clean(group) for _, group, _ in points))
    days = sorted({day for day, _, _ in points})
    values = [value for _, _, value in points if value is not None]
    top = max(values)
    ticks = share_ticks(top) if form == "%" else whole_ticks(top)
    across, down = _across(days, by_quarter), _down(ticks, form)
    layers: list[Spec] = []
    ends: list[tuple[str, str, float, str]] = []
    for number, group in enumerate(groups):
        colour, dash = _LOOKS[number]
        own = [(day, value) for day, name, value in points if clean(name) == group]
        data = {"values": [{"x": _milliseconds(day), "value": value} for day, value in own]}
        line = {"type": "line", "color": colour, "strokeWidth": 2.5, "strokeDash": dash}
        layers.append({"data": data, "mark": line, "encoding": {"x": across, "y": down}})
        known = [(day, value) for day, value in own if value is not None]
        # A point alone between two gaps would have no line.
        marked = {"values": [{"x": _milliseconds(day), "value": value} for day, value in known[-1:] + _alone(own)]}
        point = {"type": "point", "filled": True, "size": 45, "opacity": 1, "color": colour}
        layers.append({"data": marked, "mark": point, "encoding": {"x": across, "y": down}})
        if known:
            ends.append((group if len(groups) > 1 else "", amount(known[-1][1], form), known[-1][1], colour))
    lines = [(textwrap.wrap(name, 13), text, value, colour) for name, text, value, colour in ends]
    widest = max(max(len(text) * 1.12, *(len(word) for word in words), 0) for words, text, _, _ in lines)
    left = 14 + LETTER * max(len(amount(tick, form)) for tick in ticks)
    right = 14 + LETTER * widest
    tall = max(16.0 * (len(words) + 1) for words, _, _, _ in lines)
    middle = [HEIGHT * (1 - value / ticks[-1]) for _, _, value, _ in lines]
    places = _apart(middle, tall + 2, HEIGHT - tall / 2, tall / 2 - 8)
    for (words, text, _, colour), place in zip(lines, places, strict=True):
        start = place - 8.0 * len(words)
        for line_no, said in enumerate((text, *words)):
            look = _text(align="left", x="width", dx=10, color=INK if line_no == 0 else colour, baseline="middle")
            if line_no == 0:
                look |= {"fontWeight": "bold"}
            layers.append(
                {"data": {"values": [{}]}, "mark": {**look, "y": start + 16 * line_no, "text": said}, "encoding": {}}
            )
    return _frame(layers, left, right, HEIGHT)


def _alone(points: Sequence[tuple[date, float | None]]) -> list[tuple[date, float]]:
    around = [None, *(value for _, value in points), None]
    return [
        (day, value)
        for (day, value), before, after in zip(points, around[:-2], around[2:], strict=True)
        if value is not None and before is None and after is None
    ]


def _bars(rows: Sequence[tuple[str, float | None, str]]) -> Spec:
    """One bar for each row (name, value, text behind it), in the order given; the first ``BARS_DRAWN`` of them.

    Short names stand before their bars, longer ones above them in full.
    """
    taken = [(clean(name), value or 0.0, clean(text)) for name, value, text in rows[:BARS_DRAWN]]
    longest = max(len(name) for name, _, _ in taken)
    is_beside = longest <= 15
    left = 8 + LETTER * 1.3 * longest if is_beside else 2.0
    room = WIDTH - left - 4
    widest = max(len(text) for _, _, text in taken) * LETTER * 1.1 + 8
    top = max((value for _, value, _ in taken), default=0) or 1
    per = max(room - widest, 40) / top
    names: list[Spec] = []
    bars: list[Spec] = []
    y = 0.0
    for name, value, text in taken:
        if not is_beside:
            for words in textwrap.wrap(name, int(room / LETTER)) or [""]:
                y += 17
                names.append({"y": y - 4, "text": words})
        bars.append({"y": y + 2, "y2": y + 18, "middle": y + 10, "end": value * per, "text": text, "name": name})
        y += 23 if is_beside else 30
    down = {"scale": {"domain": [0, y], "range": [0, y]}, "type": "quantitative", "axis": None, "title": None}
    across = _place("end", (0, room))
    layers: list[Spec] = [
        {
            "data": {"values": bars},
            "mark": {"type": "bar", "color": BLUE},
            "encoding": {"x": across, "x2": {"datum": 0}, "y": {"field": "y", **down}, "y2": {"field": "y2"}},
        },
        {
            "data": {"values": bars},
            "mark": _text(align="left", baseline="middle", dx=5, fontWeight="bold"),
            "encoding": {"x": across, "y": {"field": "middle", **down}, "text": {"field": "text"}},
        },
    ]
    if is_beside:
        mark = _text(align="right", baseline="middle", x=0, dx=-6)
        said = {"y": {"field": "middle", **down}, "text": {"field": "name"}}
        layers.append({"data": {"values": bars}, "mark": mark, "encoding": said})
    else:
        mark = _text(align="left", baseline="alphabetic", x=0)
        layers.append(
            {
                "data": {"values": names},
                "mark": mark,
                "encoding": {"y": {"field": "y", **down}, "text": {"field": "text"}},
            }
        )
    return _frame(layers, left, 4, y, top=2, bottom=4)


def _curve(steps: Sequence[tuple[int, float, float | None, float | None]]) -> Spec:
    """A survival curve: day of the stay, share still there, its limits."""
    values = [
        {
            "x": round(day / 30.4375, 3),
            "value": round(share, 4),
            "low": round(share if low is None else low, 4),
            "high": round(share if high is None else high, 4),
        }
        for day, share, low, high in steps
    ]
    last = values[-1]["x"]
    every = next((step for step in (3, 6, 12) if last / step <= 6), 24)
    ticks = [every * number for number in range(int(last // every) + 1)]
    axis = {"values": ticks, "grid": False, "labelExpr": "datum.value + (datum.value == 0 ? ' months' : '')"}
    across = _place("x", (0, last), {**axis, "labelAlign": "center"})
    down = _down(share_ticks(1.0), "%", "low")
    data = {"values": values}
    stepped = {"color": BLUE, "interpolate": "step-after"}
    end = data["values"][-1]
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {"type": "area", "opacity": 0.18, **stepped},
            "encoding": {"x": across, "y": down, "y2": {"field": "high"}},
        },
        {
            "data": data,
            "mark": {"type": "line", "strokeWidth": 2.5, **stepped},
            "encoding": {"x": across, "y": {**down, "field": "value"}},
        },
        {
            "data": {"values": [end]},
            "mark": _text(align="left", dx=6, fontWeight="bold", text=amount(end["value"], "%")),
            "encoding": {"x": across, "y": {**down, "field": "value"}},
        },
    ]
    return _frame(layers, 14 + LETTER * 4, 46, HEIGHT, bottom=26)


def _fan(past: Sequence[tuple[date, float | None]], ahead: Sequence[tuple[date, float, float, float]]) -> Spec:
    """What was counted (solid, with points) and what is expected (dashed) in the area of its 80% limits, by quarter."""
    counted = [(day, value) for day, value in past if value is not None]
    days = sorted({*(day for day, _ in past), *(row[0] for row in ahead)})
    ticks = whole_ticks(max([*(value for _, value in counted), *(row[3] for row in ahead)]))
    across, down = _across(days, by_quarter=True), _down(ticks, "")
    low = {**down, "field": "low"}
    expected = [{"x": _milliseconds(day), "value": value, "low": value, "high": value} for day, value in counted[-1:]]
    expected += [
        {"x": _milliseconds(day), "value": point, "low": bottom, "high": high} for day, point, bottom, high in ahead
    ]
    before = {"values": [{"x": _milliseconds(day), "value": value} for day, value in past]}
    coming = {"values": expected}
    layers: list[Spec] = [
        {
            "data": coming,
            "mark": {"type": "area", "color": BLUE, "opacity": 0.18},
            "encoding": {"x": across, "y": low, "y2": {"field": "high"}},
        },
        {
            "data": coming,
            "mark": {"type": "line", "color": BLUE, "strokeDash": [5, 3], "strokeWidth": 2.5},
            "encoding": {"x": across, "y": down},
        },
        {
            "data": before,
            "mark": {"type": "line", "color": INK, "strokeWidth": 2.5},
            "encoding": {"x": across, "y": down},
        },
        {
            "data": before,
            "mark": {"type": "point", "filled": True, "size": 25, "opacity": 1, "color": INK},
            "encoding": {"x": across, "y": down},
        },
    ]
    _, point, bottom, high = ahead[-1]
    last_day, last = counted[-1]
    layers.append(
        {
            "data": {"values": [{"x": _milliseconds(last_day), "value": last}]},
            "mark": _text(align="center", dy=-13, fontWeight="bold", text=amount(last)),
            "encoding": {"x": across, "y": down},
        }
    )
    per = HEIGHT / ticks[-1]
    places = _apart([HEIGHT - value * per for value in (high, point, bottom)], 17, HEIGHT, 0)
    said = (f"{amount(high)} high", f"{amount(point)} expected", f"{amount(bottom)} low")
    for number, (text, place) in enumerate(zip(said, places, strict=True)):
        look = _text(align="left", baseline="middle", x="width", dx=8, text=text, y=place)
        if number == 1:
            look |= {"fontWeight": "bold"}
        layers.append({"data": {"values": [{}]}, "mark": look, "encoding": {}})
    left = 14 + LETTER * max(len(amount(tick)) for tick in ticks)
    return _frame(layers, left, 14 + LETTER * max(len(text) for text in said), HEIGHT)


KINDS: dict[str, Callable[..., Spec]] = {
    "lines": _lines,
    "bars": _bars,
    "curve": _curve,
    "fan": _fan,
    **plots_more.KINDS,
}


def specification(kind: str, args: tuple[Any, ...]) -> Spec:
    """The whole specification of a chart: the kind's drawing of ``args`` and what all charts look like."""
    return {**KINDS[kind](*args), "config": CONFIG}
