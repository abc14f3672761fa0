"""Write the dashboard's files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.errors import OutputError

if TYPE_CHECKING:
    from pipelines.finance.cost.build import CostFiles


def prepare(con: duckdb.DuckDBPyConnection, cost_files: CostFiles | None = None) -> None:
    """Create the relations that the dashboard reads, from the marts of the quarter in ``reporting_period``."""
    from pipelines.finance.cost import build as cost
    from pipelines.metrics import caseload
    from pipelines.metrics.stays import build as stays

    stays.prepare(con)
    caseload.prepare(con)
    cost.prepare(con, cost_files)


def write_dashboard(
    con: duckdb.DuckDBPyConnection,
    out_dir: Path,
    *,
    internal: bool,
    software_version: str,
    made: datetime,
    notes: Sequence[str] = (),
    forecast: bool = True,
) -> list[Path]:
    """Write the dashboard, the quarter in numbers and the charts; the same figures give the same bytes.

    ``prepare`` has been called, or the metrics of stays, caseload and cost prepared otherwise. Only the time in the
    pages' footer comes from ``made``.

    Args:
        con: holds the marts and the metrics' relations.
        out_dir: made if need be; gets ``dashboard_shareable.html``, ``quarter_in_numbers.html`` and ``charts/``.
        internal: also write ``dashboard.html``, with officers' staff codes and every number however small.
        software_version: printed in the footer.
        made: the time of the run, printed in the footer.
        notes: sentences for the head of each page, such as that the households are invented.
        forecast: forecast applications and households in temporary accommodation where the extra is installed
            (statsforecast takes several seconds to load).

    Raises:
        OutputError: a file cannot be written.
    """
    from pipelines.emit.pages import page
    from pipelines.emit.pages.charts import Studio
    from pipelines.emit.pages.content import sections
    from pipelines.emit.pages.data import collect, edition

    figures = collect(con, forecast=forecast)
    studio, said = Studio(), page.Made(software_version, made, tuple(notes))
    texts: dict[str, str | bytes] = {}
    if internal:
        view = edition(figures, internal=True)
        texts["dashboard.html"] = page.dashboard(view, sections(view), studio, said)
    view = edition(figures, internal=False)
    parts = sections(view)
    texts["dashboard_shareable.html"] = page.dashboard(view, parts, studio, said)
    texts["quarter_in_numbers.html"] = page.one_page(view, parts, studio, said)
    drawings = page.drawings(parts)
    svgs = [studio.svg(drawing) for drawing in drawings]
    for drawing, svg, png in zip(drawings, svgs, studio.pngs(svgs), strict=True):
        texts[f"charts/{drawing.ident}.svg"] = svg + "\n"
        texts[f"charts/{drawing.ident}.png"] = png
    try:
        (out_dir / "charts").mkdir(parents=True, exist_ok=True)
        for name, content in texts.items():
            (out_dir / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    except OSError:
        raise OutputError("The dashboard could not be written.") from None
    return [out_dir / name for name in texts]
