"""Charts as SVG and PNG, drawn by vl-convert without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.emit.pages.engine import Picture, engine
from pipelines.emit.pages.plots import specification
from pipelines.emit.pages.templating import as_markup, render


@dataclass(frozen=True)
class Plan:
    """A chart to be drawn: one of the kinds of ``plots`` and what it takes. Equal plans are one picture."""

    kind: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Drawing:
    """A chart with its text alternative."""

    ident: str
    title: str
    description: str
    plan: Plan
    caption: str
    """Stands below the chart, in the picture."""


class Studio:
    """Draws charts, each picture once: the two editions share most of them. The engine draws beside other work."""

    def __init__(self, drawings: Iterable[Drawing]) -> None:
        self._plans = list(dict.fromkeys((drawing.plan, drawing.caption) for drawing in drawings))
        asked = [json.dumps(specification(plan.kind, plan.args, caption)) for plan, caption in self._plans]
        self._drawing = engine().draw(asked)

    @cached_property
    def _drawn(self) -> dict[tuple[Plan, str], Picture]:
        return dict(zip(self._plans, self._drawing.result(), strict=True))

    def svg(self, drawing: Drawing) -> str:
        """The chart, one of those given, as one ``svg`` element with title, description and ids of its own."""
        return _finish(self._drawn[drawing.plan, drawing.caption].svg, drawing)

    def png(self, drawing: Drawing) -> bytes:
        """The chart, one of those given, as a picture."""
        return self._drawn[drawing.plan, drawing.caption].png


def _finish(svg: str, drawing: Drawing) -> str:
    # vl-convert numbers clip paths on and on: the same chart drawn later would have other bytes, and two charts of one
    # page could share a number.
    names: dict[str, str] = {}
    for found in re.findall(r'\bid="([^"]+)"', svg):
        names.setdefault(found, f"{drawing.ident}-{len(names) + 1}")
    svg = re.sub(r'\bid="([^"]+)"', lambda match: f'id="{names[match[1]]}"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{names.get(match[1], match[1])})", svg)
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)
    match = re.match(r"<svg ([^>]*)>", svg)
    assert match is not None
    return render(
        "picture.html",
        ident=drawing.ident,
        title=drawing.title,
        description=f"{drawing.description} {drawing.caption}",
        size=as_markup(" ".join(re.findall(r'(?:width|height|viewBox)="[^"]*"', match[1]))),
        inside=as_markup(svg[match.end() :]),
    )
