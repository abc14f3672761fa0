"""The charts of the pages in the report: without their message, which the report says in traced sentences."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.emit.pages.charts import Drawing, Studio
from pipelines.emit.pages.content import Figure, sections
from pipelines.emit.pages.page import caption
from pipelines.emit.pages.view import View
from pipelines.metrics.editions import Edition
from pipelines.report.blocks import Document, Picture
from pipelines.state import RunState

KINDS = {
    "above_below": "Bars above and below a line",
    "bars": "Bar chart",
    "counts": "Line chart",
    "curve": "Curve with its limits",
    "lines": "Line chart",
    "peers": "Bar chart",
    "parts": "Bar chart in two parts",
    "ranked": "Bar chart",
    "rates": "Line chart of percentages",
    "tiles": "Map of England’s authorities as tiles of one size",
}
"""Kinds of charts in words; one that is not named here is a chart."""


class Charts:
    """The charts that the pages draw of an edition, by their names."""

    def __init__(self, edition: Edition, state: RunState) -> None:
        view = View(edition)
        self._figures: dict[str, Figure] = {
            figure.ident: figure for section in sections(view) for figure in section.figures if figure.plan is not None
        }
        self._source = caption(view, state)

    def picture(self, ident: str) -> Picture | None:
        """The chart of that name; none where the edition has too little for it."""
        figure = self._figures.get(ident)
        if figure is None or figure.plan is None:
            return None
        # Of one quarter alone there is no course to be seen.
        if figure.plan.kind == "above_below" and len(figure.plan.args[0]) < 2:
            return None
        title = figure.said_below
        kind = KINDS.get(figure.plan.kind, "Chart")
        said = f"{kind}: {title}. The figures stand in the sentences and tables of this part."
        return Picture(ident, title, said, figure.plan, self._source)


def drawn(document: Document) -> Mapping[str, tuple[str, bytes]]:
    """The document's charts as SVG for the page and PNG for Word, by their names."""
    drawings = {
        block.ident: Drawing(block.ident, block.title, block.alternative, block.plan, block.source)
        for block in document.blocks
        if isinstance(block, Picture)
    }
    if not drawings:
        return {}
    # In Word the title stands above the picture; in it would be said twice.
    taken = {ident: Drawing(ident, "", one.description, one.plan, one.caption) for ident, one in drawings.items()}
    studio = Studio(drawings.values(), taken.values())
    return {ident: (studio.svg(one), studio.png(taken[ident])) for ident, one in drawings.items()}
