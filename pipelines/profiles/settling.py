"""Which table gives the rows of a section, and which ones complete them."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.profiles.keys import Keys
from pipelines.profiles.matching import Match, assign, candidates
from pipelines.profiles.plan import MUST, FeedPlan, TablePlan
from schemas.sections import SECTION, SECTIONS

OF_ONE = frozenset(
    (
        *("date_of_birth", "age", "sex", "gender_identity", "ethnicity", "sexual_orientation"),
        *("forename", "surname", "nino", "last_address"),
    )
)
"""What is known of one person whoever else is in the household."""


def settle(tables: Sequence[TablePlan]) -> None:
    """Decide for each section which table gives its rows and which ones complete them."""
    for section in (one.name for one in SECTIONS):
        feeding = [(table, feed) for table in tables for feed in table.feeds if feed.section == section]
        if not feeding:
            continue
        key = SECTION[section].key
        base_table, base = max(feeding, key=lambda item: _worth(item[0], item[1], section))
        for table, feed in feeding:
            if feed is base or (table is base_table and (feed.repeat or feed.is_role)):
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
            missing = [name for name in MUST.get(section, ()) if name not in feed.fields]
            if not feed.adds_columns and missing and section not in ("main", "people"):
                feed_table.feeds.remove(feed)
                feed_table.notes.append(
                    f"{SECTION[section].label}: {', '.join(missing)} was not found, without which there are no rows;"
                    f" found were {', '.join(sorted(feed.fields)) or 'none'}."
                )


def complete(tables: Sequence[TablePlan], keys: Keys) -> None:
    """See that main and people are fed, without which no profile can be read."""
    with_case = [table for table in tables if table.number in keys.case]
    with_case = [table for table in with_case if not table.sheet.undecided] or with_case
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
        at = keys.case[base.number]
        matches = _of_applicant(base, at)
        known = "nothing is known" if not matches else "only these columns tell"
        base.feeds.append(
            FeedPlan(
                "people",
                matches,
                base.sheet.headings[at],
                constants={"relationship": "main_applicant"},
                notes=[
                    f"No {'file of the household was' if matches else 'columns about people were'} found: each case has"
                    f" its main applicant and nobody else, of whom {known}. Add the file of the household."
                ],
            )
        )


def _of_applicant(table: TablePlan, case: int) -> list[Match]:
    """Columns of one person beside the case, where the table has one row a case: they are those of the applicant."""
    if not table.columns[case].is_unique:
        return []
    free = [one for one in table.columns if one.index not in {case, *table.used} and one.heading]
    found = assign(candidates(free, {"people"}, {"people"})).matches
    return [match for match in found if match.field in OF_ONE]


def _cases(table: TablePlan, keys: Keys) -> tuple[bool, int]:
    one = table.columns[keys.case[table.number]]
    return one.is_unique, one.distinct


def _worth(table: TablePlan, feed: FeedPlan, section: str) -> tuple[float, ...]:
    must = set(MUST.get(section, ()))
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
    return len(both) >= 0.6 * len(feed.fields) and set(MUST.get(base.section, ())) <= feed.fields
