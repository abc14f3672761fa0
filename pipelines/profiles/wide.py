"""Columns of one row that are several records: people by number or by role, needs that are ticked, parts of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines.extract.parsing import fold, folded_codes, parse_flag
from pipelines.profiles import families, toml
from pipelines.profiles.evidence import Evidence
from pipelines.profiles.matching import Match, assign, candidates
from pipelines.profiles.plan import MUST, FeedPlan, TablePlan
from pipelines.profiles.spellings import nearest
from pipelines.profiles.words import forms, word_set
from schemas.sections import SECTIONS

LEAST_OF_ROLE = 2
"""Fields of a person that must be there for a role."""
LEAST_TICKED = 3
"""Columns of needs that are ticked, from which they are a list."""
_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("partner", frozenset({"joint", "applicant"})),
    ("partner", frozenset({"second", "applicant"})),
    ("partner", frozenset({"partner"})),
    ("main_applicant", frozenset({"main", "applicant"})),
    ("main_applicant", frozenset({"lead", "applicant"})),
    ("main_applicant", frozenset({"applicant"})),
)
_ROLE_WORDS = word_set("applicant main lead joint second partner")
_OF_PERSON = word_set("forename surname date_of_birth nino sex age ethnicity")
NEED, TICKED = "Need", "Ticked"
"""Headings of the rows that ticked columns become."""
_ADDRESS = word_set("address street town city county postcode post flat house line")


def repeated(table: TablePlan, case: int) -> set[int]:
    """Plan the feeds of columns that repeat; returns the columns of such families, whatever they are."""
    seen: set[int] = set()
    for group in families.groups_of(table.sheet.headings):
        left = list(group.families)
        while left:
            feed, taken = _of_group(table, case, group.lead, left)
            if feed is None:
                break
            table.feeds.append(feed)
            # Of columns that have the number first all are of the same record; of others each may be something else.
            done = left if group.lead else taken
            seen |= {index for one in done for index in one.columns.values()}
            left = [one for one in left if one not in done]
    return seen


def _of_group(
    table: TablePlan, case: int, lead: str, group: Sequence[families.Family]
) -> tuple[FeedPlan | None, list[families.Family]]:
    """The feed that the families give, and those of them that it takes; none where they are nothing known."""
    if any(case in one.columns.values() for one in group):
        return None, []
    firsts = {_together(table.columns, one).index: one for one in group}
    asked = [table.columns[index] for index in firsts]
    names = {index: _bare(family.template, lead) for index, family in firsts.items()}
    best: tuple[float, str, list[Match]] = (0.0, "", [])
    for section in SECTIONS:
        found = assign(candidates(asked, {section.name}, {section.name}, name_of=names)).matches if section.many else []
        score = sum(match.score for match in found) + 0.01 * (section.name in table.is_about)
        if found and set(MUST.get(section.name, ())) <= {match.field for match in found} and score > best[0]:
            best = (score, section.name, found)
    _, name, found = best
    if name == "people" and {match.field for match in found} <= {"last_address"}:
        return None, []  # lines of one address
    if not found:
        for family in group:
            if (listed := _list_of_codes(family, table)) is not None:
                return FeedPlan("main", [listed], table.sheet.headings[case]), [family]
        return None, []
    matches = [
        replace(
            match,
            columns=tuple(firsts[match.columns[0]].columns.values()),
            headings=(firsts[match.columns[0]].template,),
        )
        for match in found
    ]
    most = max(max(one.columns) for one in group)
    feed = FeedPlan(name, matches, table.sheet.headings[case], repeat=most, is_role=name == "people")
    if name == "people" and "relationship" not in feed.fields:
        known = (*_ROLES, ("dependent_child", frozenset({"child"})))
        role = next((code for code, words in known if words <= _words(lead)), None)
        feed.constants["relationship"] = role or "nk"
        feed.notes += (
            [] if role else ["No column says how the person is related to the applicant: correct the constant."]
        )
    add_address(feed, [(one.template, tuple(one.columns.values())) for one in group])
    return feed, [firsts[match.columns[0]] for match in found]


def _list_of_codes(family: families.Family, table: TablePlan) -> Match | None:
    """Numbered columns that are the parts of one field with several codes: "Benefit 1", "Benefit 2"."""
    first = _together(table.columns, family)
    found = assign(candidates([first], (), ("main",), name_of={first.index: _bare(family.template, "")})).matches
    if not found or found[0].column.kind != "codes":
        return None
    columns = tuple(family.columns.values())
    headings = tuple(table.sheet.headings[index] for index in columns)
    return replace(found[0], columns=columns, headings=headings, why=f"{found[0].why}; its parts joined")


def roles(table: TablePlan, case: int, taken: set[int]) -> set[int]:
    """Plan one feed for the applicant and one for the partner, where each has columns; returns those columns."""
    by_role: dict[str, list[Evidence]] = {}
    names: dict[int, str] = {}
    for one in table.columns:
        words = forms(one.short)[0]
        role = next((code for code, known in _ROLES if known <= set(words)), None)
        if one.index in taken or one.index == case or role is None:
            continue
        by_role.setdefault(role, []).append(one)
        names[one.index] = " ".join(word for word in words if word not in _ROLE_WORDS) or one.short
    seen: set[int] = set()
    for role, columns in by_role.items():
        found = assign(candidates(columns, {"people"}, {"people"}, name_of=names)).matches
        if len({match.field for match in found} & _OF_PERSON) < LEAST_OF_ROLE:
            continue
        feed = FeedPlan("people", found, table.sheet.headings[case], constants={"relationship": role}, is_role=True)
        add_address(feed, [(one.heading, (one.index,)) for one in columns])
        if role != "main_applicant":
            feed.when_filled = tuple(heading for match in feed.matches for heading in match.headings)
        table.feeds.append(feed)
        seen |= {index for match in feed.matches for index in match.columns}
    return seen


def ticked(table: TablePlan, case: int) -> TablePlan | None:
    """Needs that are a column each, ticked or not, as a table of its own over the same file."""
    if table.sheet.is_turned or any(feed.section == "support_needs" for feed in table.feeds):
        return None
    needs: dict[str, tuple[str, str]] = {}
    yes: dict[str, None] = {}
    no: dict[str, None] = {}
    known = folded_codes("support_need")
    for one in table.columns:
        if one.index in table.used or one.index == case or not one.filled or one.share(one.flags) < 0.99:
            continue
        exact = known.get(fold(one.heading))
        code = exact or nearest(one.heading, "support_need")[0]
        if code is None or code in {need for need, _ in needs.values()} or one.distinct > 4:
            continue
        needs[one.heading] = (code, "" if exact else "near")
        for text in one.texts:
            (yes if parse_flag(text) else no)[text] = None
    if len(needs) < LEAST_TICKED or not yes:
        return None
    made = TablePlan(table.number, table.sheet, table.columns, is_about=("support_needs",))
    made.shares = table.shares = "".join(one if one.isalnum() else "_" for one in table.sheet.label.casefold())
    columns = toml.listing(needs)
    told = {"columns": columns, "name": toml.text(NEED), "value": toml.text(TICKED)}
    made.keys = [f"unpivot = {toml.table(told)}"]
    if no:
        made.keys.append(f"leave_out = {toml.table({TICKED: toml.listing(no)})}")
    made.takes = {one.index for one in table.columns if one.heading in needs}
    match = Match("support_needs", "support_need", (), (NEED,), 0.9, "the columns are called like needs")
    feed = FeedPlan("support_needs", [match], table.sheet.headings[case], when={TICKED: tuple(yes)})
    feed.codes["support_need"] = {heading: code for heading, (code, how) in needs.items() if how}
    made.feeds.append(feed)
    made.notes.append(f"{len(needs)} columns are a need each, ticked where the household has it: each is made a row.")
    return made


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


def add_address(feed: FeedPlan, named: Iterable[tuple[str, tuple[int, ...]]]) -> None:
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
