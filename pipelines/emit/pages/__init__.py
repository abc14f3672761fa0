"""The dashboard for managers, charts for committee papers and the quarter on one page."""

from __future__ import annotations

from pipelines.emit.pages.engine import start_drawing
from pipelines.emit.pages.write import Dashboard, prepare

__all__ = ["Dashboard", "prepare", "start_drawing"]
