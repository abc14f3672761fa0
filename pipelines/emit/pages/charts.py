"""Charts as SVG and PNG, drawn by altair and vl-convert without a browser. Both are slow to load: only when asked for.

One drawing serves phone, screen and paper: 340 units wide, so that its text stays readable in a narrow column. No chart
tells things apart by colour alone: lines differ in dash too, groups have panels of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pipelines.emit.pages.words import clean, html

if TYPE_CHECKING:
    import altair

WIDTH = 270
BLUE, ORANGE, GREY, INK = "#12436d", "#b5460f", "#595959", "#0b0c0c"
FONT = "Liberation Sans, Arial, sans-serif"
PNG_SCALE = 3.0
BARS_DRAWN = 30

Points = tuple[tuple[date | str, str, float | None], ...]
"""x, series, value; a value left out is a gap."""


@dataclass(frozen=True)
class Plan:
    """A chart to be drawn: the name of a function of ``KINDS`` and what it takes. Equal plans are one picture."""

    kind: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Drawing:
    """A chart with its text alternative."""

    ident: str
    title: str
    description: str
    plan: Plan


def _milliseconds(day: date) -> int:
    # Numbers, not texts: a date as text is read in the time zone of the machine.
    return (day - date(1970, 1, 1)).days * 86_400_000


def _data(points: Points) -> altair.Data:
    import altair as alt

    values = [
        {"x": _milliseconds(x) if isinstance(x, date) else clean(x), "group": clean(group), "value": value}
        for x, group, value in points
    ]
    return alt.Data(values=values)


def _months(points: Points, every: int) -> altair.X:
    import altair as alt

    days = sorted({x for x, _, _ in points if isinstance(x, date)})
    ticks = [_milliseconds(day) for day in days if (day.month - 1) % every == 0]
    axis = alt.Axis(format="%b %Y", values=ticks, grid=False, labelOverlap=True)
    return alt.X("x:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def _quarters(order: Sequence[str]) -> altair.X:
    import altair as alt

    return alt.X("x:O", title=None, scale=alt.Scale(domain=list(order)), axis=alt.Axis(labelAngle=-45))


def _counted(form: str = ",d") -> altair.Axis:
    import altair as alt

    return alt.Axis(format=form, tickCount=5, tickMinStep=1)


def _lines(points: Points, y_title: str, form: str = ",d") -> altair.TopLevelMixin:
    """Up to three lines over months or quarters (words), told apart by dash and colour."""
    import altair as alt

    groups = list(dict.fromkeys(clean(group) for _, group, _ in points))
    is_monthly = isinstance(points[0][0], date)
    across = _months(points, 6) if is_monthly else _quarters(list(dict.fromkeys(str(x) for x, _, _ in points)))
    legend = None
    if len(groups) > 1:
        legend = alt.Legend(
            orient="top",
            title=None,
            symbolType="stroke",
            symbolSize=700,
            symbolStrokeWidth=2.5,
            labelLimit=240,
            direction="vertical",
            columns=1,
        )
    colours, dashes = [BLUE, ORANGE, GREY], [[1, 0], [5, 3], [2, 2]]
    base = alt.Chart(_data(points)).encode(
        across,
        alt.Y("value:Q", title=y_title, scale=alt.Scale(zero=True, nice=True), axis=_counted(form)),
        alt.Color("group:N", scale=alt.Scale(domain=groups, range=colours[: len(groups)]), legend=legend),
    )
    dash = alt.StrokeDash("group:N", scale=alt.Scale(domain=groups, range=dashes[: len(groups)]), legend=legend)
    # A point alone between two gaps would have no line.
    drawn = base.mark_line(strokeWidth=2.5).encode(dash) + base.mark_point(filled=True, size=12, opacity=1)
    chart: altair.TopLevelMixin = drawn.properties(width=WIDTH, height=180)
    return chart


def _panels(points: Points, order: Sequence[str], y_title: str) -> altair.TopLevelMixin:
    """One small panel with a line for each group, all to the same scale."""
    import altair as alt

    base = alt.Chart(_data(points)).encode(
        _months(points, 12), alt.Y("value:Q", title=None, axis=alt.Axis(format=",d", tickCount=3, tickMinStep=1))
    )
    layers = base.mark_area(color=BLUE, opacity=0.18, line=False) + base.mark_line(color=BLUE, strokeWidth=2)
    layers += base.mark_point(color=BLUE, filled=True, size=6, opacity=1)
    header = alt.Header(labelFontWeight="bold", labelLimit=150, labelAnchor="start")
    chart: altair.TopLevelMixin = layers.properties(width=118, height=80).facet(
        alt.Facet("group:N", title=None, sort=list(order), header=header), columns=2, title=y_title, spacing=16
    )
    return chart


def _bars(rows: Sequence[tuple[str, float | None, str]], x_title: str) -> altair.TopLevelMixin:
    """One bar for each row (name, value, text beside it), in the order given; the first ``BARS_DRAWN`` of them."""
    import altair as alt

    drawn: list[dict[str, Any]] = [
        {"name": clean(name), "value": value, "end": value or 0, "text": text}
        for name, value, text in rows[:BARS_DRAWN]
    ]
    top = max((row["end"] for row in drawn), default=0) or 1
    order = list(dict.fromkeys(row["name"] for row in drawn))
    widest = max(len(row["text"]) for row in drawn)
    across = alt.Scale(domain=[0, top * (1 + 0.07 * widest)], nice=False)
    base = alt.Chart(alt.Data(values=drawn)).encode(
        alt.Y(
            "name:N",
            title=None,
            scale=alt.Scale(domain=order),
            axis=alt.Axis(labelLimit=150, ticks=False, domain=False),
        )
    )
    bar = base.mark_bar(color=BLUE, height=alt.RelativeBandSize(band=0.7)).encode(
        alt.X("value:Q", title=x_title, scale=across, axis=alt.Axis(format="~s", tickCount=4, tickMinStep=1))
    )
    text = base.mark_text(align="left", dx=4, color=INK).encode(alt.X("end:Q", scale=across), alt.Text("text:N"))
    chart: altair.TopLevelMixin = (bar + text).properties(width=175, height=alt.Step(22))
    return chart


def _curves(steps: Sequence[tuple[str, int, float, float | None, float | None]]) -> altair.TopLevelMixin:
    """Survival curves: months since the stay began, share still there, limits around it; a panel for each group."""
    import altair as alt

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
    base = alt.Chart(alt.Data(values=values)).encode(
        alt.X(
            "x:Q",
            title="Months since the stay began" if is_one else "Months",
            axis=alt.Axis(grid=False, tickCount=6 if is_one else 3),
        ),
    )
    share_axis = alt.Axis(format=".0%", tickCount=5 if is_one else 2)
    band = base.mark_area(color=BLUE, opacity=0.18, interpolate="step-after").encode(
        alt.Y("low:Q", title="Share still there" if is_one else None, scale=alt.Scale(domain=[0, 1]), axis=share_axis),
        alt.Y2("high:Q"),
    )
    layers = band + base.mark_line(color=BLUE, strokeWidth=2, interpolate="step-after").encode(alt.Y("value:Q"))
    chart: altair.TopLevelMixin
    if is_one:
        chart = layers.properties(width=WIDTH, height=180)
    else:
        header = alt.Header(labelFontWeight="bold", labelLimit=150, labelAnchor="start")
        facet = alt.Facet("group:N", title=None, sort=groups, header=header)
        chart = layers.properties(width=112, height=80).facet(facet, columns=2, spacing=16)
    return chart


def _fan(
    past: Sequence[tuple[str, float | None]], ahead: Sequence[tuple[str, float, float, float]], y_title: str
) -> altair.TopLevelMixin:
    """What was counted (solid, with points) and what is expected (dashed) in the area of its 80% limits."""
    import altair as alt

    across = _quarters([*(name for name, _ in past), *(row[0] for row in ahead)])
    expected = [{"x": name, "value": value, "low": value, "high": value} for name, value in past[-1:]]
    expected += [{"x": name, "value": point, "low": low, "high": high} for name, point, low, high in ahead]
    counted = alt.Chart(alt.Data(values=[{"x": name, "value": value} for name, value in past])).encode(across)
    coming = alt.Chart(alt.Data(values=expected)).encode(across)
    scale = alt.Scale(zero=True, nice=True)
    chart: altair.TopLevelMixin = (
        coming.mark_area(color=BLUE, opacity=0.18).encode(
            alt.Y("low:Q", title=y_title, axis=_counted(), scale=scale), alt.Y2("high:Q")
        )
        + coming.mark_line(color=BLUE, strokeDash=[5, 3], strokeWidth=2.5).encode(alt.Y("value:Q"))
        + counted.mark_line(color=INK, strokeWidth=2.5).encode(alt.Y("value:Q"))
        + counted.mark_point(color=INK, filled=True, size=20, opacity=1).encode(alt.Y("value:Q"))
    ).properties(width=WIDTH, height=180)
    return chart


KINDS: dict[str, Callable[..., altair.TopLevelMixin]] = {
    "lines": _lines,
    "panels": _panels,
    "bars": _bars,
    "curves": _curves,
    "fan": _fan,
}


def _specification(chart: altair.TopLevelMixin) -> dict[str, Any]:
    text = {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": INK, "titleFontWeight": "normal"}
    specification: dict[str, Any] = chart.to_dict(validate=False)
    specification["config"] = {
        "aria": False,
        "font": FONT,
        "background": "#ffffff",
        "padding": 6,
        "view": {"stroke": None, "continuousWidth": WIDTH},
        "axis": {**text, "gridColor": "#d8dadb", "domainColor": GREY, "tickColor": GREY},
        "legend": text,
        "header": {"labelFontSize": 12, "labelColor": INK},
        "title": {"fontSize": 12, "fontWeight": "normal", "anchor": "start", "color": INK},
        "text": {"fontSize": 12},
        "facet": {"spacing": 14},
    }
    return specification


class Studio:
    """Draws charts, each picture once: the two editions share most of them."""

    def __init__(self) -> None:
        self._drawn: dict[Plan, str] = {}

    def svg(self, drawing: Drawing) -> str:
        """The chart as one ``svg`` element with title, description and ids of its own."""
        plan = drawing.plan
        if plan not in self._drawn:
            import vl_convert
            from altair.utils.schemapi import debug_mode

            # Checking every part of a chart against the schema takes longer than drawing it.
            with debug_mode(False):
                specification = _specification(KINDS[plan.kind](*plan.args))
            self._drawn[plan] = vl_convert.vegalite_to_svg(specification)
        return _finish(self._drawn[plan], drawing)

    @staticmethod
    def png(svg: str) -> bytes:
        """The picture of an ``svg`` element."""
        import vl_convert

        picture: bytes = vl_convert.svg_to_png(svg, scale=PNG_SCALE)
        return picture


def _finish(svg: str, drawing: Drawing) -> str:
    # vl-convert numbers clip paths on and on: the same chart drawn later would have other bytes, and two charts of one
    # page could share a number.
    names: dict[str, str] = {}
    for found in re.findall(r'\bid="([^"]+)"', svg):
        names.setdefault(found, f"{drawing.ident}-{len(names) + 1}")
    svg = re.sub(r'\bid="([^"]+)"', lambda match: f'id="{names[match[1]]}"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{names.get(match[1], match[1])})", svg)
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    head = (
        f'<svg role="img" aria-labelledby="{drawing.ident}-title {drawing.ident}-desc"'
        ' xmlns="http://www.w3.org/2000/svg" '
    )
    titles = (
        f'<title id="{drawing.ident}-title">{html(drawing.title)}</title>'
        f'<desc id="{drawing.ident}-desc">{html(drawing.description)}</desc>'
    )
    match = re.match(r"<svg ([^>]*)>", svg)
    assert match is not None
    kept = " ".join(re.findall(r'(?:width|height|viewBox)="[^"]*"', match[1]))
    return f"{head}{kept}>{titles}{svg[match.end() :]}"


__all__ = ["BARS_DRAWN", "KINDS", "Drawing", "Plan", "Studio"]
