"""Invented names and addresses. None is drawn from a register of persons."""

from __future__ import annotations

FORENAMES = {
    "male": (
        "Aldo", "Bram", "Corin", "Dov", "Emrys", "Falk", "Garth", "Hal", "Idris", "Joss", "Kit", "Lorcan", "Milo",
        "Nye", "Odhran", "Piers", "Quill", "Rafe", "Soren", "Tavi", "Ulric", "Vaughn", "Wim", "Xan", "Yestin", "Zane",
    ),
    "female": (
        "Ada", "Bryony", "Cressida", "Delphi", "Elowen", "Fern", "Greta", "Hesper", "Isolde", "Juno", "Keziah",
        "Lowri", "Maren", "Nerys", "Orla", "Perdita", "Queta", "Rhosyn", "Saffi", "Tamsin", "Una", "Vesper", "Wren",
        "Xanthe", "Ysolde", "Zinnia",
    ),
    "other": ("Ash", "Bay", "Cedar", "Darcy", "Ellis", "Frankie", "Gray", "Haven", "Indigo", "Jules", "Lark", "Moss"),
}  # fmt: skip
SURNAMES = (
    "Appleyard-Test", "Birchwater", "Coppergate", "Dunmarrow", "Elderfield", "Fennimore", "Gatherstone", "Hollowell",
    "Inkpen", "Juniperson", "Kettlewick", "Lanternby", "Mistlethwaite", "Nettlecombe", "Oxenbury", "Pennyfeather",
    "Quillerby", "Rookhurst", "Saltmarsh", "Thistledown", "Underhay", "Vinegarth", "Wherryman", "Yarrowby", "Zephyrine",
)  # fmt: skip
STREETS = ("Invented Row", "Nowhere Street", "Sample Close", "Specimen Road", "Imaginary Lane", "Placeholder Way")
SITES = ("Alder House", "Beech Court", "Cedar Lodge", "Dock Road", "Elm Place", "Ferry Hostel", "Grange Hotel")
LANDLORDS = ("Invented Lettings", "Sample Homes", "Specimen Housing", "Placeholder Rooms", "Notional Estates")
PROVIDERS = ("Floating support", "Adult social care", "Drug and alcohol service", "Tenancy support", "Mental health")
TEAMS = ("Prevention", "Options", "Temporary accommodation")
