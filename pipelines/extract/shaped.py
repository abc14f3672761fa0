"""Sections written out in the shapes that other systems export: for the examples in ``data/sample/shapes``, and tests.

No vendor's layout: each shape is what is hard to read in some, with the sections that it does not concern as in
``native``. ``data/sample/shapes/<shape>/profile.toml`` reads it back.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.extract.layouts import CREATED, write_layout
from pipelines.extract.shaped_database import write_database
from schemas.codelists import codelist
from schemas.sections import SECTION

Sections = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]

UK = "%d/%m/%Y"
MONTHS = tuple(date(2025, month, 1) for month in range(4, 10))
"""Months of which there is a sheet each; the first sheet holds what came before, too."""
NIGHTS_OF_A_WEEK = 7


def write_shape(sections: Sections, shape: str, folder: Path) -> None:
    """Write the sections into ``folder`` as an export of that shape; the same sections give the same bytes.

    Raises:
        KeyError: there is no such shape.
        ValueError: the shape has no room for what the sections hold.
    """
    SHAPES[shape](sections, folder)


def some_cases(sections: Sections) -> dict[str, pl.DataFrame]:
    """Some three dozen cases of the sections, with every duty, placements of several months and reviews among them."""
    relief, placed = sections["relief"], sections["temporary_accommodation"]
    refs = [
        relief.filter(pl.col("relief_outcome") == "elapsed_56").tail(10),
        sections["prevention"].filter(pl.col("prevention_outcome").is_not_null()).tail(8),
        placed.filter(pl.col("exit_date") >= MONTHS[2]).tail(8),
        placed.filter(pl.col("exit_date").is_null() & pl.col("rate").is_not_null()).tail(8),
        sections["final_duties"].filter(pl.col("main_duty_outcome").is_not_null()).tail(4),
        sections["reviews"].tail(3),
    ]
    chosen = pl.concat(one.select("case_ref") for one in refs).unique().sort("case_ref")
    return {
        name: frame.join(chosen, on="case_ref", how="semi").sort(SECTION[name].key) for name, frame in sections.items()
    }


def by_label(sections: Sections) -> dict[str, pl.DataFrame]:
    """The sections, benefits of a case in the order of their labels: rows of an export keep no other one."""
    labels = {code.code: code.label for code in codelist("benefits").codes.values()}
    told = sections["main"].get_column("benefits").unique().drop_nulls().to_list()
    order = {text: ";".join(sorted(text.split(";"), key=labels.__getitem__)) for text in told}
    return {**sections, "main": sections["main"].with_columns(pl.col("benefits").replace(order))}


def _people(sections: Sections, folder: Path) -> None:
    """``clients``: one row per person. ``household``: one row per person of a case, by the person's number."""
    _native_without(sections, folder, "people")
    people = sections["people"].sort("case_ref", "person_no").to_dicts()
    # As people were registered, not as cases were opened.
    order = sorted(range(len(people)), key=lambda place: (place % 7, place))
    number = {place: f"P{client:06}" for client, place in enumerate(order, start=1)}
    own = {
        "First name": "forename",
        "Last name": "surname",
        "NI number": "nino",
        "DOB": "date_of_birth",
        "Age": "age",
        "Sex": "sex",
        "Gender as at birth": "gender_identity",
        "Ethnic origin": "ethnicity",
        "Sexual orientation": "sexual_orientation",
        "Pregnant": "pregnant",
        "Consent": "personal_data_consent",
        "In education": "in_education",
        "Cannot support self": "unable_to_support",
        "Last address": "last_address",
    }
    clients = [
        {"Client no": number[place], **{heading: _said("people", name, people[place]) for heading, name in own.items()}}
        for place in order
    ]
    _write_csv(folder / "clients.csv", clients)
    of_case = {
        "No": "person_no",
        "Relationship": "relationship",
        "Dependent": "dependent",
        "Here": "lives_with_applicant",
    }
    _write_csv(
        folder / "household.csv",
        (
            {
                "Case no": row["case_ref"],
                "Client no": number[place],
                **{heading: _said("people", name, row) for heading, name in of_case.items()},
            }
            for place, row in enumerate(people)
        ),
    )


_EVENTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Prevention duty started": ("prevention", {"Date": "prevention_start", "Letter": "prevention_notified_date"}),
    "Prevention duty ended": (
        "prevention",
        {
            "Date": "prevention_end",
            "Letter": "prevention_end_notified_date",
            "Outcome": "prevention_outcome",
            "Action": "prevention_activity",
            "Home": "accom_pr",
            "District": "prevention_accom_la",
        },
    ),
    "Relief duty started": ("relief", {"Date": "relief_start", "Letter": "relief_notified_date"}),
    "Relief duty ended": (
        "relief",
        {
            "Date": "relief_end",
            "Letter": "relief_end_notified_date",
            "Outcome": "relief_outcome",
            "Action": "relief_activity",
            "Home": "relief_accom",
            "District": "relief_accom_la",
            "Referred to": "referred_la",
        },
    ),
    "Main duty decided": (
        "final_duties",
        {
            "Date": "main_decision_date",
            "Letter": "main_decision_notified_date",
            "Outcome": "main_decision",
            "Need": "pneed",
        },
    ),
    "Main duty ended": (
        "final_duties",
        {
            "Date": "main_duty_end",
            "Letter": "main_duty_end_notified_date",
            "Outcome": "main_duty_outcome",
            "Home": "main_accom",
            "District": "main_accom_la",
        },
    ),
}
_OF_AN_EVENT = ("Date", "Letter", "Outcome", "Action", "Home", "District", "Referred to", "Need")


def _events(sections: Sections, folder: Path) -> None:
    """``events``: one row per event of a case, some keyed twice; the one entered last is right."""
    _native_without(sections, folder, "prevention", "relief", "final_duties")
    rows = []
    for event, (section, columns) in _EVENTS.items():
        for row in sections[section].iter_rows(named=True):
            cells = {heading: _said(section, name, row) for heading, name in columns.items()}
            if any(cells.values()):
                rows.append((row["case_ref"], event, row[columns["Date"]], cells))
    rows.sort(key=lambda one: (one[2], one[0], one[1]))
    log = []
    for place, (ref, event, day, cells) in enumerate(rows):
        entered = datetime(day.year, day.month, day.day, 9, place % 60)  # noqa: DTZ001 - the log knows no zone
        known = {"Case no": ref, "Event": event}
        if place % 9 == 0:
            # As it was keyed at first: a week early.
            early = {"Date": (day - timedelta(days=7)).strftime(UK)}
            log.append({**known, **dict.fromkeys(_OF_AN_EVENT, ""), **early, "Entered": entered})
        log.append({**known, **dict.fromkeys(_OF_AN_EVENT, ""), **cells, "Entered": entered + timedelta(hours=2)})
    _write_csv(folder / "events.csv", ({**row, "Entered": row["Entered"].strftime(f"{UK} %H:%M")} for row in log))


QUESTIONS = {
    "Date of application": "application_date",
    "Date of assessment": "assess_date",
    "Duty owed": "assess1",
    "Referred by a public body": "referral",
    "Which body": "referral_body",
    "Eligibility": "eligibility",
    "Nationality": "nationality",
    "Last settled home": "lastaccom",
    "Home at application": "currentaccom",
    "Reason for loss": "reasonloss",
    "Reason the tenancy ended": "reason_tenancy_end",
    "Local connection": "local_connection",
    "Work of applicant": "employment_applicant",
    "Work of partner": "employment_partner",
    "Benefits": "benefits",
    "Date of plan": "php_date",
    "File no": "local_ref",
    "Officer": "officer",
    "Team": "team",
    "Officer before": "previous_officer",
    "Officer since": "officer_since",
    "First contact": "first_contact_date",
    "Last activity": "last_activity_date",
    "Recorded": "recorded_date",
    "Assessment notified": "assess_notified_date",
    "Closed": "closed_date",
    "Advice only": "advice_only",
    "Under the old law": "legacy",
}
NEEDS = "Support needs"


def _answers(sections: Sections, folder: Path) -> None:
    """``answers``: one row per answer of a case, two for a question that takes several; ids are explained in
    ``lookups``, one row per id of a list.
    """
    _native_without(sections, folder, "main", "support_needs")
    ids = {question: f"Q{number:02}" for number, question in enumerate((*QUESTIONS, NEEDS), start=1)}
    lists = {question: _of_list("main", name) for question, name in QUESTIONS.items()}
    lists[NEEDS] = _of_list("support_needs", "support_need")
    lookups = [{"List": "Question", "Id": ids[question], "Text": question} for question in ids]
    numbers: dict[str, dict[str, int]] = {}
    for question, labels in lists.items():
        numbers[question] = {code: number for number, code in enumerate(labels, start=1)}
        lookups += [
            {"List": question, "Id": str(numbers[question][code]), "Text": label} for code, label in labels.items()
        ]
    _write_csv(folder / "lookups.csv", lookups)
    needs = sections["support_needs"].sort("case_ref", "support_need").partition_by("case_ref", as_dict=True)

    def answers() -> Iterator[Row]:
        for row in sections["main"].sort("case_ref").iter_rows(named=True):
            for question, name in QUESTIONS.items():
                for answer in _each("main", name, row, numbers[question]):
                    yield {"Case no": row["case_ref"], "Question": ids[question], "Answer": answer}
            of_case = needs.get((row["case_ref"],))
            for need in of_case.get_column("support_need") if of_case is not None else ():
                yield {"Case no": row["case_ref"], "Question": ids[NEEDS], "Answer": str(numbers[NEEDS][need])}

    _write_csv(folder / "answers.csv", answers())


