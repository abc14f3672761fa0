"""From sheets and evidence to a plan: which table feeds which section, by which columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from pipelines.profiles import toml
from pipelines.profiles.context import sections_of
from pipelines.profiles.duties import duty_column
from pipelines.profiles.evidence import Evidence, evidence_of
from pipelines.profiles.keys import Keys
from pipelines.profiles.matching import Candidates, Match, assign, candidates
from pipelines.profiles.plan import MUST, FeedPlan, Plan, TablePlan
from pipelines.profiles.repeats import keep_last, same_within_case
from pipelines.profiles.settling import complete, settle
from pipelines.profiles.sheets import Sheet, Unread
from pipelines.profiles.wide import add_address, repeated, roles, ticked
from schemas.sections import SECTION, SECTIONS

ALL = tuple(section.name for section in SECTIONS)
LEAST_OF_CASE = 3
"""Fields of the case by which a report is taken to repeat the case in each row."""
LEAST_VOTES = 1.8
"""About two clear fields of the section that the rows are of."""
NEARLY_UNIQUE = 0.97
"""Share of different references from which a table is one row per case, with some slips."""


def plan(sheets: Sequence[Sheet], evidence: Sequence[list[Evidence]], keys: Keys, unread: list[Unread]) -> Plan:
    """What the profile of these sheets says."""
    tables = [
        TablePlan(number, sheet, columns, is_about=sections_of(sheet.label))
        for number, (sheet, columns) in enumerate(zip(sheets, evidence, strict=True))
    ]
    for table in list(tables):
        case = keys.case.get(table.number)
        if case is None:
            continue
        if table.sheet.undecided:
            table.notes.append(table.sheet.undecided)
            continue
        if (named := duty_column(table.columns, case)) is not None and not table.columns[case].is_unique:
            _by_duty(table, case, *named)
            continue
        seen = repeated(table, case)
        if _per_case(table, case) >= NEARLY_UNIQUE:
            seen |= roles(table, case, seen)
        _plain(table, case, seen)
        if (needs := ticked(table, case)) is not None:
            tables.append(needs)
        if (once := _of_each_case(table, case)) is not None:
            tables.insert(tables.index(table), once)
    made = Plan([], [], unread, keys)
    settle(tables)
    complete(tables, keys)
    for table in tables:
        keep_last(table)
    made.tables = [table for table in tables if table.feeds]
    made.left_out = [table for table in tables if not table.feeds]
    return made


def _plain(table: TablePlan, case: int, repeated: set[int]) -> None:
    """Plan the feeds of columns that stand once."""
    columns = [one for one in table.columns if one.index != case and one.index not in repeated and one.heading]
    case_column = table.columns[case]
    per_case = _per_case(table, case)
    sections = _likely(table, columns, per_case)
    context = _context(table, sections)
    found = assign(candidates(columns, context, sections))
    by_section: dict[str, list[Match]] = defaultdict(list)
    for match in found.matches:
        by_section[match.section].append(match)
    for section in ALL:
        matches = by_section.get(section, [])
        if not matches:
            continue
        feed = FeedPlan(section, matches, table.sheet.headings[case])
        feed.doubtful = [match for match in found.doubtful if match.section == section]
        add_address(feed, [(one.heading, (one.index,)) for one in columns])
        _part_needs(feed)
        if section == "people" and "relationship" not in feed.fields and per_case >= NEARLY_UNIQUE:
            if any(other.constants.get("relationship") == "main_applicant" for other in table.feeds):
                continue
            feed.constants["relationship"], feed.is_role = "main_applicant", True
        same = next((other for other in table.feeds if other.section == section == "main"), None)
        if same is not None:
            same.matches += [match for match in feed.matches if match.field not in same.fields]
            same.doubtful += feed.doubtful
            continue
        table.feeds.append(feed)
    _keep_doubtful(table, found)
    if per_case < 1 and not any(SECTION[feed.section].many for feed in table.feeds):
        table.notes.append(
            f"{case_column.filled - case_column.distinct:,} rows repeat the reference of an earlier row."
        )


def _of_each_case(table: TablePlan, case: int) -> TablePlan | None:
    """A report that repeats the case in the row of each person (or placement) gives the case once.

    The columns that are the same in all rows of a case are taken from the first row of each.
    """
    if len(table.feeds) != 1 or not SECTION[table.feeds[0].section].many or table.feeds[0].repeat:
        return None
    feed = table.feeds[0]
    free = [one for one in table.columns if one.index not in table.used and one.index != case and one.heading]
    same = same_within_case(table.sheet.frame, case, free)
    asked = [one for one in free if one.index in same]
    found = assign(candidates(asked, ("main",), ("main", "prevention", "relief", "final_duties")))
    fields = {match.field for match in found.matches}
    if len(fields) < LEAST_OF_CASE or not fields & {"application_date", "assess_date"}:
        return None
    order = _first_by(table, feed)
    if order is None:
        table.notes.append(
            f"Each row repeats its case ({', '.join(sorted(fields))}), and no number of the row says which is first:"
            " export the cases in a file of their own, or take them by a statement (select distinct)."
        )
        return None
    heading = table.sheet.headings[case]
    once = TablePlan(table.number, table.sheet, table.columns, is_about=("main",))
    once.shares = table.shares = "".join(one if one.isalnum() else "_" for one in table.sheet.label.casefold())
    once.keys = ['keep = "first"', f"order_by = {toml.text(order)}", f"per = {toml.listing([heading])}"]
    once.notes.append("Each row of the file repeats its case; the case is taken from the first row of each.")
    for section in ALL:
        matches = [match for match in found.matches if match.section == section]
        if matches and set(MUST.get(section, ())) <= {match.field for match in matches}:
            once.feeds.append(FeedPlan(section, matches, heading))
    return once


def _first_by(table: TablePlan, feed: FeedPlan) -> str | None:
    """Heading of a number or day by which one row of a case comes first."""
    for name in ("person_no", "placement_no", "review_no", "date_of_birth", "entry_date", "review_requested_date"):
        match = next((match for match in feed.matches if match.field == name), None)
        if match is not None and table.columns[match.columns[0]].filled >= 0.99 * table.columns[match.columns[0]].rows:
            return match.headings[0]
    return None


def _per_case(table: TablePlan, case: int) -> float:
    """Share of different references: 1 where each case has one row."""
    one = table.columns[case]
    return one.distinct / one.filled if one.filled else 1.0


def _by_duty(table: TablePlan, case: int, index: int, texts: Mapping[str, tuple[str, ...]]) -> None:
    """Plan one feed for each duty that a column names."""
    heading = table.sheet.headings[index]
    for section, wanted in texts.items():
        rows = table.sheet.frame.filter(pl.col(f"c{index}").is_in(list(wanted)))
        columns = evidence_of(rows, table.sheet.headings, table.sheet.shorts)
        asked = [one for one in columns if one.index not in (case, index) and one.heading]
        found = assign(candidates(asked, {section}, {section}))
        feed = FeedPlan(section, found.matches, table.sheet.headings[case], when={heading: wanted})
        feed.doubtful = found.doubtful
        table.feeds.append(feed)
    named = {text for wanted in texts.values() for text in wanted}
    left = sum(often for text, often in table.columns[index].texts.items() if text not in named)
    if left:
        table.notes.append(
            f"{left:,} rows have another text under {heading}, or none: name under leave_out what is rightly not used."
        )


def _keep_doubtful(table: TablePlan, found: Candidates) -> None:
    held = {id(match) for feed in table.feeds for match in feed.doubtful}
    rest = [match for match in found.doubtful if id(match) not in held]
    if rest and table.feeds:
        table.feeds[0].doubtful += rest


def _part_needs(feed: FeedPlan) -> None:
    """A cell that holds several needs gives several rows."""
    if feed.section != "support_needs":
        return
    for match in feed.matches:
        if match.field == "support_need" and match.separator is not None:
            feed.split_rows = ("support_need", match.separator)


def _context(table: TablePlan, sections: Iterable[str]) -> set[str]:
    return set(table.is_about) & set(sections) or (set(sections) if len(set(sections)) == 1 else set())


def _likely(table: TablePlan, columns: Sequence[Evidence], per_case: float) -> tuple[str, ...]:
    """Sections that the table can feed, by the fields that only they have and by the rows of a case."""
    clear = assign(candidates(columns, (), ALL))
    votes: dict[str, float] = defaultdict(float)
    sure: dict[str, set[str]] = defaultdict(set)
    for match in clear.matches:
        votes[match.section] += match.score
        sure[match.section].add(match.field)
    for section in table.is_about:
        named = assign(candidates(columns, {section}, {section})).matches
        if named:
            votes[section] = max(votes[section], sum(match.score for match in named)) + 1.0
            sure[section] |= {match.field for match in named}
    if not votes:
        for section in ALL:
            # A sheet of another name whose headings are only clear once it is known what it is about.
            alone = assign(candidates(columns, {section}, {section})).matches
            coded = [match for match in alone if match.column.codelist and "are in" in match.why]
            if coded and set(MUST.get(section, ("",))) <= {match.field for match in alone}:
                votes[section] = sum(match.score for match in alone)
                sure[section] = {match.field for match in alone}
    if not votes:
        return ()
    first = max(votes, key=lambda section: (votes[section], section in table.is_about, -ALL.index(section)))
    if table.is_about and votes.get(table.is_about[0], 0) >= 0.5 * votes[first]:
        first = table.is_about[0]
    if per_case < NEARLY_UNIQUE and not SECTION[first].many:
        # The rows are of something else than the case: of people, say, each with its case beside it.
        others = {section: count for section, count in votes.items() if SECTION[section].many}
        others = {section: count for section, count in others.items() if set(MUST.get(section, ())) <= sure[section]}
        if others and max(others.values()) >= LEAST_VOTES:
            first = max(others, key=lambda section: (others[section], -ALL.index(section)))
    if per_case < (1.0 if SECTION[first].many else NEARLY_UNIQUE):
        return (first,)
    kept = [first]
    for section in ALL:
        if section == first or not sure[section]:
            continue
        # Where the table is not about the section by its name, more than one of its fields must be there.
        several = section in table.is_about or len(sure[section]) >= 2 or section in ("main", "support_needs")
        if several and set(MUST.get(section, ())) <= sure[section]:
            kept.append(section)
    return tuple(section for section in ALL if section in kept)
