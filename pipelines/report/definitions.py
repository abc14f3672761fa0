"""The definitions of the metrics that a document rests on, as they stand in ``docs/metrics``."""

from __future__ import annotations

from collections.abc import Collection

from pipelines.metrics.catalogue import definitions
from pipelines.report.blocks import Quoted


def defined(metrics: Collection[str]) -> tuple[Quoted, ...]:
    """One entry per definition that names one of the metrics, in the order of the definitions."""
    return tuple(
        Quoted(entry["definition"], term=entry["title"])
        for entry in definitions()
        if not set(metrics).isdisjoint((*entry.get("sql", ()), *entry.get("python", ())))
    )
