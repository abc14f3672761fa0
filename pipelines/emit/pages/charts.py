"""Charts as SVG and PNG, drawn by vl-convert without a browser."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.emit.pages.engine import engine
from pipelines.emit.pages.plots import BACKGROUND, FONT, GREY, INK, specification
from pipelines.emit.pages.templating import as_markup, render

TITLE_SIZE, WHAT_SIZE, FOOT_SIZE = 16, 13, 11
_MARGIN = 10


@dataclass(frozen=True)
class Plan:
    """A chart to be drawn: one of the kinds of ``plots`` and what it takes. Equal plans are one picture."""

    kind: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Drawing:
    """A chart with its words.

    ``title`` is its message; ``what`` says of what, where and when it is; ``description`` is its text alternative;
    ``caption`` names its source, edition and state. On a page these stand around the chart; in a picture that is taken
    elsewhere they stand in it.
    """

    ident: str
    title: str
    description: str
    plan: Plan
    caption: str
    what: str = ""


class Studio:
    """Draws charts, each once: the two editions share some of them. The engine draws beside other work.

    ``taken``: those that are also wanted as pictures to be taken elsewhere (``file_svg``, ``png``).
    """

    def __init__(self, drawings: Iterable[Drawing], taken: Iterable[Drawing] = ()) -> None:
        self._taken = list(dict.fromkeys(taken))
        self._plans = list(dict.fromkeys(drawing.plan for drawing in (*drawings, *self._taken)))
        self._drawing = engine().beside(self._draw)

    def _draw(self) -> tuple[dict[Plan, str], dict[Drawing, tuple[str, bytes]]]:
        asked = [json.dumps(specification(plan.kind, plan.args)) for plan in self._plans]
        drawn = dict(zip(self._plans, engine().draw(asked), strict=True))
        framed = [_framed(drawn[drawing.plan], drawing) for drawing in self._taken]
        painted = engine().paint(framed)
        return drawn, {drawing: (svg, png) for drawing, svg, png in zip(self._taken, framed, painted, strict=True)}

    def svg(self, drawing: Drawing) -> str:
        """The chart, one of those given, as one ``svg`` element with title, description and ids of its own."""
        return _finished(self._drawing.result()[0][drawing.plan], drawing)

    def file_svg(self, drawing: Drawing) -> str:
        """The chart with its title, source, edition and state in the picture; one of those ``taken``."""
        return self._drawing.result()[1][drawing][0]

    def png(self, drawing: Drawing) -> bytes:
        """The same as PNG."""
        return self._drawing.result()[1][drawing][1]


_OPENED = re.compile(r"<svg ([^>]*)>")


def _opened(svg: str) -> tuple[str, float, float, str]:
    """The attributes of a picture's size, its width and height, and what is inside, with its end."""
    match = _OPENED.match(svg)
    assert match is not None
    size = {name: value for name, value in re.findall(r'(width|height|viewBox)="([^"]*)"', match[1])}
    said = " ".join(f'{name}="{value}"' for name, value in size.items())
    return said, float(size["width"]), float(size["height"]), svg[match.end() :]


def _own_names(svg: str, ident: str) -> str:
    # vl-convert numbers clip paths on and on: the same chart drawn later would have other bytes, and two charts of one
    # page could share a number.
    names: dict[str, str] = {}
    for found in re.findall(r'\bid="([^"]+)"', svg):
        names.setdefault(found, f"{ident}-{len(names) + 1}")
    svg = re.sub(r'\bid="([^"]+)"', lambda match: f'id="{names[match[1]]}"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{names.get(match[1], match[1])})", svg)
    return re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)


def _finished(svg: str, drawing: Drawing) -> str:
    size, _, _, inside = _opened(_own_names(svg, drawing.ident))
    return render(
        "picture.html",
        ident=drawing.ident,
        title=drawing.title,
        description=drawing.description,
        size=as_markup(size),
        inside=as_markup(inside),
    )


def _framed(svg: str, drawing: Drawing) -> str:
    """The chart between its title and its source."""
    _, width, height, inside = _opened(_own_names(svg, drawing.ident))
    whole = width + 2 * _MARGIN
    lines: list[dict[str, Any]] = []
    y = float(_MARGIN)

    def put(text: str, size: int, colour: str, weight: str = "normal", letter: float = 0.53) -> None:
        nonlocal y
        for words in textwrap.wrap(text, int(width / (size * letter))):
            y += size * 1.25
            lines.append({"y": round(y - size * 0.3, 1), "text": words, "size": size, "fill": colour, "weight": weight})

    put(drawing.title, TITLE_SIZE, INK, "bold", 0.57)
    y += 3
    put(drawing.what, WHAT_SIZE, GREY)
    y += 8
    chart_y = y
    y += height + 6
    put(drawing.caption, FOOT_SIZE, GREY)
    tall = round(y + _MARGIN, 1)
    return render(
        "framed.svg",
        ident=drawing.ident,
        title=drawing.title,
        description=drawing.description,
        width=whole,
        height=tall,
        ground=BACKGROUND,
        font=FONT,
        margin=_MARGIN,
        lines=lines,
        chart_y=round(chart_y, 1),
        chart_width=width,
        chart_height=height,
        inside=as_markup(inside),
    )
