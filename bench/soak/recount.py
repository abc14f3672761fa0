"""What a return must hold by the system's own rows, beside what its XML holds. Shares no code with ``hclic``."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from bench.soak.system import System

Rows = dict[str, dict[int, dict[str, object]]]
_DATES = {
    "relief": ("relief_start", "relief_end"),
    "final_duties": ("main_decision_date", "main_duty_end"),
    "temporary_accommodation": ("entry_date", "exit_date"),
    "main": ("assess_date", "closed_date"),
}
"""Every day on which something happens that brings a case into a quarter's return."""


def _days(rows: Rows) -> list[date]:
    return [
        value
        for section, names in _DATES.items()
        for row in rows.get(section, {}).values()
        for name in names
        if isinstance(value := row.get(name), date)
    ]


def _belongs(rows: Rows, first: date, last: date) -> bool:
    if any(first <= day <= last for day in _days(rows)):
        return True
    for placement in rows.get("temporary_accommodation", {}).values():
        entry, leaving = placement["entry_date"], placement.get("exit_date")
        assert isinstance(entry, date)
        if entry <= last and (not isinstance(leaving, date) or leaving > last):
            return True
    return False


def expected(system: System, day: date, first: date, last: date) -> dict[str, dict[str, object]]:
    """What the return holds of each case by its local reference, from an export of ``day``."""
    found: dict[str, dict[str, object]] = {}
    for ref, rows in system.as_at(day):
        if not _belongs(rows, first, last):
            continue

        def sent(section: str, name: str, rows: Rows = rows) -> list[str]:
            values = [row.get(name) for _, row in sorted(rows.get(section, {}).items())]
            return sorted(value.isoformat() for value in values if isinstance(value, date) and value <= last)

        main = rows["main"][1]
        found[ref] = {
            "ASSESS_DATE": sent("main", "assess_date"),
            "RELIEF_START": sent("relief", "relief_start"),
            "RELIEF_END": sent("relief", "relief_end"),
            "MAIN_DECISION_DATE": sent("final_duties", "main_decision_date"),
            "MAIN_DUTY_END": sent("final_duties", "main_duty_end"),
            "ENTRY_DATE": sent("temporary_accommodation", "entry_date"),
            "EXIT_DATE": sent("temporary_accommodation", "exit_date"),
            "BENEFITS": [str(main["benefits"])],
            "NATIONALITY": [str(main["nationality"])],
            "PERSON_NO": [str(number) for number in sorted(rows["people"])],
        }
    return found


def written(path: Path) -> list[tuple[str, dict[str, object]]]:
    """H-CLIC reference and the same values of every case in the file, in its order."""
    names = (
        "ASSESS_DATE", "RELIEF_START", "RELIEF_END", "MAIN_DECISION_DATE", "MAIN_DUTY_END", "ENTRY_DATE", "EXIT_DATE",
        "BENEFITS", "NATIONALITY", "PERSON_NO",
    )  # fmt: skip
    cases: list[tuple[str, dict[str, object]]] = []
    for case in ElementTree.parse(path).getroot().iter("CASE"):
        ref = case.findtext(".//CASE_REF") or ""
        cases.append((ref, {name: sorted(one.text or "" for one in case.iter(name)) for name in names}))
    return cases


def differences(path: Path, references: dict[str, str], wanted: dict[str, dict[str, object]]) -> list[str]:
    """What is lost, twice or other in the return; sentences by reference.

    Args:
        path: the case file.
        references: H-CLIC reference by local reference.
        wanted: what ``expected`` gives.
    """
    held = written(path)
    said = [f"{ref} is there {times} times" for ref, times in Counter(ref for ref, _ in held).items() if times > 1]
    by_ref = dict(held)
    missing = [ref for ref in wanted if ref not in references]
    said += [f"{ref} has no reference" for ref in missing]
    due = {references[ref]: values for ref, values in wanted.items() if ref in references}
    said += [f"{ref} is lost" for ref in sorted(due.keys() - by_ref.keys())]
    said += [f"{ref} does not belong there" for ref in sorted(by_ref.keys() - due.keys())]
    for ref in sorted(due.keys() & by_ref.keys()):
        for name, values in due[ref].items():
            if by_ref[ref][name] != values:
                said.append(f"{ref}: {name} is {by_ref[ref][name]}, and should be {values}")
    return said


def moved(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """References that moved, went or were given twice since the map before."""
    said = [f"{local} was {ref}, and is {now.get(local)}" for local, ref in before.items() if now.get(local) != ref]
    twice = [ref for ref, times in Counter(now.values()).items() if times > 1]
    return said + [f"{ref} is the reference of several cases" for ref in twice]
