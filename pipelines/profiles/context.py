"""What a sheet is about, by its name."""

from __future__ import annotations

from pipelines.profiles.words import forms

# The first rule whose words all stand in the name decides for its section; later ones may add others.
_RULES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (section, frozenset(words.split()))
    for section, words in (
        ("assistance", "assistance"),
        ("assistance", "support given"),
        ("assistance", "support provided"),
        ("assistance", "support received"),
        ("assistance", "need assistance"),
        ("support_needs", "support need"),
        ("support_needs", "need"),
        ("support_needs", "vulnerability"),
        ("support_needs", "vulnerabilities"),
        ("final_duties", "main duty"),
        ("final_duties", "final"),
        ("final_duties", "full duty"),
        ("final_duties", "193"),
        ("final_duties", "193s"),
        ("final_duties", "main decision"),
        ("prevention", "prevention"),
        ("prevention", "195"),
        ("relief", "relief"),
        ("relief", "189b"),
        ("relief", "189"),
        ("temporary_accommodation", "temporary accommodation"),
        ("temporary_accommodation", "placement"),
        ("temporary_accommodation", "booking"),
        ("temporary_accommodation", "bookings"),
        ("temporary_accommodation", "stay"),
        ("temporary_accommodation", "stays"),
        ("temporary_accommodation", "rent"),
        ("temporary_accommodation", "hotel"),
        ("temporary_accommodation", "nights"),
        ("temporary_accommodation", "night"),
        ("temporary_accommodation", "occupancy"),
        ("temporary_accommodation", "tenancies"),
        ("reviews", "review"),
        ("reviews", "202"),
        ("reviews", "appeal"),
        ("people", "people"),
        ("people", "person"),
        ("people", "household"),
        ("people", "member"),
        ("people", "occupant"),
        ("people", "occupants"),
        ("people", "family"),
        ("people", "client"),
        ("people", "clients"),
        ("people", "customer"),
        ("people", "parties"),
        ("people", "applicant"),
        ("people", "applicants"),
        ("main", "main"),
        ("main", "application"),
        ("main", "case"),
        ("main", "cases"),
        ("main", "assess"),
        ("main", "approach"),
        ("main", "approaches"),
        ("main", "presentation"),
        ("main", "homeless"),
        ("main", "hclic"),
    )
)


def sections_of(label: str) -> tuple[str, ...]:
    """Sections that the name of the sheet speaks of, the most special one first."""
    found: list[str] = []
    for words in forms(label):
        left = set(words)
        for section, rule in _RULES:
            if rule <= left:
                found.append(section)
                # "main duty" speaks of no main section, "support need" of no household.
                left -= rule
    return tuple(dict.fromkeys(found))
