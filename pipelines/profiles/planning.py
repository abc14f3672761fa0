"""From sheets and evidence to a plan: which table feeds which section, by which columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from pipelines.profiles import families, toml
from pipelines.profiles.context import sections_of
from pipelines.profiles.duties import duty_column
from pipelines.profiles.evidence import Evidence, evidence_of
from pipelines.profiles.keys import Keys
from pipelines.profiles.matching import Candidates, Match, assign, candidates
from pipelines.profiles.plan import FeedPlan, Plan, TablePlan
from pipelines.profiles.repeats import keep_last, same_within_case
from pipelines.profiles.sheets import Sheet, Unread
from pipelines.profiles.words import forms, word_set
from schemas.sections import SECTION, SECTIONS

ALL = tuple(section.name for section in SECTIONS)
LEAST_OF_CASE = 3
"""Fields of the case by which a report is taken to repeat the case in each row."""
LEAST_VOTES = 1.8
"""About two clear fields of the section that the rows are of."""
NEARLY_UNIQUE = 0.97
"""Share of different references from which a table is one row per case, with some slips."""
# By themselves they make no row of the section.
_MUST: dict[str, tuple[str, ...]] = {
    "support_needs": ("support_need",),
    "prevention": ("prevention_start",),
    "relief": ("relief_start",),
    "final_duties": ("main_decision_date",),
    "assistance": ("support_need", "assistance"),
    "temporary_accommodation": ("entry_date",),
    "reviews": ("review_requested_date",),
}
_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("partner", frozenset({"joint", "applicant"})),
    ("partner", frozenset({"second", "applicant"})),
    ("partner", frozenset({"partner"})),
    ("main_applicant", frozenset({"main", "applicant"})),
    ("main_applicant", frozenset({"lead", "applicant"})),
    ("main_applicant", frozenset({"applicant"})),
)
_ADDRESS = word_set("address street town city county postcode post flat house line")


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
        if (named := duty_column(table.columns, case)) is not None and not table.columns[case].is_unique:
            _by_duty(table, case, *named)
            continue
        repeated = _repeated(table, case)
        _plain(table, case, repeated)
        if (once := _of_each_case(table, case)) is not None:
            tables.insert(tables.index(table), once)
    made = Plan([], [], unread, keys)
    _settle(tables, made)
    _complete(tables, keys)
    for table in tables:
        keep_last(table)
    made.tables = [table for table in tables if table.feeds]
    made.left_out = [table for table in tables if not table.feeds]
    return made


def _repeated(table: TablePlan, case: int) -> set[int]:
    """Plan the feeds of columns that repeat; returns the columns of such families, whatever they are."""
    seen: set[int] = set()
    for group in families.groups_of(table.sheet.headings):
        members = {index for one in group.families for index in one.columns.values()}
        if case in members:
            continue
        firsts = [_together(table.columns, one) for one in group.families]
        names = {
            one.index: _bare(family.template, group.lead) for one, family in zip(firsts, group.families, strict=True)
        }
        best: tuple[float, str, list[Match]] = (0.0, "", [])
        for section in SECTIONS:
            if not section.many:
                continue
            found = assign(candidates(firsts, {section.name}, {section.name}, name_of=names)).matches
            score = sum(match.score for match in found) + 0.01 * (section.name in table.is_about)
            if not set(_MUST.get(section.name, ())) <= {match.field for match in found}:
                continue
            if score > best[0]:
                best = (score, section.name, found)
        _, name, found = best
        if name == "people" and {match.field for match in found} <= {"last_address"}:
            continue  # lines of one address
        if not found:
            continue
        template = {one.index: family.template for one, family in zip(firsts, group.families, strict=True)}
        columns = {
            one.index: tuple(family.columns.values()) for one, family in zip(firsts, group.families, strict=True)
        }
        matches = [
            replace(match, columns=columns[match.columns[0]], headings=(template[match.columns[0]],)) for match in found
        ]
        feed = FeedPlan(name, matches, table.sheet.headings[case], repeat=group.most)
        if name == "people" and "relationship" not in feed.fields:
            role = next(
                (code for code, words in (*_ROLES, ("dependent_child", {"child"})) if words <= _words(group.lead)), None
            )
            feed.constants["relationship"] = role or "nk"
            feed.notes.append("No column says how the person is related to the applicant: correct the constant.")
        _add_address(feed, [(template[one.index], columns[one.index]) for one in firsts])
        table.feeds.append(feed)
        seen |= members
    return seen


def _together(columns: Sequence[Evidence], family: families.Family) -> Evidence:
    """The evidence of the repeat that has most cells: the later ones are mostly empty."""
    return max((columns[index] for index in family.columns.values()), key=lambda one: (one.filled, -one.index))


def _bare(template: str, lead: str) -> str:
    """What a repeated heading says without its number and without the words before it."""
    rest = template.replace(lead, "", 1) if lead else template
    rest = rest.replace(families.MARK, " ").strip(" _-.:()")
    return rest or template.replace(families.MARK, " ")


def _words(text: str) -> set[str]:
    return set(forms(text)[0]) if text.strip() else set()


def _add_address(feed: FeedPlan, named: Iterable[tuple[str, tuple[int, ...]]]) -> None:
    """Put the other lines of an address to the one that was found."""
    match = next((one for one in feed.matches if one.field == "last_address"), None)
    if match is None:
        return
    lines = [
        (heading, columns)
        for heading, columns in named
        if _words(heading) & _ADDRESS and not (_words(heading) & {"email", "type", "number"} - {"line"})
    ]
    if len(lines) > 1:
        whole = replace(
            match,
            headings=tuple(heading for heading, _ in lines),
            columns=tuple(index for _, columns in lines for index in columns),
            why=f"{match.why}; its lines joined",
        )
        feed.matches[feed.matches.index(match)] = whole


def _plain(table: TablePlan, case: int, repeated: set[int]) -> None:
    """Plan the feeds of columns that stand once."""
    columns = [one for one in table.columns if one.index != case and one.index not in repeated and one.heading]
    case_column = table.columns[case]
    per_case = case_column.distinct / case_column.filled if case_column.filled else 1.0
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
        _add_address(feed, [(one.heading, (one.index,)) for one in columns])
        _part_needs(feed)
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
        if matches and set(_MUST.get(section, ())) <= {match.field for match in matches}:
            once.feeds.append(FeedPlan(section, matches, heading))
    return once


def _first_by(table: TablePlan, feed: FeedPlan) -> str | None:
    """Heading of a number or day by which one row of a case comes first."""
    for name in ("person_no", "placement_no", "review_no", "date_of_birth", "entry_date", "review_requested_date"):
        match = next((match for match in feed.matches if match.field == name), None)
        if match is not None and table.columns[match.columns[0]].filled >= 0.99 * table.columns[match.columns[0]].rows:
            return match.headings[0]
    return None


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
            if coded and set(_MUST.get(section, ("",))) <= {match.field for match in alone}:
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
        others = {section: count for section, count in others.items() if set(_MUST.get(section, ())) <= sure[section]}
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
        if several and set(_MUST.get(section, ())) <= sure[section]:
            kept.append(section)
    return tuple(section for section in ALL if section in kept)


def _settle(tables: Sequence[TablePlan], made: Plan) -> None:
    """Decide for each section which table gives its rows and which ones complete them."""
    for section in ALL:
        feeding = [(table, feed) for table in tables for feed in table.feeds if feed.section == section]
        if not feeding:
            continue
        key = SECTION[section].key
        base_table, base = max(feeding, key=lambda item: _worth(item[0], item[1], section))
        for table, feed in feeding:
            if feed is base or (feed.repeat and table is base_table):
                continue
            if _is_more_of_the_same(base, feed) and section != "main":
                continue
            number = [name for name in key if name != "case_ref"]
            twice = [match for match in feed.matches if match.field in base.fields and match.field not in key]
            feed.matches = [match for match in feed.matches if match not in twice]
            has_key = all(name in feed.fields and name in base.fields for name in number)
            if not has_key or not (feed.fields - set(key)):
                table.feeds.remove(feed)
                if feed.fields - set(key):
                    table.notes.append(
                        f"Columns of {SECTION[section].label.lower()} ({', '.join(sorted(feed.fields))}) are not used:"
                        f" the rows come from {base_table.sheet.name}, and no number ties these to them."
                    )
                continue
            feed.adds_columns = True
            base.constants.update()
        for feed_table, feed in [item for item in feeding if item[1] in item[0].feeds]:
            missing = [name for name in _MUST.get(section, ()) if name not in feed.fields]
            if not feed.adds_columns and missing and section not in ("main", "people"):
                feed_table.feeds.remove(feed)
                feed_table.notes.append(
                    f"{SECTION[section].label}: {', '.join(missing)} was not found, without which there are no rows;"
                    f" found were {', '.join(sorted(feed.fields)) or 'none'}."
                )


def _complete(tables: Sequence[TablePlan], keys: Keys) -> None:
    """See that main and people are fed, without which no profile can be read."""
    with_case = [table for table in tables if table.number in keys.case]
    if not with_case:
        return
    feeds = [(table, feed) for table in with_case for feed in table.feeds]
    base = next((table for table, feed in feeds if feed.section == "main" and not feed.adds_columns), None)
    if base is None:
        base = max(with_case, key=lambda table: _cases(table, keys))
        case = base.sheet.headings[keys.case[base.number]]
        base.feeds.insert(
            0,
            FeedPlan(
                "main", [], case, notes=["No column of the main section was found; it takes the references only."]
            ),
        )
    if not any(feed.section == "people" for _, feed in feeds):
        case = base.sheet.headings[keys.case[base.number]]
        base.feeds.append(
            FeedPlan(
                "people",
                [],
                case,
                constants={"relationship": "main_applicant"},
                notes=[
                    "No columns about people were found: each case has its main applicant and nobody else, of whom"
                    " nothing is known. Add the file of the household."
                ],
            )
        )


def _cases(table: TablePlan, keys: Keys) -> tuple[bool, int]:
    one = table.columns[keys.case[table.number]]
    return one.is_unique, one.distinct


def _worth(table: TablePlan, feed: FeedPlan, section: str) -> tuple[float, ...]:
    must = set(_MUST.get(section, ()))
    required = {column.name for column in SECTION[section].columns if column.required}
    has_first = {"main": "application_date", "people": "relationship"}.get(section)
    return (
        float(must <= feed.fields),
        float(has_first is None or has_first in {match.field for match in feed.matches}),
        float(bool(feed.repeat) or section in table.is_about[:1]),
        float(len(required & feed.fields)),
        float(len(feed.fields)),
        float(table.columns[0].rows),
        -float(table.number),
    )


def _is_more_of_the_same(base: FeedPlan, feed: FeedPlan) -> bool:
    """Whether both give the same fields: other rows then, not other columns."""
    both = base.fields & feed.fields
    return len(both) >= 0.6 * len(feed.fields) and set(_MUST.get(base.section, ())) <= feed.fields