def _of_list(section: str, name: str) -> dict[str, str]:
    """Label by code of a field's list that is short enough for a look-up of its own; nothing for other fields."""
    column = SECTION[section].column(name)
    if column.codelist is None or name == "nationality":
        return {}
    return {code.code: code.label for code in codelist(column.codelist).codes.values()}


def _each(section: str, name: str, row: Row, numbers: Mapping[str, int]) -> list[str]:
    if row[name] is None:
        return []
    if SECTION[section].column(name).kind == "codes":
        return [str(numbers[code]) for code in row[name].split(";")]
    return [str(numbers[row[name]])] if numbers else [_said(section, name, row)]


_OF_A_PLACEMENT: Mapping[str, Mapping[str, str]] = {
    "": {"Case no": "case_ref"},
    "Placement": {
        "Ref": "placement_ref",
        "No": "placement_no",
        "Start": "entry_date",
        "End": "exit_date",
        "Reason for end": "exit_reason",
        "Duty": "taduty",
    },
    "Unit": {
        "Type": "ta_type",
        "District": "ta_la",
        "Site": "site",
        "Landlord": "landlord",
        "Bedrooms": "bedrooms",
        "Self-contained": "self_contained",
        "LHA area": "lha_area",
    },
    "Cost": {"Weekly rent": "rate", "Cost centre": "cost_centre", "Invoice": "invoice_number"},
}


def _months(sections: Sections, folder: Path) -> None:
    """``placements``: a workbook with a sheet for each month, one row per placement that was open in it."""
    from pipelines.emit.workbooks.frames import DAYS
    from pipelines.emit.workbooks.model import Book, Cell, Sheet
    from pipelines.emit.workbooks.xlsx import write_xlsx

    _native_without(sections, folder, "temporary_accommodation")
    columns = [(heading, name) for names in _OF_A_PLACEMENT.values() for heading, name in names.items()]
    groups = [group if place == 0 else "" for group, names in _OF_A_PLACEMENT.items() for place in range(len(names))]
    placed = sections["temporary_accommodation"].sort("case_ref", "placement_no").to_dicts()

    def cells(first: date, *, is_first: bool) -> Iterator[Cell]:
        after = (first + timedelta(days=31)).replace(day=1)
        yield Cell(0, 0, f"Placements open in {first:%B %Y}")
        for place, (group, (heading, _)) in enumerate(zip(groups, columns, strict=True)):
            if group:
                yield Cell(1, place, group)
            yield Cell(2, place, heading)
        number, total = 3, 0.0
        for row in placed:
            ended = row["exit_date"]
            if row["entry_date"] >= after or (not is_first and ended is not None and ended < first):
                continue
            # What ends later is not known yet.
            is_open = ended is not None and ended >= after
            shown = {**row, "exit_date": None, "exit_reason": None} if is_open else row
            for place, (_, name) in enumerate(columns):
                value = shown[name]
                if name == "rate" and value is not None:
                    value = round(value * NIGHTS_OF_A_WEEK, 2)
                    total += value
                if isinstance(value, bool):
                    value = "Y" if value else "N"
                if isinstance(value, str) and name != "case_ref":
                    value = _said("temporary_accommodation", name, {name: row[name]})
                if value is not None:
                    yield Cell(number, place, value, DAYS if isinstance(value, date) else None)
            number += 1
        yield Cell(number, 0, "Total")
        yield Cell(number, [name for _, name in columns].index("rate"), round(total, 2))

    sheets = [Sheet(f"TA {one:%b %Y}", cells(one, is_first=one == MONTHS[0])) for one in MONTHS]
    write_xlsx(Book(CREATED, sheets), folder / "placements.xlsx")


def _said(section: str, name: str, row: Row) -> str:
    """The cell as an officer's report has it: labels, UK dates, Yes and No."""
    value, column = row[name], SECTION[section].column(name)
    if value is None:
        return ""
    if column.kind == "code" and column.codelist and name not in _BY_CODE:
        return codelist(column.codelist).codes[value].label
    if isinstance(value, date):
        return value.strftime(UK)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)


# Two districts may share a name; only the code says which is meant.
_BY_CODE = frozenset(
    column.name for section in SECTION.values() for column in section.columns if column.codelist == "authority"
)


def _native_without(sections: Sections, folder: Path, *names: str) -> None:
    write_layout(sections, "native", folder)
    for name in names:
        (folder / f"{name}.csv").unlink()


def _write_csv(path: Path, rows: Iterable[Row]) -> None:
    rows = iter(rows)
    first = next(rows)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


SHAPES: Mapping[str, Callable[[Sections, Path], None]] = {
    "one-row-per-person": _people,
    "event-log": _events,
    "questions-and-answers": _answers,
    "monthly-sheets": _months,
    "database": write_database,
}
"""Writer of each shape by its name."""
