"""Which column of a sheet may be which field: the name of the heading and the contents weighed together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from pipelines.profiles.evidence import Evidence, is_note
from pipelines.profiles.headrows import JOINER
from pipelines.profiles.names import TELLING, Likeness, likenesses
from pipelines.profiles.words import forms
from schemas.sections import SECTION, SECTIONS, Column

SURE, ENOUGH, SHOWN = 0.9, 0.78, 0.6
"""From which score a match is called sure, is written into the profile, and is shown as a candidate."""
APART = 0.05
"""By which a match must be better than the next one."""
BELOW_GROUP = 0.99
"""What a name counts that stands below the heading of a group and is taken by itself."""
EMPTY = 0.93
"""What a name counts where the column is empty, so that nothing speaks for or against it."""
UNKNOWN_CODES = 0.94
"""What a name counts where few texts recur and the code list knows none of them."""
LONG_LABEL = 30
"""Characters of a label that no other list has by chance."""
OR = " | "
"""Between two ways of saying what a column holds."""
SEPARATORS = (";", "|", "/", ",")


@dataclass(frozen=True)
class Match:
    """One column (or several that make up one cell) for one field."""

    section: str
    field: str
    columns: tuple[int, ...]
    headings: tuple[str, ...]
    score: float
    why: str
    separator: str | None = None
    """What parts several codes of one cell."""
    notes: tuple[str, ...] = ()

    @property
    def column(self) -> Column:
        """The field in the catalogue."""
        return SECTION[self.section].column(self.field)


@dataclass
class Candidates:
    """What a sheet's columns may be."""

    matches: list[Match]
    doubtful: list[Match] = field(default_factory=list)
    """Not written: too weak, or no better than another."""


def candidates(
    columns: Sequence[Evidence],
    context: Collection[str],
    sections: Collection[str],
    *,
    name_of: dict[int, str] | None = None,
) -> list[Match]:
    """Every match that is worth showing, the best first.

    Args:
        columns: evidence of the columns that are asked about.
        context: sections that the sheet is about.
        sections: sections whose fields are asked about.
        name_of: what a column is called where that is not its heading (the number of a repeat left out).
    """
    found = []
    for one in columns:
        heading = (name_of or {}).get(one.index, one.short or one.heading)
        about = {*context, *one.about}
        by_name: dict[tuple[str, str], Likeness] = {}
        for form in heading.split(OR):
            for like in likenesses(form, about):
                key = (like.section, like.field)
                if key not in by_name or by_name[key].score < like.score:
                    by_name[key] = like
        for below in likenesses(part, about) if (part := _below_group(heading)) else ():
            key = (below.section, below.field)
            if key not in by_name or by_name[key].score < below.score * BELOW_GROUP:
                by_name[key] = replace(below, score=below.score * BELOW_GROUP)
        for section in SECTIONS:
            if section.name not in sections:
                continue
            for column in section.columns:
                if column.name == "case_ref":
                    continue
                match = _match(column, one, by_name.get((section.name, column.name)), about)
                if match is not None and match.score >= SHOWN:
                    found.append(match)
    return sorted(found, key=lambda match: (-match.score, match.columns, match.section, match.field))


def _below_group(heading: str) -> str:
    """What stands below the heading of a group, where the group's own words tell nothing of the field."""
    group, _, part = heading.rpartition(JOINER)
    return part if group and not any(TELLING & set(form) for form in forms(group)) else ""


def _match(column: Column, one: Evidence, like: Likeness | None, context: Collection[str]) -> Match | None:
    name = like.score if like else 0.0
    said = f'name like "{like.by}"' if like else "contents only"
    if is_note(one.heading) and name < SURE:
        return None
    if not one.filled:
        return _made(column, one, name * EMPTY, f"{said}; the column is empty") if name else None
    if one.is_personal and not column.personal and column.kind not in ("flag",):
        return None
    judged = _JUDGES[column.kind](column, one, name, context)
    if judged is None:
        return None
    score, contents, separator = judged
    if like is not None and like.only_in_its_table and column.section not in context:
        return None
    return _made(column, one, score, f"{said}; {contents}", separator)


def _made(column: Column, one: Evidence, score: float, why: str, separator: str | None = None) -> Match:
    return Match(column.section, column.name, (one.index,), (one.heading,), min(score, 1.0), why, separator)


_Judged = tuple[float, str, str | None] | None


def _of(one: Evidence, count: int, what: str) -> str:
    return f"{one.share(count):.0%} of {one.filled:,} filled cells {what}"


def _date(column: Column, one: Evidence, name: float, about: Collection[str]) -> _Judged:
    days = max(one.day_share, one.share(one.two_digit_years) + one.day_share)
    serial = one.share(one.dates.get("serial", 0))
    if days >= 0.9:
        return name, f"{days:.0%} of {one.filled:,} filled cells are days", None
    if serial >= 0.95 and one.median is not None and 20_000 <= one.median <= 60_000 and name >= SURE:
        return name * 0.95, _of(one, one.dates["serial"], "are day numbers of Excel"), None
    if days >= 0.6 and name >= SURE:
        return name * 0.9, f"only {days:.0%} of {one.filled:,} filled cells are days", None
    return None


def _number(column: Column, one: Evidence, name: float, about: Collection[str]) -> _Judged:
    if one.share(one.numbers) < 0.95 or one.is_day:
        return None
    if column.kind == "integer" and one.share(one.whole) < 0.95:
        return None
    if column.name == "age" and one.median is not None and not 0 <= one.median <= 110:
        return None
    if column.name == "rate" and period_of(one.heading) is None and not one.is_own_name:
        # A week's rent taken for a night's makes the costs seven times too high.
        return min(name, ENOUGH - 0.01), _of(one, one.numbers, "are numbers, but for which time is not said"), None
    return name, _of(one, one.numbers, "are numbers"), None


