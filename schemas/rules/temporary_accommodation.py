"""Rules on section temporary_accommodation."""

from __future__ import annotations

from schemas.rules._rule import RuleBook

rules = RuleBook("temporary_accommodation")
