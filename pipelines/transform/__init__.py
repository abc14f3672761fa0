"""From one run's frozen sections to the relations that tables, metrics and the return read."""

from __future__ import annotations

from pipelines.transform.relations import MARTS, STAGING, build, create

__all__ = ["MARTS", "STAGING", "build", "create"]
