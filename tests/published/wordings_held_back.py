"""Wordings written after the matcher was finished, to see how it does on headings that it was not made for."""

from __future__ import annotations

import re

from pipelines.published.headings import Column
from tests.published.flat_layout import Style, labels_of
from tests.published.wordings import ADDED, DROPPED, OF_WHICH

_SUBS = tuple[tuple[str, str], ...]


def _sub(text: str, substitutions: _SUBS) -> str:
    for pattern, by in substitutions:
        text = re.sub(pattern, by, text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _groups(column: Column) -> list[str]:
    return [g.strip(" :") for g in labels_of(column)[:-1] if not OF_WHICH.match(g)]


def _short(group: str) -> str:
    return _sub(
        group,
        (
            (r"^End of assured shorthold.*", "Private rented (AST) ended"),
            (r"^Rent arrears, due to", "arrears"),
            (r"^Landlord wishing.*", "landlord sale or re-let"),
            (r"^End of social rented tenancy.*", "Social tenancy ended"),
            (r"^Eviction from supported housing.*", "Evicted from supported housing"),
            (r"^(?:Homeless on )?departure from institution.*", "Left institution"),
            (r"^Households with one or more support needs.*", "Number of support needs per household"),
            (r"^Households referred by a public body.*", "Duty to Refer bodies"),
            (r"^Housing Act 1996 Pt6.*", "Social housing (Part 6) offer"),
            (r"^Household member vulnerable.*", "Vulnerable because of"),
            (r"^Bed and breakfast hotels.*", "Bed and breakfast"),
            (r"^Nightly paid.*", "Nightly paid self-contained"),
            (r"^Hostels.*", "Hostels and refuges"),
            (r"^Private sector accommodation leased.*", "Leased private sector accommodation"),
            (r"^Local authority or Housing association.*", "Council or housing association stock"),
            (r"^Any other type of temporary.*", "Other temporary accommodation"),
            (r"^Single parent with dependent children", "Lone parents with children"),
            (r"^Single adult", "Single adults"),
            (r"^Secured accommodation for 6\+ months", "Accommodation secured for at least 6 months"),
        ),
    )


def statistician(column: Column) -> str:
    """Snake case, as in a data release."""
    leaf = labels_of(column)[-1]
    text = "_".join([*map(_short, _groups(column)), leaf]).replace("+", "_plus").replace("%", "")
    name = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    return f"{name}_percent" if column.measure == "percent" else name


def plain_english(column: Column) -> str:
    """Questions of style: plurals, verbs, ages "X to Y years old", totals as "All ..."."""
    leaf = _sub(
        labels_of(column)[-1],
        (
            (r"^Total number of ", "All "),
            (r"^Total ", "All "),
            (r"(\d+)-(\d+)( years)?", r"\1 to \2 years old"),
            (r"aged (\d+ to \d+ years old)", r"\1"),
            (r"(\d+)\+ ?(years|months)?", r"\1 \2 or older"),
            (r"\s*/\s*", " or "),
            (r"\bNot known\b", "Unknown"),
            (r"\bOther or Unknown\b", "Other or unknown"),
            (r"Retired \"[^\"]*\" option", "Retired code"),
            (r"Owner- ?occupier", "Owner occupiers"),
            (r"\bMale\b", "Men"),
            (r"\bFemale\b", "Women"),
            (r"Refused", "Refusal of"),
            (r"Accepted", "Acceptance"),
            (r"employment income", "earnings"),
            (r"Illegal eviction", "Illegally evicted"),
            (r"Physical ill health and disability", "Physical ill-health or disability"),
            (r"harrassment", "harassment"),
        ),
    )
    groups = [_sub(g, ((r"\s*/\s*", " or "), (r"\bwith dependent\b", "with dependent"))) for g in _groups(column)]
    label = f"{leaf}: {'; '.join(groups)}" if groups else leaf
    return f"{label} as a percentage" if column.measure == "percent" else label


def abbreviated(column: Column) -> str:
    text = " ".join([*map(_short, _groups(column)), labels_of(column)[-1]])
    text = _sub(
        text,
        (
            (r"private rented sector", "PRS"),
            (r"social rented sector", "SRS"),
            (r"temporary accommodation", "TA"),
            (r"house in multiple occupation \(HMO\)", "HMO"),
            (r"not known", "NK"),
            (r"bed and breakfast", "B&B"),
            (r"local authority", "LA"),
            (r"Total number of households in TA", "TA total"),
            (r"Total number of", "No. of"),
            (r"households", "hhs"),
            (r"accommodation", "accomm."),
            (r"dependent children", "dep. children"),
        ),
    )
    return f"{text} (%)" if column.measure == "percent" else text


def numbered_prefix(column: Column) -> str:
    """Each heading begins with the table and its place, as in some releases."""
    text = " – ".join([*_groups(column), labels_of(column)[-1]]).replace("/", " / ")
    mark = "% of total" if column.measure == "percent" else "Number"
    return f"{column.table}.{column.position} {text} – {mark}"


def ministry(column: Column) -> str:
    """In the manner of the fragments that were reported, group before leaf without a mark, Total at the end."""
    path = column.column_path
    fixed = {
        ("A3", "Households with no support needs owed duty"): "Households with no support needs",
        ("A3", "Households with unknown support needs owed duty"): "Households with unknown support needs",
        ("A1", "Total initial assessments"): "Initial assessments Total",
    }.get((column.table, path))
    if fixed:
        return fixed
    leaf = labels_of(column)[-1]
    text = _sub(
        " ".join([*_groups(column), leaf]),
        (
            (r"Households with one or more support needs owed duty 1$", "Households with one support need"),
            (r"Households with one or more support needs owed duty 2$", "Households with two support needs"),
            (r"Households with one or more support needs owed duty 3\+", "Households with three or more support needs"),
            (r"Households with one or more support needs owed duty Total.*", "Households with support needs Total"),
            (r"Total number of (households in TA per.*)", r"\1 Total"),
            (r"per \(000s\)", "(per thousand)"),
            (r"Total number of (.*)", r"\1 Total"),
            (r"(.*?)Total (.*)", r"\1\2 Total"),
            (r"(\d+)-(\d+)( years)?", r"\1 to \2"),
            (r"(\d+)\+", r"\1 or over"),
            (r" - ", ", "),
            (r"\s*/\s*", " or "),
            (r"Retired \"([^\"]*)\" option", r"\1 legacy combined"),
            (r"retired option", "legacy combined"),
            (r"harrassment", "harassment"),
        ),
    )
    if OF_WHICH.match(labels_of(column)[0]):
        text = f"Support need {text}"
    return f"{text} (percentage)" if column.measure == "percent" else text


def _shuffled(table: str, columns: list[Column]) -> list[Column]:
    return sorted(columns, key=lambda column: (column.measure, labels_of(column)[-1], column.position))


HELD_BACK = [
    Style("snake case", statistician),
    Style("plain English", plain_english),
    Style("abbreviated", abbreviated),
    Style("numbered", numbered_prefix),
    Style("as reported", ministry),
    Style("as reported, shuffled, dropped and added", ministry, order=_shuffled, dropped=DROPPED, added=ADDED),
    Style("plain English, shuffled, dropped and added", plain_english, order=_shuffled, dropped=DROPPED, added=ADDED),
]
