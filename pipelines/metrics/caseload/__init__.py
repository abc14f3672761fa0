"""Caseload: open cases by officer, team and stage, their age and flow, days each stage takes, and worklists."""

from __future__ import annotations

from pipelines.metrics.caseload.build import RELATIONS, open_cases, prepare, relation

__all__ = ["RELATIONS", "open_cases", "prepare", "relation"]
