"""What the route maker draws from: names, streets, teams, routes with their weights, reasons, codes by date."""

from __future__ import annotations

from datetime import date

FORENAMES = "Ada Ben Cara Dev Ella Finn Gita Hal Ines Jo Kai Lena Mo Nia Owen Pia Quin Rae Sam Tess Uma Val Wes Yara Zed".split()  # noqa: E501, SIM905
SURNAMES = [
    "Ashby",
    "Birch",
    "Clay",
    "Dunmow",
    "Elder",
    "Fern",
    "Gorse",
    "Hazel",
    "Ivory",
    "Juniper",
    "Kestrel",
    "Linden",
    "Marsh",
    "Nettle",
    "Oakes",
    "Plover",
    "Reed",
]
STREETS = "Quay Lane,Mill Row,Chapel Hill,Station Approach,Orchard Way,Wharf Road".split(",")  # noqa: SIM905
TEAMS = ("Prevention", "Relief", "Main duty")
OFFICERS = tuple(f"HO{number:02d}" for number in range(1, 13))
CODES_CHANGED = date(2023, 4, 1)

ROUTES: dict[str, int] = {
    "advice_only": 3,
    "not_threatened": 4,
    "withdrew": 3,
    "not_eligible": 1,
    "prevention_existing": 9,
    "prevention_alternative": 13,
    "prevention_other": 8,
    "prevention_open": 4,
    "prevention_to_relief": 10,
    "relief_secured": 12,
    "relief_referral": 2,
    "relief_other": 8,
    "relief_open": 4,
    "main_accepted": 11,
    "main_intentional": 2,
    "main_no_priority_need": 5,
    "main_not_homeless": 1,
}
"""Route and weight. ``prevention_to_relief`` continues along one of the relief or main routes."""
ENDING = 12
"""Weight of the households that take each ending of ``ENDINGS`` in turn, beside those of the routes."""

# Reason for loss with the last settled accommodation that agrees with it (hclic-spec 2.10) and a current one.
REASONS: tuple[tuple[str, str, str, str | None], ...] = (
    ("prs_ast", "prs_self", "prs_self", "arrears_budgeting"),
    ("prs_ast", "prs_self", "prs_self", "landlord_sell"),
    ("prs_ast", "prs_hmo", "prs_hmo", "landlord_relet"),
    ("prs_non_ast", "prs_lodging", "prs_lodging", None),
    ("srs", "srs_council", "srs_council", "arrears_income"),
    ("srs", "srs_rp", "srs_rp", "breach"),
    ("supported", "srs_supported", "srs_supported", "breach_licence"),
    ("family_friends", "family", "family", None),
    ("family_friends", "friends", "friends", None),
    ("relationship", "prs_self", "family", None),
    ("da_victim", "srs_rp", "refuge", None),
    ("violence_other", "prs_self", "friends", None),
    ("inst_custody", "nk", "inst_custody", None),
    ("asylum", "nk", "nass", None),
    ("mortgage", "owner", "owner", None),
    ("unsuitable_health", "prs_self", "prs_self", None),
    ("other", "nk", "nfa_never_rough", None),
)
RETIRED = {
    "da_victim": "da",
    "inst_custody": "inst",
    "landlord_sell": "landlord_sell_relet",
    "landlord_relet": "landlord_sell_relet",
    "unsuitable_health": "other",
    "withdrew": "withdrew_deceased",
}
NEEDS = ("mental", "physical", "domestic_abuse", "offending", "drug", "alcohol", "learning", "eet", "former_asylum")
TA_TYPES = ("nightly", "la_ha", "psl", "bb", "hostel", "other")
ETHNICITIES = (
    "white_british",
    "white_british",
    "white_british",
    "white_other",
    "black_african",
    "asian_pakistani",
    "nk",
)
