"""Invented wordings of a flat heading row, in the spirit of the labels known of January to March 2026.

Known are such as "Initial assessments Total", "Assessed as owed a duty Owed a prevention or relief duty Total",
"Support need Young person aged 16 to 17", "Households in TA Total (per thousand) Total".
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from pipelines.published.headings import Column, layout_for
from tests.published.flat_layout import QUARTER, Style, labels_of

OF_WHICH = re.compile(r"^of which", re.IGNORECASE)
_SUBS = tuple[tuple[str, str], ...]


def _total_last(leaf: str) -> str:
    return f"{leaf.removeprefix('Total ').strip()} Total" if leaf.startswith("Total ") else leaf


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sub(text: str, substitutions: _SUBS) -> str:
    for pattern, by in substitutions:
        text = re.sub(pattern, by, text)
    return " ".join(text.split())


def _percent(column: Column, label: str, form: str) -> str:
    return form.format(label) if column.measure == "percent" else label


@cache
def _leaves(table: str) -> Counter[str]:
    paths = dict.fromkeys(c.column_path for c in layout_for(QUARTER).of(table))
    return Counter(path.split(" > ")[-1] for path in paths)


def run_together(column: Column) -> str:
    *groups, leaf = labels_of(column)
    return _percent(column, " ".join([*groups, _total_last(leaf)]), "{} (%)")


def colons_and_notes(column: Column) -> str:
    groups = [g.rstrip(": ") for g in labels_of(column)[:-1] if not OF_WHICH.match(g)]
    label = ": ".join([*groups, _total_last(labels_of(column)[-1])])
    return _percent(column, label, "{} (percentage)") + f" [note {column.position % 9 + 1}]"


IN_WORDS: _SUBS = (
    (r"(\d+)-(\d+)( years)?", r"\1 to \2"),
    (r"(\d+)\+", r"\1 or over"),
    (r"\s*/\s*", " or "),
    (r"&", "and"),
    (r"\s\+\s", " and "),
    (r"\bTA\b", "temporary accommodation"),
    (r"per \(000s\)|per 1000 households", "(per thousand)"),
    (r"\(000s\)", "(thousands)"),
)


def in_words_with_dashes(column: Column) -> str:
    *groups, leaf = labels_of(column)
    groups = [g.rstrip(": ") for g in groups if not OF_WHICH.match(g)]
    return _percent(column, _sub(" - ".join([*groups, _total_last(leaf)]), IN_WORDS), "{} percentage")


def leaf_first(column: Column) -> str:
    *groups, leaf = labels_of(column)
    groups = [g.rstrip(": ") for g in groups if not OF_WHICH.match(g)]
    label = _sub(leaf, IN_WORDS) + (f" ({', '.join(_sub(g, IN_WORDS) for g in groups)})" if groups else "")
    return _percent(column, label.lower(), "percentage of households: {}")


def without_groups_where_clear(column: Column) -> str:
    *groups, leaf = labels_of(column)
    label = leaf if _leaves(column.table)[leaf] == 1 else " ".join([*groups, _total_last(leaf)])
    return _percent(column, _sub(_total_last(label), IN_WORDS), "% {}")


SHORT: _SUBS = (
    (r"End of assured shorthold \(AST\) private rented tenancy, due to:", "End of AST"),
    (r"Rent arrears, due to:", "rent arrears"),
    (r"Landlord wishing to sell or re-let the property", "landlord"),
    (r"Retired \"[^\"]*\" option", "retired option"),
    (r"End of social rented tenancy, due to:", "Social rented"),
    (r"Eviction from supported housing, due to:", "Supported housing"),
    (r"Departure from institution :", "Institution"),
    (r"Homeless on departure from institution:", "Institution"),
    (r"Private rented sector", "PRS"),
    (r"Social rented sector", "SRS"),
    (r"Single parent with dependent children", "Single parent"),
    (r"Households referred by a public body under the Duty to Refer", "Duty to Refer"),
    (r"Secured accommodation for 6\+ months", "Secured accommodation"),
    (r"Withdrew application / applicant deceased", "Withdrew or deceased"),
    (r"Housing Act 1996 Pt6 social housing offer", "Part 6 offer"),
    (r"Household member vulnerable as a result of:", "Vulnerable"),
    (r"Bed and breakfast hotels \(including shared annexes\)", "B&B"),
    (r"Nightly paid, privately managed accommodation, self-contained", "Nightly paid"),
    (r"Hostels \(including reception centres, emergency units and refuges\)", "Hostels"),
    (r"Private sector accommodation leased by your authority or leased or managed by a registered provider",
     "Private sector leased"),
    (r"Local authority or Housing association \(LA/HA\) stock", "LA or HA stock"),
    (r"Any other type of temporary accommodation \(including private landlord and not known\)", "Any other type of TA"),
    (r"Black / African / Caribbean / Black British$", "Black"),
    (r"Asian / Asian British$", "Asian"),
    (r"Mixed / Multiple ethnic groups$", "Mixed"),
    (r"Total number of households$", "Total"),
)  # fmt: skip


def short_groups(column: Column) -> str:
    *groups, leaf = labels_of(column)
    groups = [_sub(g, SHORT) for g in groups if not OF_WHICH.match(g)]
    leaf = _sub(leaf, SHORT) if groups else leaf
    return _percent(column, _sub(": ".join([*groups, _total_last(leaf)]), IN_WORDS), "{} %")


def with_subject(column: Column) -> str:
    subject = {
        **dict.fromkeys(["A2P", "A4P", "A5P"], "Households owed a prevention duty"),
        **dict.fromkeys(["A2R", "A4R", "A5R"], "Households owed a relief duty"),
        **dict.fromkeys(["A3", "A6", "A8", "A10", "A12", "A13"], "Owed a prevention or relief duty"),
        **dict.fromkeys(["P1", "P2", "P3", "P5"], "Prevention duty ended"),
        **dict.fromkeys(["R1", "R2", "R3", "R5"], "Relief duty ended"),
        **dict.fromkeys(["TA2", "TA3", "TA5", "TA6"], "Households in TA"),
        "A3": "Support need" if labels_of(column)[0].startswith("Of which") else "Households",
    }.get(column.table, "")
    *groups, leaf = labels_of(column)
    groups = [g.rstrip(": ") for g in groups if not OF_WHICH.match(g)]
    begins = [] if column.position == 1 or not subject else [subject]
    return _percent(column, _sub(", ".join([*begins, *groups, _total_last(leaf)]), IN_WORDS), "{} per cent")


def singular_heads(column: Column) -> str:
    singular: _SUBS = (
        (r"\bHouseholds\b", "Household"),
        (r"\bhouseholds\b", "household"),
        (r"\bHostels\b", "Hostel"),
        (r"\bhotels\b", "hotel"),
        (r"\bannexes\b", "annexe"),
        (r"\bneeds\b", "need"),
        (r"\bcentres\b", "centre"),
        (r"\breasons\b", "reason"),
        (r"\bfriends\b", "friend"),
        (r"\bServices\b", "Service"),
        (r"harrassment", "harassment"),
        (r"compsition", "composition"),
        (r"\bgroups\b", "group"),
    )
    *groups, leaf = labels_of(column)
    groups = [g.rstrip(": ") for g in groups if not OF_WHICH.match(g)]
    label = _sub(_sub(" ".join([*groups, leaf]), IN_WORDS), singular)
    return _percent(column, re.sub(r"\bTotal number of ", "Number of ", label), "{} (per cent)")


def named_once(column: Column) -> str:
    """A group is named over its first column only."""
    *groups, leaf = labels_of(column)
    others = [c for c in layout_for(QUARTER).of(column.table) if labels_of(c)[:-1] == groups]
    first = others[0].column_path == column.column_path
    named = [g.rstrip(": ") for g in groups if not OF_WHICH.match(g)] if first else []
    return _percent(column, _sub(" ".join([*named, _total_last(leaf)]), IN_WORDS), "{} (%)")


def no_groups(column: Column) -> str:
    """No group is named at all: what a label says twice cannot be told."""
    return _percent(column, _sub(labels_of(column)[-1], IN_WORDS), "{} (%)")


def no_percent_marks(column: Column) -> str:
    """A percentage repeats the heading of its count."""
    *groups, leaf = labels_of(column)
    return _sub(", ".join([*(g.rstrip(": ") for g in groups), _total_last(leaf)]), IN_WORDS)


def bare_percent_marks(column: Column) -> str:
    return "%" if column.measure == "percent" else no_percent_marks(column)


EDITED: _SUBS = (
    (r"^Total initial assessments", "Initial assessments Total"),
    (r"^Total (owed .*)", r"\1 Total"),
    (r"^Total number of (households.*)", r"\1 Total"),
    (r"^Total (households.*)", r"\1 Total"),
    (r"^Total (with .*)", r"\1 Total"),
    (r"End of assured shorthold \(AST\) private rented tenancy, due to:", "End of assured shorthold tenancy"),
    (r"Rent arrears, due to:", "rent arrears"),
    (r"Retired \"[^\"]*\" option", "(legacy option)"),
    (r"Tenant difficulty budgeting or making other payment\(s\)", "difficulty budgeting or making other payments"),
    (r"Tenant complained to the council / agent / landlord about disrepair", "complaint about disrepair by tenant"),
    (r"sell the property", "to sell"),
    (r"re-let the property", "to re-let"),
    (r"Family or friends no longer willing or able to accommodate", "Family or friends no longer able to accommodate"),
    (r"Non-violent relationship breakdown with partner", "Relationship breakdown, non-violent"),
    (r"Required to leave accommodation provided by Home Office as asylum support",
     "Required to leave Home Office asylum accommodation"),
    (r"Home no longer suitable - disability / ill health", "Home no longer suitable due to ill health or disability"),
    (r"Loss of placement or sponsorship provided through a resettlement scheme",
     "Loss of placement or sponsorship (resettlement scheme)"),
    (r"Other violence or harrassment", "Violence or harassment, other"),
    (r"Looked After Child Placement", "looked-after child placement"),
    (r"Hospital \((\w+)\)", r"\1 hospital"),
    (r"^Households with no support needs owed duty", "Households with no support needs"),
    (r"^Households with unknown support needs owed duty", "Households with support needs not known"),
    (r"^Households with one or more support needs owed duty > Total.*", "Households with support needs Total"),
    (r"^Households with one or more support needs owed duty > 1", "Households with one support need"),
    (r"^Households with one or more support needs owed duty > 2", "Households with two support needs"),
    (r"^Households with one or more support needs owed duty > 3\+", "Households with three or more support needs"),
    (r"^Of which households with: > ", "Support need "),
    (r"At risk of / has experienced", "At risk of or experienced"),
    (r"(Young p\w+)( aged \S+)? requiring support to manage independently", r"\1\2"),
    (r"Care leaver - retired option", "Care leaver (legacy combined)"),
    (r"years requiring support to manage independently", "requiring support"),
    (r"Access to education, employment or training", "Access to education, employment and training"),
    (r"Served in HM Forces", "Served in HM Armed Forces"),
    (r"(\d+)-(\d+)( years)?", r"aged \1 to \2"),
    (r"\baged aged\b", "aged"),
    (r"75\+", "aged 75 and over"),
    (r"25\+", "25 or over"),
    (r"6\+ months", "6 months or more"),
    (r"5\+ years", "5 years or more"),
    (r"Lodging \(not with family or friends\)", "Lodging, not with family or friends"),
    (r"^Private rented sector > Total PRS", "Private rented sector Total"),
    (r"^Social rented sector > Total SRS", "Social rented sector Total"),
    (r"> Total (?!with).*", "> Total"),
    (r"Other / (sex|gender) not known", r"other or sex not known"),
    (r"Couple / two adults", "Couple or two adults"),
    (r"Section 193 duty: priority need and unintentionally homeless",
     "Main duty (section 193), priority need and unintentionally homeless"),
    (r"Interim: pending enquiries.*", "Interim duty pending enquiries, review or referral"),
    (r"Section 189B power: emergency accommodation", "Section 189B, emergency accommodation"),
    (r"Duty ended, remains accommodated at end of quarter", "Duty ended but remains accommodated"),
    (r"per \(000s\)", "(per thousand)"),
    (r"\(000s\)", "(thousands)"),
    (r"Total with children and resident more than 6 weeks and pending review / appeal",
     "With children, resident more than 6 weeks, pending review or appeal"),
    (r"Total with children and resident more than 6 weeks", "With children, resident more than 6 weeks"),
    (r"Total with 16/17-year-old main applicant", "Main applicant aged 16 or 17"),
    (r"Total with children", "With children"),
    (r"Homeless \+ priority need \+ unintentionally homeless \(acceptance\)",
     "Unintentionally homeless and in priority need (main duty accepted)"),
    (r"Homeless \+ priority need \+ intentionally homeless", "Intentionally homeless and in priority need"),
    (r"Homeless \+ no priority need", "Homeless, no priority need"),
    (r"Adult Secure Estate \(prison\)", "Prison (adult secure estate)"),
    (r"Hospital A&E, Urgent Treatment Centres or in-patient care", "Hospital A&E, urgent treatment or in-patient care"),
    (r"Secretary of State for defence in relation to members of the armed forces",
     "Secretary of State for Defence (armed forces)"),
    (r"Median \(days\)", "Median length of stay (days)"),
    (r"Mean \(days\)", "Mean length of stay (days)"),
    (r"Sent to: ", "Placed out of area, sent to "),
    (r" > ", ", "),
    (r"\s*/\s*", " or "),
    (r"&", "and"),
)  # fmt: skip


def edited(column: Column) -> str:
    path = column.column_path
    label = f"Aged {path}" if column.table == "TA8" and path.isdigit() else _capital(_sub(path, EDITED))
    return _percent(column, label, "{} (%)")


def _turned_round(table: str, columns: list[Column]) -> list[Column]:
    """Blocks of one group in the opposite order, the first column of the table last."""
    blocks: dict[str, list[Column]] = {}
    for column in columns:
        blocks.setdefault(labels_of(column)[0], []).append(column)
    return [column for block in reversed(blocks.values()) for column in block]


def _counts_before_percentages(table: str, columns: list[Column]) -> list[Column]:
    return sorted(columns, key=lambda column: column.measure == "percent")


NEEDS = "Of which households with: > "
DROPPED = frozenset(
    [
        ("A2P", "Domestic abuse > Victim", "count"),
        ("A3", NEEDS + "Care leaver - retired option", "count"),
        ("A3", NEEDS + "Learning disability", "count"),
        ("A10", "Other", "count"),
        ("A12", "Other", "count"),
        ("P1", "Withdrew application / applicant deceased > Applicant deceased", "count"),
        ("TA1", "Total number of households in TA with children", "count"),
        ("TA3", "Duty not classifiable", "count"),
        ("TA2", "Single adult > Male", "count"),
        ("TA2", "Single adult > Male", "percent"),
        ("MD3", "Household member vulnerable as a result of: > Mental health problems", "count"),
        ("MD3", "Household member vulnerable as a result of: > Mental health problems", "percent"),
        ("TA9", "Sent to: North West", "count"),
    ]
)
CHILDREN = "Total number of children in TA"
ADDED: dict[str, list[tuple[int, str, str]]] = {
    "A1": [(5, "Assessed as owed a duty Homeless, relief duty owed to a single adult", "Total initial assessments")],
    "A3": [
        (0, "Owed a prevention or relief duty Total", "Total number of support needs"),
        (9, "Support need Young person aged 16 to 25", NEEDS + "Old age"),
        (12, "Support need Autism", NEEDS + "Old age"),
        (14, "Support need Learning difficulty", NEEDS + "Old age"),
    ],
    "A4P": [(8, "Student accommodation", "Refuge"), (9, "Living with a partner", "Living with family")],
    "A10": [(3, "Other caring responsibilities", "Other")],
    "A12": [(4, "Other, prefers to self-describe", "Bisexual")],
    "P1": [(6, "Refused suitable accommodation offer, Part 6", "Contact lost")],
    "TA1": [
        (8, "Bed and breakfast hotels Total with children and resident more than 12 weeks", CHILDREN),
        (9, "Bed and breakfast hotels Total with 18 to 24-year-old main applicant", CHILDREN),
    ],
    "TA2": [(3, "Single adult Non-binary", "All other household types")],
    "TA5": [(1, "Under 16", "Not known"), (9, "75 to 84", "Not known")],
    "TA9": [(4, "Sent to: Wales", "Sent to: London")],
    "MD3": [(2, "Household includes an elderly person", "Homeless because of emergency")],
}  # fmt: skip

STYLES = [
    Style("run together", run_together),
    Style("colons and notes", colons_and_notes, rows_above=4),
    Style("in words with dashes", in_words_with_dashes, area_columns=("Area code", "Area name")),
    Style("leaf first", leaf_first, rows_above=1),
    Style("without groups where clear", without_groups_where_clear),
    Style("short groups", short_groups, as_text=True),
    Style("with the subject", with_subject),
    Style("singular heads", singular_heads),
    Style("group named once", named_once),
    Style("no groups", no_groups),
    Style("no percent marks", no_percent_marks),
    Style("bare percent marks", bare_percent_marks, as_text=True),
    Style("edited", edited),
    Style("edited, blocks turned round", edited, order=_turned_round),
    Style("edited, columns dropped and added", edited, dropped=DROPPED, added=ADDED),
    Style("short groups, columns dropped and added", short_groups, dropped=DROPPED, added=ADDED),
    Style("no groups, blocks turned round", no_groups, order=_turned_round),
    Style("percentages after the counts", in_words_with_dashes, order=_counts_before_percentages),
]
