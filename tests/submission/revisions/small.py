"""A small export, invented: so many households alike, of which a test changes what it is about."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.few import SAMPLE
from tests.submission.revisions.made import AUTHORITY, Rows

MAIN = {
    "la_code": AUTHORITY,
    "application_date": "2025-07-01",
    "assess_date": "2025-07-03",
    "assess1": "relief",
    "referral": "no",
    "eligibility": "uk_roi_hr",
    "nationality": "GB",
    "lastaccom": "family",
    "currentaccom": "family",
    "reasonloss": "family_friends",
    "reason_tenancy_end": "",
    "local_connection": "residence",
    "employment_applicant": "ft",
    "benefits": "uc",
    "php_date": "2025-07-05",
    "last_activity_date": "2025-09-26",
}
PERSON = {
    "person_no": "1",
    "relationship": "main_applicant",
    "sex": "female",
    "gender_identity": "same",
    "ethnicity": "white_british",
    "sexual_orientation": "heterosexual",
    "dependent": "no",
    "forename": "Ada",
    "last_address": "1 Quay Lane",
}
RELIEF = {"relief_start": "2025-07-03", "relief_end": "", "relief_outcome": "", "relief_accom": ""}
Change = Callable[[Rows], Rows | None]


def ref(number: int) -> str:
    return f"{AUTHORITY}_{number:012d}"


def small(folder: Path, numbers: Iterable[int] = range(1, 7), **changes: Change) -> Path:
    """Write the export; ``changes``: by section, what is done to its rows."""
    folder.mkdir(parents=True)
    numbers = list(numbers)
    rows: dict[str, Rows] = {
        "main": [{"case_ref": ref(number), **MAIN} for number in numbers],
        "people": [
            {
                "case_ref": ref(number),
                **PERSON,
                "surname": f"Elder{number}",
                "date_of_birth": f"1990-05-{number:02d}",
                "nino": f"QQ{number:06d}C",
            }
            for number in numbers
        ],
        "relief": [{"case_ref": ref(number), **RELIEF} for number in numbers],
        "support_needs": [{"case_ref": ref(number), "support_need": "none"} for number in numbers],
    }
    for path in sorted(SAMPLE.glob("*.csv")):
        name, part = path.stem, rows.get(path.stem, [])
        with path.open(encoding="utf-8", newline="") as handle:
            columns = next(csv.reader(handle))
        if name in changes:
            part = changes[name](part) or part
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, restval="")
            writer.writeheader()
            writer.writerows(part)
    return folder


def set_in(number: int, **cells: str) -> Change:
    """Set cells of the rows of one case."""

    def change(rows: Rows) -> None:
        for row in rows:
            if row["case_ref"] == ref(number):
                row.update(cells)

    return change


def both(*changes: Change) -> Change:
    def change(rows: Rows) -> Rows:
        for one in changes:
            rows = one(rows) or rows
        return rows

    return change
