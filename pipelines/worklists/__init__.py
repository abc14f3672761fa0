"""Worklists: what officers are asked about, case by case. They change no data."""

from __future__ import annotations

from pipelines.worklists.lists import Column, Worklist, worklists

__all__ = ["Column", "Worklist", "worklists"]
