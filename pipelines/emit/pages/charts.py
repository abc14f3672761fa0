"""Charts as SVG and PNG, drawn by vl-convert without a browser. It is slow to load: only when asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Thread
from typing import Any

from pipelines.emit.pages.plots import specification
from pipelines.emit.pages.templating import as_markup, render

PNG_SCALE = 3.0


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


def warm_up() -> None:
    """Start the drawing engine beside other work: it takes longer to start than to draw a page's charts."""
    Thread(target=_start).start()


def _start() -> None:
    import vl_convert

    vl_convert.vegalite_to_svg(json.dumps(specification("bars", ((("", 1.0, ""),), ""))))


class Studio:
    """Draws charts, each picture once: the two editions share most of them."""

    def __init__(self) -> None:
        self._drawn: dict[Plan, str] = {}

    def svg(self, drawing: Drawing) -> str:
        """The chart as one ``svg`` element with title, description and ids of its own."""
        plan = drawing.plan
        if plan not in self._drawn:
            import vl_convert

            # As text: taking over dictionaries would cost more time.
            self._drawn[plan] = vl_convert.vegalite_to_svg(json.dumps(specification(plan.kind, plan.args)))
        return _finish(self._drawn[plan], drawing)

    @staticmethod
    def pngs(svgs: Sequence[str]) -> list[bytes]:
        """The pictures of ``svg`` elements, in their order."""
        import vl_convert

        # Pictures are drawn outside of the interpreter's lock.
        with ThreadPoolExecutor(max_workers=2) as workers:
            return list(workers.map(lambda svg: vl_convert.svg_to_png(svg, scale=PNG_SCALE), svgs))


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
        description=drawing.description,
        size=as_markup(" ".join(re.findall(r'(?:width|height|viewBox)="[^"]*"', match[1]))),
        inside=as_markup(svg[match.end() :]),
    )


__all__ = ["Drawing", "Plan", "Studio", "warm_up"]
