"""Write the dashboard's files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import OutputError
from pipelines.state import RunState
from pipelines.whole import into

if TYPE_CHECKING:
    import duckdb

    from pipelines.disclosure.edition import Figure
    from pipelines.emit.pages.charts import Drawing
    from pipelines.metrics.emit import Frames


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the relations that the dashboard reads, from the marts of the quarter in ``reporting_period``."""
    from pipelines.metrics.emit import prepare_metrics

    prepare_metrics(con)


ALTERNATIVE_TEXTS = "charts/alternative_texts.csv"


def _alternative_texts(drawings: Sequence[Drawing]) -> str:
    """One row per chart: what a document that takes it in says to those who do not see it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("chart", "title", "what", "alternative_text", "source"))
    rows.writerows((one.ident, one.title, one.what, one.description, one.caption) for one in drawings)
    return text.getvalue()


class Dashboard:
    """The pages and charts of a quarter; their figures are read, and their charts drawn beside other work."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        *,
        internal: bool,
        software_version: str,
        made: datetime,
        state: RunState,
        notes: Sequence[str] = (),
        forecast: bool = True,
        frames: Frames | None = None,
    ) -> None:
        """Read the figures. ``prepare`` has been called, or ``metrics.emit.prepare_metrics``.

        Args:
            con: holds the marts and the metrics' relations.
            internal: also write ``dashboard.html``, with officers' staff codes and every number however small.
            software_version: printed in the footer.
            made: the time of the run, printed in the footer.
            state: how the run stands; of one that is blocked or failed no edition for sharing is made.
            notes: sentences for the head of each page, such as that the households are invented.
            forecast: forecast applications and households in temporary accommodation.
            frames: the metrics, where others read them too.
        """
        from pipelines.emit.pages import page
        from pipelines.emit.pages.charts import Studio
        from pipelines.emit.pages.content import sections
        from pipelines.emit.pages.view import View
        from pipelines.metrics.editions import Edition
        from pipelines.metrics.emit import Frames

        known = frames or Frames(con)
        wanted = [is_internal for is_internal in (True, False) if (internal if is_internal else state.is_shareable)]
        views = [View(Edition(con, is_internal, known)) for is_internal in wanted]
        self._shared = next((view.edition for view in views if not view.internal), None)
        self._said = page.Made(software_version, made, state, tuple(notes))
        self._made = [
            (view, parts, page.drawings(parts, page.caption(view, state)))
            for view, parts in ((view, sections(view, with_forecast=forecast)) for view in views)
        ]
        self._studio = Studio(
            [drawing for _, _, drawings in self._made for drawing in drawings],
            [drawing for view, _, drawings in self._made for drawing in drawings if not view.internal],
        )

    @property
    def figures(self) -> dict[Figure, int]:
        """What the edition for sharing prints, to be remembered before it is written; nothing where there is none."""
        return self._shared.figures if self._shared else {}

    def write(self, out_dir: Path) -> list[Path]:
        """Write the dashboard, the quarter in numbers and the charts; the same figures give the same bytes.

        Only the time in the pages' footer comes from ``made``.

        Args:
            out_dir: made if need be; gets ``dashboard.html`` (internal), and unless the run is blocked or failed
                ``dashboard_shareable.html``, ``quarter_in_numbers.html`` and ``charts/``.

        Raises:
            OutputError: a file cannot be written.
        """
        from pipelines.emit.pages import page

        texts: dict[str, str | bytes] = {}
        for view, parts, drawings in self._made:
            name = "dashboard.html" if view.internal else "dashboard_shareable.html"
            texts[name] = page.dashboard(view, parts, self._studio, self._said)
            if view.internal:
                continue
            texts["quarter_in_numbers.html"] = page.one_page(view, parts, self._studio, self._said)
            for drawing in drawings:
                texts[f"charts/{drawing.ident}.svg"] = self._studio.file_svg(drawing) + "\n"
                texts[f"charts/{drawing.ident}.png"] = self._studio.png(drawing)
            if drawings:
                texts[ALTERNATIVE_TEXTS] = _alternative_texts(drawings)
        try:
            with into(out_dir) as new:
                for name, content in texts.items():
                    (new / name).parent.mkdir(exist_ok=True)
                    (new / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        except OSError:
            raise OutputError("The dashboard could not be written.") from None
        return [out_dir / name for name in texts]
