"""Rules on section reviews."""

from __future__ import annotations

from schemas.rules._rule import RuleBook

rules = RuleBook("reviews")
