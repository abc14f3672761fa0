"""All rules of the return, one module a section. A rule is true for a good row; null passes; a SQL check selects bad rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from schemas.rules import (
    assistance,
    final_duties,
    final_duties_across,
    main,
    main_across,
    main_agreement,
    people,
    people_across,
    people_characteristics,
    prevention,
    prevention_across,
    relief,
    relief_across,
    reviews,
    support_needs,
    temporary_accommodation,
    temporary_accommodation_across,
    temporary_accommodation_standing,
)
from schemas.rules._rule import Example, Known, Rule

__all__ = ["RULE", "RULES", "Example", "Known", "Rule", "rules_in_force"]

_BOOKS = (
    main.rules,
    main_agreement.rules,
    main_across.rules,
    people.rules,
    people_characteristics.rules,
    people_across.rules,
    support_needs.rules,
    prevention.rules,
    prevention_across.rules,
    relief.rules,
    relief_across.rules,
    final_duties.rules,
    final_duties_across.rules,
    assistance.rules,
    temporary_accommodation.rules,
    temporary_accommodation_across.rules,
    temporary_accommodation_standing.rules,
    reviews.rules,
)

RULES: tuple[Rule, ...] = tuple(rule for book in _BOOKS for rule in book.rules)
RULE: dict[str, Rule] = {rule.rule_id: rule for rule in RULES}


def rules_in_force(day: date, rules: Sequence[Rule] = RULES) -> tuple[tuple[Rule, ...], tuple[tuple[Rule, str], ...]]:
    """The rules to run for a quarter whose last day is ``day``, and the others with why they are not run.

    A rule that follows the date of a case (``valid_by``) is in force; it then judges only the cases that its dates cover.
    """
    run, left = [], []
    for rule in rules:
        if not rule.decidable:
            left.append((rule, "not decidable"))
        elif rule.status == "withdrawn":
            left.append((rule, "withdrawn"))
        elif rule.valid_by == "quarter" and not rule.covers(day):
            left.append((rule, "not in force"))
        else:
            run.append(rule)
    return tuple(run), tuple(left)
