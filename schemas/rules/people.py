"""Rules on section people."""

from __future__ import annotations

from schemas.rules._rule import RuleBook

rules = RuleBook("people")