def period_of(heading: str) -> str | None:
    """What an amount is for, if the heading says it."""
    words = {word for form in forms(heading) for word in form}
    return next((period for period in ("night", "week", "month") if period in words), None)


def _flag(column: Column, one: Evidence, name: float, about: Collection[str]) -> _Judged:
    if one.share(one.flags) < 0.95 or one.distinct > 4:
        return None
    return name, _of(one, one.flags, "are yes or no"), None


def _text(column: Column, one: Evidence, name: float, about: Collection[str]) -> _Judged:
    if column.name == "nino":
        share = one.share(one.nino_like if name >= SURE else one.ninos)
        return (
            (max(name, 0.9 if share > 0.9 else 0.0), _of(one, one.nino_like, "look like one"), None)
            if share > 0.5
            else None
        )
    if one.is_day or (one.share(one.flags) > 0.95 and one.distinct <= 2):
        return None
    if column.personal and one.share(one.numbers) > 0.5:
        return None
    if not column.personal and one.longest > 120:
        return None
    return name, "free text", None


def _code(column: Column, one: Evidence, name: float, about: Collection[str]) -> _Judged:
    list_name = column.codelist or ""
    if one.is_day or not one.folded:
        return None
    separator, share = None, one.understood(list_name)
    if (column.kind == "codes" or column.section == "support_needs") and share < 0.9:
        for by in SEPARATORS:
            if not any(by in text for text, _ in one.folded):
                continue
            parted = one.understood(list_name, by)
            if parted > share + 0.02:
                separator, share = by, parted
    telling = one.telling_codes(list_name, separator)
    if share >= 0.8:
        words = f"{share:.0%} of {one.filled:,} filled cells are in {list_name}"
        if telling >= 2 or name >= 0.6:
            # The list says what it may be; which of its fields, only the name does.
            is_told = telling >= 3 or (telling >= 1 and share == 1.0 and one.longest >= LONG_LABEL)
            alone = 0.86 if is_told and _fields_of(list_name) == 1 else 0.0
            if telling >= 2 and set(about) == {column.section} and _fields_of(list_name, column.section) == 1:
                alone = max(alone, 0.8)
            return max(alone + 0.1 * name, 0.35 + 0.65 * name if name >= 0.3 else 0.0), words, separator
        return name, words, separator
    near = one.near(list_name) if one.is_code_like or share > 0.2 else 0.0
    if share >= 0.3 or near >= 0.5:
        score = name * (0.9 + 0.1 * max(share, near)) + (0.05 if telling >= 3 else 0.0)
        if not share:
            score = min(score, name * UNKNOWN_CODES)
        return score, f"{share:.0%} of {one.filled:,} filled cells are in {list_name}, others are near it", separator
    if one.is_code_like and not (one.share(one.flags) > 0.95 and one.distinct <= 2 and name < SURE):
        return name * UNKNOWN_CODES, f"few texts that recur, of which {list_name} knows {share:.0%}", separator
    return None


def _fields_of(list_name: str, only: str | None = None) -> int:
    sections = (section for section in SECTIONS if only in (None, section.name))
    return sum(column.codelist == list_name for section in sections for column in section.columns)


_JUDGES = {
    "date": _date,
    "integer": _number,
    "number": _number,
    "flag": _flag,
    "text": _text,
    "code": _code,
    "codes": _code,
}


def assign(found: Sequence[Match], *, taken: Collection[int] = ()) -> Candidates:
    """One column for a field and one field for a column, the surest first; what is no better than another is left.

    Args:
        found: matches, the best first.
        taken: columns that are something else already.
    """
    chosen: list[Match] = []
    doubtful: list[Match] = []
    columns, fields = set(taken), set()
    left = [match for match in found if not set(match.columns) & columns]
    while left:
        best = left[0]
        if best.score < ENOUGH:
            break
        rivals = [
            other
            for other in left[1:]
            if other.score > best.score - APART
            and (other.columns == best.columns) != ((other.section, other.field) == (best.section, best.field))
        ]
        if rivals and (first := _statutory(best, rivals)) is not None:
            best, rivals = first, []
        if rivals and not _wins(best, rivals):
            tied = [best, *rivals]
            doubtful += tied
            left = [match for match in left if match not in tied]
            continue
        chosen.append(best)
        columns |= set(best.columns)
        fields.add((best.section, best.field))
        left = [
            match for match in left if not set(match.columns) & columns and (match.section, match.field) not in fields
        ]
    doubtful += left
    shown = {(match.section, match.field) for match in chosen}
    return Candidates(
        chosen,
        [match for match in doubtful if (match.section, match.field) not in shown and not set(match.columns) & columns],
    )


def _statutory(best: Match, rivals: Sequence[Match]) -> Match | None:
    """The one field of the return among the fields that one column may be; none where there are more, or columns."""
    if any(rival.columns != best.columns for rival in rivals):
        return None
    found = [match for match in (best, *rivals) if not match.column.local]
    return found[0] if len(found) == 1 else None


def _wins(best: Match, rivals: Sequence[Match]) -> bool:
    """Whether the first match stands although others are near: a perfect name beats a good one."""
    return best.score >= 0.985 and all(rival.score < 0.985 for rival in rivals)
