"""Rules on section final_duties."""

from __future__ import annotations

from schemas.rules._rule import RuleBook

rules = RuleBook("final_duties")
