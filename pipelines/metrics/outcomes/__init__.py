"""Outcomes: reasons, what became of each duty, returns, reviews, referrals, cohorts and protected characteristics."""

from __future__ import annotations

from pipelines.metrics.outcomes.build import RELATIONS, prepare, relation
from pipelines.metrics.outcomes.characteristics import by_characteristic
from pipelines.metrics.outcomes.cohorts import Cohort, fields_of, restrict

__all__ = ["RELATIONS", "Cohort", "by_characteristic", "fields_of", "prepare", "relation", "restrict"]
