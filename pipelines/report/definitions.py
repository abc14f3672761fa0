"""The definitions of the metrics that a document rests on, as they stand in ``docs/metrics``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pipelines.metrics.catalogue import definitions
from pipelines.report.blocks import Quoted


def defined(metrics: Collection[str]) -> tuple[Quoted, ...]:
    """One entry per definition of the metrics, in the order of the definitions; of several, that of most relations:
    others rest on them."""
    entries = definitions()
    chosen = set()
    for name in metrics:
        of_it = [place for place, entry in enumerate(entries) if name in _names(entry)]
        if of_it:
            chosen.add(max(of_it, key=lambda place: (len(_names(entries[place])), -place)))
    return tuple(Quoted(entries[place]["definition"], term=entries[place]["title"]) for place in sorted(chosen))


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return (*entry.get("sql", ()), *entry.get("python", ()))
