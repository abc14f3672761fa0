"""Exports unlike the shipped ones, made of the same cases, and which heading of each is which field.

They are shapes, not any vendor's layout. Headings are chosen so that many of them are not among the collected ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from schemas.codelists import codelist
from schemas.sections import SECTION

Sections = dict[str, pl.DataFrame]
Right = dict[str, str]
"""``section.field`` → heading."""


@dataclass(frozen=True)
class Layout:
    """One shape of export."""

    name: str
    write: Callable[[Sections, Path], Right]
    recall: float
    """Share of its fields that a draft has to find."""


def _days(column: pl.Series) -> pl.Series:
    return column.dt.strftime("%d/%m/%Y")


def _labels(sections: Sections, section: str, field: str) -> pl.Series:
    codes = codelist(SECTION[section].column(field).codelist or "").codes
    return sections[section][field].replace({code: one.label for code, one in codes.items()})


def _cell(sections: Sections, place: str) -> pl.Series:
    section, field = place.split(".")
    column = sections[section][field]
    if SECTION[section].column(field).codelist:
        return _labels(sections, section, field)
    return _days(column) if column.dtype == pl.Date() else column.cast(pl.String())


def _file(folder: Path, name: str, sections: Sections, columns: dict[str, str], **others: pl.Series) -> Right:
    """Write a CSV of one section: heading → ``section.field``; returns what is right."""
    frame = pl.DataFrame({**others, **{heading: _cell(sections, place) for heading, place in columns.items()}})
    frame.write_csv(folder / f"{name}.csv")
    return {place: heading for heading, place in columns.items()}


def people_apart(sections: Sections, folder: Path) -> Right:
    """Many tables as a database has them: people by a number of their own, codes with a look-up, duties by type."""
    numbers = {ref: str(700_000 + place) for place, ref in enumerate(sections["main"]["case_ref"])}

    def case(section: str) -> pl.Series:
        return sections[section]["case_ref"].replace(numbers)

    lists: list[tuple[str, str, str]] = []

    def keys(place: str, domain: str) -> pl.Series:
        section, field = place.split(".")
        codes = codelist(SECTION[section].column(field).codelist or "").codes
        known = {label: key for name, key, label in lists if name == domain}
        for one in codes.values():
            if one.label not in known:
                known[one.label] = str(100 + len(lists))
                lists.append((domain, known[one.label], one.label))
        return sections[section][field].replace({code: known[one.label] for code, one in codes.items()})

    coded = {
        "HAP_DUTY_OWED_CODE": ("main.assess1", "DUTY_OWED"),
        "HAP_ELIGIBILITY_CODE": ("main.eligibility", "ELIGIBILITY"),
        "HAP_REASON_HOMELESS_CODE": ("main.reasonloss", "REASON_HOMELESS"),
        "HAP_LAST_SETTLED_ACCOM_CODE": ("main.lastaccom", "ACCOM_TYPE"),
        "HAP_CURRENT_ACCOM_CODE": ("main.currentaccom", "ACCOM_TYPE"),
        "HAP_LOCAL_CONN_CODE": ("main.local_connection", "LOCAL_CONNECTION"),
    }
    right = _file(
        folder,
        "HAP_APPLICATIONS",
        sections,
        {
            "HAP_APPLIED_DATE": "main.application_date",
            "HAP_ASSESSED_DATE": "main.assess_date",
            "HAP_NATIONALITY": "main.nationality",
            "HAP_PHP_ISSUED_DATE": "main.php_date",
            "HAP_OFFICER": "main.officer",
            "HAP_CREATED_DATE": "main.recorded_date",
        },
        HAP_REFNO=case("main"),
        HAP_COMMENTS=pl.Series(["see file"] * sections["main"].height),
        **{heading: keys(*what) for heading, what in coded.items()},
    )
    right |= {place: heading for heading, (place, _) in coded.items()}
    persons = pl.Series([str(900_000 + number) for number in range(sections["people"].height)])
    right |= _file(
        folder,
        "HAP_HOUSEHOLD_MEMBERS",
        sections,
        {"HHM_RELATIONSHIP": "people.relationship"},
        HHM_HAP_REFNO=case("people"),
        HHM_PAR_REFNO=persons,
    )
    right |= _file(
        folder,
        "PARTIES",
        sections,
        {
            "PAR_SURNAME": "people.surname",
            "PAR_FORENAME": "people.forename",
            "PAR_DATE_OF_BIRTH": "people.date_of_birth",
            "PAR_NI_NO": "people.nino",
            "PAR_GENDER": "people.sex",
            "PAR_ETHNIC_ORIGIN": "people.ethnicity",
        },
        PAR_REFNO=persons,
        PAR_PHONE=pl.Series(["07700 900123"] * sections["people"].height),
    )
    duties = pl.concat(
        pl.DataFrame(
            {
                "DUT_HAP_REFNO": case(section),
                "DUT_TYPE": pl.Series([section.capitalize()] * sections[section].height, dtype=pl.String()),
                "DUT_START_DATE": _cell(sections, f"{section}.{section}_start"),
                "DUT_END_DATE": _cell(sections, f"{section}.{section}_end"),
                "DUT_END_REASON": _cell(sections, f"{section}.{section}_outcome"),
                "DUT_END_ACCOM": _cell(sections, f"{section}.{accommodation}"),
            }
        )
        for section, accommodation in (("prevention", "accom_pr"), ("relief", "relief_accom"))
    )
    duties.write_csv(folder / "HAP_DUTIES.csv")
    for section, accommodation in (("prevention", "accom_pr"), ("relief", "relief_accom")):
        right |= {f"{section}.{section}_{part}": f"DUT_{part.upper()}_DATE" for part in ("start", "end")}
        right |= {f"{section}.{section}_outcome": "DUT_END_REASON", f"{section}.{accommodation}": "DUT_END_ACCOM"}
    right |= _file(
        folder,
        "HAP_FULL_DUTY_DECISIONS",
        sections,
        {
            "FDD_DECISION_DATE": "final_duties.main_decision_date",
            "FDD_DECISION": "final_duties.main_decision",
            "FDD_PRIORITY_NEED": "final_duties.pneed",
            "FDD_DISCHARGED_DATE": "final_duties.main_duty_end",
            "FDD_DISCHARGE_REASON": "final_duties.main_duty_outcome",
        },
        FDD_HAP_REFNO=case("final_duties"),
    )
    stays = sections["temporary_accommodation"]
    right |= _file(
        folder,
        "TA_BOOKINGS",
        sections,
        {
            "BKG_DATE_FROM": "temporary_accommodation.entry_date",
            "BKG_DATE_TO": "temporary_accommodation.exit_date",
            "BKG_TA_TYPE": "temporary_accommodation.ta_type",
            "BKG_DUTY": "temporary_accommodation.taduty",
            "BKG_LANDLORD": "temporary_accommodation.landlord",
            "BKG_BEDS": "temporary_accommodation.bedrooms",
            "BKG_BOROUGH": "temporary_accommodation.ta_la",
        },
        BKG_HAP_REFNO=case("temporary_accommodation"),
        BKG_WEEKLY_RENT=(stays["rate"] * 7).round(2),
    )
    right["temporary_accommodation.rate"] = "BKG_WEEKLY_RENT"
    right |= _file(
        folder,
        "HAP_SUPPORT_NEEDS",
        sections,
        {"SPN_NEED": "support_needs.support_need"},
        SPN_HAP_REFNO=case("support_needs"),
    )
    pl.DataFrame(lists, schema=["RC_DOMAIN", "RC_CODE", "RC_DESCRIPTION"], orient="row").write_csv(
        folder / "REF_CODES.csv"
    )
    return right


def event_log(sections: Sections, folder: Path) -> Right:
    """What happened, one row an event, beside a few plain files under other words."""
    local = dict(zip(sections["main"]["case_ref"], sections["main"]["local_ref"], strict=True))

    def case(section: str) -> pl.Series:
        return sections[section]["case_ref"].replace(local)

    right = _file(
        folder,
        "applications",
        sections,
        {
            "Approach date": "main.application_date",
            "Homelessness reason": "main.reasonloss",
            "Settled accommodation (last)": "main.lastaccom",
            "Where living at application": "main.currentaccom",
            "Citizenship": "main.nationality",
            "Immigration eligibility": "main.eligibility",
            "Case worker": "main.officer",
        },
        **{"App no": case("main")},
    )
    right |= _file(
        folder,
        "household",
        sections,
        {
            "Member no": "people.person_no",
            "Relationship": "people.relationship",
            "First name": "people.forename",
            "Last name": "people.surname",
            "D.O.B.": "people.date_of_birth",
            "Gender": "people.sex",
            "Ethnic group": "people.ethnicity",
        },
        **{"App no": case("people")},
    )
    events = (
        ("First contact", "main.first_contact_date", None),
        ("Assessment completed", "main.assess_date", "main.assess1"),
        ("Personalised housing plan issued", "main.php_date", None),
        ("Prevention duty started", "prevention.prevention_start", None),
        ("Prevention duty ended", "prevention.prevention_end", "prevention.prevention_outcome"),
        ("Relief duty started", "relief.relief_start", None),
        ("Relief duty ended", "relief.relief_end", "relief.relief_outcome"),
        ("Main duty decision made", "final_duties.main_decision_date", "final_duties.main_decision"),
        ("Main duty ended", "final_duties.main_duty_end", "final_duties.main_duty_outcome"),
    )
    parts = []
    for text, day, result in events:
        section = day.split(".")[0]
        found = pl.DataFrame(
            {
                "App no": case(section),
                "Event": pl.Series([text] * sections[section].height, dtype=pl.String()),
                "Event date": _cell(sections, day),
                "Result": _cell(sections, result)
                if result
                else pl.Series([None] * sections[section].height, dtype=pl.String()),
            }
        ).drop_nulls("Event date")
        if found.height:
            right[day] = f"{text} Event date"
            parts.append(found)
        if found.get_column("Result").count():
            right[str(result)] = f"{text} Result"
    pl.concat(parts).with_row_index("Event ID", offset=1).write_csv(folder / "event_log.csv")
    right |= _file(
        folder,
        "TA stays",
        sections,
        {
            "In": "temporary_accommodation.entry_date",
            "Out": "temporary_accommodation.exit_date",
            "Kind of accommodation": "temporary_accommodation.ta_type",
            "Legal basis": "temporary_accommodation.taduty",
            "Cost per night": "temporary_accommodation.rate",
        },
        **{"App no": case("temporary_accommodation")},
    )
    right |= _file(
        folder,
        "vulnerabilities",
        sections,
        {"Vulnerability": "support_needs.support_need"},
        **{"App no": case("support_needs")},
    )
    right |= _file(
        folder,
        "s202 reviews",
        sections,
        {
            "Request received": "reviews.review_requested_date",
            "What is being reviewed": "reviews.decision_reviewed",
            "Decided": "reviews.review_outcome_date",
            "Result": "reviews.review_outcome",
        },
        **{"App no": case("reviews")},
    )
    return right


_QUESTIONS = {
    "Date of application": "main.application_date",
    "Date of assessment decision": "main.assess_date",
    "What duty is owed?": "main.assess1",
    "Reason for loss of last settled home": "main.reasonloss",
    "Last settled accommodation type": "main.lastaccom",
    "Accommodation at time of application": "main.currentaccom",
    "Is the applicant eligible for assistance?": "main.eligibility",
    "Applicant's nationality": "main.nationality",
    "Local connection": "main.local_connection",
    "Employment status": "main.employment_applicant",
    "Date PHP issued": "main.php_date",
    "Prevention duty start date": "prevention.prevention_start",
    "Prevention duty end date": "prevention.prevention_end",
    "Reason prevention duty ended": "prevention.prevention_outcome",
    "Relief duty start date": "relief.relief_start",
    "Relief duty end date": "relief.relief_end",
    "Reason relief duty ended": "relief.relief_outcome",
    "Main duty decision date": "final_duties.main_decision_date",
    "Main duty decision": "final_duties.main_decision",
    "Priority need": "final_duties.pneed",
    "Household support needs": "support_needs.support_need",
}


def answers(sections: Sections, folder: Path) -> Right:
    """Questions and answers, each by a number that another file explains."""
    options: list[tuple[str, str, str]] = []
    rows = []
    for number, (_, place) in enumerate(_QUESTIONS.items(), start=1):
        section, field = place.split(".")
        cells = _cell(sections, place)
        if list_name := SECTION[section].column(field).codelist:
            keys = {}
            for one in codelist(list_name).codes.values():
                keys[one.label] = str(1_001 + len(options))
                options.append((keys[one.label], str(number), one.label))
            cells = cells.replace(keys)
        frame = pl.DataFrame({"CASE_ID": sections[section]["case_ref"], "ANSWER": cells}).drop_nulls()
        rows.append(frame.select("CASE_ID", pl.lit(str(number)).alias("QUESTION_ID"), "ANSWER"))
    pl.concat(rows).write_csv(folder / "CASE_ANSWERS.csv")
    texts = [(str(number), text) for number, text in enumerate(_QUESTIONS, start=1)]
    pl.DataFrame(texts, schema=["QUESTION_ID", "QUESTION_TEXT"], orient="row").write_csv(folder / "QUESTIONS.csv")
    pl.DataFrame(options, schema=["OPTION_ID", "QUESTION_ID", "OPTION_TEXT"], orient="row").write_csv(
        folder / "ANSWER_OPTIONS.csv"
    )
    right = {place: text for text, place in _QUESTIONS.items()}
    right |= _file(
        folder,
        "CASE_PEOPLE",
        sections,
        {
            "PERSON_SEQ": "people.person_no",
            "ROLE": "people.relationship",
            "FIRST_NAME": "people.forename",
            "SURNAME": "people.surname",
            "DATE_OF_BIRTH": "people.date_of_birth",
            "SEX": "people.sex",
        },
        CASE_ID=sections["people"]["case_ref"],
    )
    return right


_MONTHS = {"Jul": date(2025, 7, 31), "Aug": date(2025, 8, 31), "Sep": date(2025, 9, 30)}


def monthly_sheets(sections: Sections, folder: Path) -> Right:
    """Temporary accommodation in one sheet a month with two rows of headings, and a report that repeats each case."""
    local = dict(zip(sections["main"]["case_ref"], sections["main"]["local_ref"], strict=True))
    heads = (
        ("", "Case number", None),
        ("", "Placement ref", "placement_ref"),
        ("Placement", "Start", "entry_date"),
        ("", "End", "exit_date"),
        ("", "Type", "ta_type"),
        ("", "Duty", "taduty"),
        ("Charge", "Rate per week", "rate"),
        ("", "Cost centre", "cost_centre"),
        ("Property", "Beds", "bedrooms"),
        ("", "Borough", "ta_la"),
    )
    book = xlsxwriter.Workbook(folder / "monthly.xlsx")
    book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001 - the format knows no zone
    for month, last in _MONTHS.items():
        sheet = book.add_worksheet(f"TA {month} 2025")
        sheet.write(0, 0, "Temporary accommodation at the month's end")
        placed = sections["temporary_accommodation"].filter(
            (pl.col("entry_date") <= last)
            & (pl.col("exit_date").is_null() | (pl.col("exit_date") >= last.replace(day=1)))
        )
        for place, (group, heading, field) in enumerate(heads):
            sheet.write(2, place, group)
            sheet.write(3, place, heading)
            mine = {"temporary_accommodation": placed.with_columns((pl.col("rate") * 7).round(2))}
            cells = (
                placed["case_ref"].replace(local) if field is None else _cell(mine, f"temporary_accommodation.{field}")
            )
            sheet.write_column(4, place, ["" if cell is None else cell for cell in cells])
        sheet.write(4 + placed.height, 0, "Total")
        sheet.write(4 + placed.height, 6, 1)
    book.close()
    people = sections["people"].join(sections["main"], on="case_ref").sort("case_ref", "person_no")
    columns = {
        "Date of approach": "main.application_date",
        "Assessed on": "main.assess_date",
        "Assessment outcome": "main.assess1",
        "Main reason for homelessness": "main.reasonloss",
        "Member": "people.person_no",
        "Relation to applicant": "people.relationship",
        "Forename": "people.forename",
        "Surname": "people.surname",
        "Birth date": "people.date_of_birth",
        "Sex": "people.sex",
    }
    right = _file(
        folder,
        "Homelessness report",
        {"main": people, "people": people},
        columns,
        **{"Case number": people["case_ref"].replace(local)},
    )
    return right | dict(_monthly(heads))


def _monthly(heads: tuple[tuple[str, str, str | None], ...]) -> Iterator[tuple[str, str]]:
    group = ""
    for above, heading, field in heads:
        group = above or group
        if field is not None:
            yield f"temporary_accommodation.{field}", f"{group} > {heading}" if group else heading


def by_role(sections: Sections, folder: Path) -> Right:
    """One row a case, parted by ``|``: applicant and partner by role, children by number, needs that are ticked."""
    cases = sections["main"].select("case_ref", "local_ref").with_row_index("n")
    rows = cases.select(pl.format("H/2025/{}", "n").alias("Ref No"), "case_ref")
    right = {
        "main.application_date": "Date of Approach",
        "main.assess_date": "Date Assessed",
        "main.assess1": "Duty Owed",
        "main.reasonloss": "Reason for Homelessness",
    }
    rows = rows.with_columns(_cell(sections, place).alias(heading) for place, heading in right.items())
    people = sections["people"].with_columns(
        pl.col("date_of_birth").dt.strftime("%d/%m/%Y").alias("DOB"), pl.col("forename").alias("First Name")
    )
    roles = {"Applicant": "main_applicant", "Partner": "partner"}
    for word, code in roles.items():
        one = people.filter(pl.col("relationship") == code).unique("case_ref", keep="first", maintain_order=True)
        one = one.select("case_ref", *[pl.col(name).alias(f"{word} {name}") for name in ("First Name", "DOB")])
        rows = rows.join(one, on="case_ref", how="left", maintain_order="left")
    children = people.filter(~pl.col("relationship").is_in(list(roles.values()))).with_columns(
        pl.int_range(1, pl.len() + 1).over("case_ref").alias("k")
    )
    for number in range(1, 4):
        one = children.filter(pl.col("k") == number)
        one = one.select("case_ref", *[pl.col(name).alias(f"Child {number} {name}") for name in ("First Name", "DOB")])
        rows = rows.join(one, on="case_ref", how="left", maintain_order="left")
    needs = sections["support_needs"]
    for heading, code in (("Mental health", "mental"), ("Drug dependency", "drug"), ("Offending history", "offending")):
        having = needs.filter(pl.col("support_need") == code)["case_ref"]
        rows = rows.with_columns(
            pl.when(pl.col("case_ref").is_in(having.implode())).then(pl.lit("Y")).otherwise(pl.lit("N")).alias(heading)
        )
    notes = pl.format("Spoke to {} today", "Applicant First Name").alias("Notes")
    rows.with_columns(notes).drop("case_ref").write_csv(folder / "Export_20251001.csv", separator="|")
    return right | {"people.forename": "Applicant First Name", "people.date_of_birth": "Partner DOB"}


LAYOUTS = (
    Layout("people apart", people_apart, 0.95),
    Layout("event log", event_log, 0.95),
    Layout("answers", answers, 0.95),
    Layout("monthly sheets", monthly_sheets, 0.95),
)
