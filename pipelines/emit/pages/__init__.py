"""The dashboard for managers, charts for committee papers and the quarter on one page."""

from __future__ import annotations

from pipelines.emit.pages.charts import warm_up
from pipelines.emit.pages.write import prepare, write_dashboard

__all__ = ["prepare", "warm_up", "write_dashboard"]
