"""Rules on section support_needs."""

from __future__ import annotations

from schemas.rules._rule import RuleBook

rules = RuleBook("support_needs")
