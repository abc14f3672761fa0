"""Rules on section assistance."""

from __future__ import annotations

from schemas.rules._rule import RuleBook

rules = RuleBook("assistance")
