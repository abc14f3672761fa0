"""Rows that are columns turned round: questions with answers, and logs of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from pipelines.extract.parsing import fold
from pipelines.profiles import toml
from pipelines.profiles.context import sections_of
from pipelines.profiles.duties import DUTIES, duty_column
from pipelines.profiles.evidence import Evidence
from pipelines.profiles.headrows import HeadRows
from pipelines.profiles.lookups import LookupSheet
from pipelines.profiles.matching import OR, SHOWN
from pipelines.profiles.names import likenesses
from pipelines.profiles.sheets import Sheet
from pipelines.profiles.spellings import SHOWN_FROM, is_showable
from pipelines.profiles.words import forms, word_set
from schemas.codelists import codelist_names
from schemas.sections import SECTION

MOST_NAMES = 300
"""Different questions or events."""
LIKE = 0.78
"""Likeness from which a text is taken for the name of a field."""
_QUESTION = word_set("question item attribute field prompt property element name variable")
_ANSWER = word_set("answer value response result reply")
_ASKED = word_set("question")
_BESIDE = _ANSWER | word_set("text date number note comment free")
_OPTION = _ANSWER | word_set("option choice")
BOTH = 0.02
"""Share of rows in which two columns may be filled if each holds the answers that the other has not."""
_EVENT = word_set("event action milestone stage step activity type status transition history")
_ENDED = word_set("end discharge")
_ORDER = word_set("update timestamp answered create record version stamp enter change keyed input modified")


QUESTIONS = "questions and answers"


def turned(sheet: Sheet, columns: Sequence[Evidence], case: int, lookups: Sequence[LookupSheet]) -> Sheet:
    """The sheet with one row a case and one column a question or event, if it holds such rows; else as it is."""
    case_column = columns[case]
    if case_column.is_unique or case_column.distinct == 0:
        return sheet
    answered = _answers(sheet, columns, case, lookups)
    if answered is not None:
        return answered
    if duty_column(columns, case) is not None:
        return sheet
    return _events(sheet, columns, case) or _undecided(sheet, columns, case)


def _undecided(sheet: Sheet, columns: Sequence[Evidence], case: int) -> Sheet:
    """The sheet, marked where its headings say that it holds questions which none of them can be turned by."""
    asked = [one for one in columns if one.index != case and _words(one) & _ASKED and one.filled]
    given = [one for one in columns if one.index != case and one not in asked and _words(one) & _ANSWER]
    if not asked or not given:
        return sheet
    why = (
        f"Not decided: the answers ({given[0].heading}) are not used, since too few texts of {asked[0].heading} are"
        " like the name of a field. Name the file with the words of the questions under codes_from, and turn the rows"
        f" by pivot = {{ per = {toml.text(sheet.headings[case])}, name = {toml.text(asked[0].heading)},"
        f" value = {toml.text(given[0].heading)} }}."
    )
    return replace(sheet, undecided=why)


def _words(one: Evidence) -> set[str]:
    return {word for form in forms(one.heading) for word in form}


def _answers(sheet: Sheet, columns: Sequence[Evidence], case: int, lookups: Sequence[LookupSheet]) -> Sheet | None:
    names = [
        one
        for one in columns
        if one.index != case and 2 <= one.distinct <= MOST_NAMES and not one.is_day and one.filled >= 0.95 * one.rows
    ]
    for name in names:
        table_lookups: list[str] = []
        frame = sheet.frame
        texts = list(name.texts)
        if name.index in sheet.codes_from:
            table_lookups.append(_with_column(sheet.codes_from[name.index], name.heading))
        elif (found := _of_questions(name, lookups, sheet)) is not None:
            lookup, group = found
            table_lookups.append(lookup.written(group, column=name.heading))
            labels = dict(lookup.lists.get(group or "", next(iter(lookup.lists.values()))))
            frame = frame.with_columns(pl.col(f"c{name.index}").replace(labels))
            texts = [labels.get(text, text) for text in texts]
        values = [one for one in columns if one.index not in (case, name.index) and _words(one) & _ANSWER]
        values = values or _only_other(columns, case, name)
        known = {field for text in texts for field in _fields(text)}
        is_named = bool(_words(name) & _QUESTION) and bool(values)
        if not values or name.is_personal or len(known) < (2 if is_named else 5):
            continue
        if not is_named and not all(_mixed(one) for one in values[:1]):
            continue
        value = max(values, key=lambda one: (one.filled, -one.index))
        both = [value, *_beside(sheet, columns, value, {case, name.index}, asked=bool(_words(name) & _ASKED))]
        both.sort(key=lambda one: (one.index not in sheet.codes_from, -one.filled, one.index))
        return _pivoted(sheet, frame, columns, case, name, both, table_lookups, lookups, QUESTIONS)
    return None


def _beside(
    sheet: Sheet, columns: Sequence[Evidence], value: Evidence, taken: set[int], *, asked: bool
) -> list[Evidence]:
    """Columns with the answers of those rows in which ``value`` has none, such as texts beside keys."""
    found = [value]
    for one in columns:
        if one.index in {*taken, value.index} or not one.filled or not (asked or _words(one) & _BESIDE):
            continue
        others = pl.any_horizontal(pl.col(f"c{other.index}").is_not_null() for other in found)
        twice = sheet.frame.filter(others & pl.col(f"c{one.index}").is_not_null()).height
        if twice <= BOTH * one.filled:
            found.append(one)
    return found[1:]


def _only_other(columns: Sequence[Evidence], case: int, name: Evidence) -> list[Evidence]:
    left = [one for one in columns if one.index not in (case, name.index) and one.filled and _mixed(one)]
    return left if len(left) == 1 else []


def _mixed(one: Evidence) -> bool:
    """Whether the column holds days, codes and texts beside each other, as answers do."""
    days = one.day_share
    return 0.02 < days < 0.95 or one.share(one.flags) > 0.02


def _with_column(written: str, heading: str) -> str:
    return "{ " + f"column = {toml.text(heading)}, " + written.removeprefix("{ ")


def _is_name(text: str) -> bool:
    """Whether the text is somewhat like the name of a field, and so no name of a person."""
    return any(like.score >= SHOWN for like in likenesses(text)[:1])


def _fields(text: str) -> set[str]:
    """The field that the text is the name of, if it is one."""
    return {f"{like.section}.{like.field}" for like in likenesses(text)[:1] if like.score >= LIKE}


def _of_questions(
    name: Evidence, lookups: Sequence[LookupSheet], sheet: Sheet
) -> tuple[LookupSheet, str | None] | None:
    """The look-up that gives the words of the questions, where the rows hold their numbers."""
    if any(_fields(text) for text in list(name.texts)[:50]):
        return None
    found: list[tuple[tuple[bool, int], LookupSheet, str | None]] = []
    for lookup in lookups:
        if lookup.sheet.name == sheet.name:
            continue
        for group, labels in lookup.lists.items():
            met = [labels[text] for text in name.texts if text in labels]
            fields = sum(bool(_fields(text)) for text in met)
            if len(met) >= 0.9 * len(name.texts) and fields >= 2:
                told = lookup.says(_ASKED) or bool(_ASKED & set(forms(group)[0] if group else ()))
                found.append(((told, fields), lookup, group if len(lookup.lists) > 1 else None))
    best = max(found, key=lambda one: one[0], default=None)
    if best is None or sum(one[0] == best[0] for one in found) > 1:
        return None
    return best[1], best[2]


def _events(sheet: Sheet, columns: Sequence[Evidence], case: int) -> Sheet | None:
    days = [one for one in columns if one.is_day and one.filled >= 0.6 * one.rows]
    names = [one for one in columns if one.index != case and one.is_code_like and one.distinct >= 2]
    names = [one for one in names if one.filled >= 0.8 * one.rows and not _is_coded(one)]
    best: tuple[float, Evidence | None] = (0.0, None)
    for name in names:
        dated = [text for text in name.texts if _is_event(text)]
        cells = sum(name.texts[text] for text in dated)
        sections = {section for text in dated for section in _sections_of(text)}
        share = name.share(cells)
        fields = {field for text in dated for field in _fields(text)}
        is_named = bool(_words(name) & _EVENT)
        several = len(fields) >= (2 if is_named else 3) and share >= 0.4
        if several and not sections <= {"temporary_accommodation", "people"} and share + 0.3 * is_named > best[0]:
            best = (share + 0.3 * is_named, name)
    if best[1] is None or not days:
        return None
    name = best[1]
    day = max(days, key=lambda one: (not _words(one) & _ORDER, one.filled, "date" in _words(one), -one.index))
    order = _order(columns, case, name, [day])
    others = [
        one
        for one in columns
        if one.index not in (case, name.index, day.index)
        and not (order is not None and one.index == order.index)
        and one.filled >= SHOWN_FROM
        and (one.is_code_like or one.is_day or _is_coded(one))
        and one.filled < one.rows
        and not one.is_personal
    ]
    return _pivoted(sheet, sheet.frame, columns, case, name, [day, *others], [], (), "a log of events")


def _is_coded(one: Evidence) -> bool:
    """Whether a code list knows the texts: they are outcomes or types then, not names of events."""
    return any(one.understood(name) >= 0.8 and one.telling_codes(name) >= 2 for name in codelist_names())


def _is_event(text: str) -> bool:
    found = likenesses(text)
    return bool(found) and found[0].score >= LIKE and any(_dated(like.section, like.field) for like in found[:3])


def _dated(section: str, field: str) -> bool:
    return SECTION[section].column(field).kind == "date"


def _sections_of(text: str) -> set[str]:
    return {like.section for like in likenesses(text) if like.score >= LIKE}


def _pivoted(
    sheet: Sheet,
    frame: pl.DataFrame,
    columns: Sequence[Evidence],
    case: int,
    name: Evidence,
    values: Sequence[Evidence],
    table_lookups: list[str],
    lookups: Sequence[LookupSheet],
    what: str,
) -> Sheet | None:
    ref, head = f"c{case}", f"c{name.index}"
    keys = list(sheet.keys)
    single = len(values) == 1
    is_asked = what == QUESTIONS
    if is_asked:
        frame, found = _answers_looked_up(sheet, frame, values[0], name, lookups)
        if not found:
            # The list may be told by the words of the question, and not by its number.
            frame, told = _answers_looked_up(replace(sheet, frame=frame), frame, values[0], name, lookups)
            table_lookups += told
        # Otherwise the answers first: their list is told by the question as it stands in the file.
        is_read = name.index in sheet.codes_from
        table_lookups = [*table_lookups, *found] if is_read else [*found, *table_lookups]
    if len(table_lookups) == 1:
        keys.append(f"codes_from = {table_lookups[0]}")
    elif table_lookups:
        keys += ["codes_from = [", *[f"  {one}," for one in table_lookups], "]"]
    frame = frame.filter(pl.col(ref).is_not_null() & pl.col(head).is_not_null())
    again = frame.filter(pl.struct(ref, head).is_duplicated())
    order = _order(columns, case, name, values)
    collected: list[str] = []
    same = [ref, head]
    if again.height and order is not None and _tells(again, ref, head, f"c{order.index}"):
        keys += ['keep = "last"', f"order_by = {toml.text(order.heading)}"]
        same.append(f"c{order.index}")
    if again.height and is_asked:
        # What was answered several times at once is an answer of several parts.
        several = again.filter(pl.any_horizontal(pl.col(f"c{one.index}").n_unique().over(same) > 1 for one in values))
        collected = several.get_column(head).unique().sort().to_list()
        collected = [text for text in collected if is_showable(text) and _is_name(text)]
    pivot = {
        "per": toml.text(sheet.headings[case]),
        "name": toml.text(name.heading),
        "value": toml.text(values[0].heading) if single else toml.listing(one.heading for one in values),
    }
    if collected:
        pivot["collect"] = toml.listing(collected)
    keys.append(f"pivot = {toml.table(pivot)}")
    wide = _wide(frame, ref, head, [f"c{one.index}" for one in values], collected)
    heads: list[str] = [sheet.headings[case]]
    shorts: dict[int, str] = {}
    about: dict[int, tuple[str, ...]] = {}
    series = [wide.get_column(ref).alias("c0")]
    cases = dict(frame.group_by(head).agg(pl.col(ref).n_unique()).iter_rows())
    for text in sorted(cases, key=lambda one: (fold(one), one)):
        # What stands in a cell becomes a heading of the profile: only what is like the name of a field.
        if not is_showable(text) or not _is_name(text):
            continue
        filled = [wide.get_column(f"{number}\x00{text}").count() for number in range(len(values))]
        for number, value in enumerate(values):
            cells = wide.get_column(f"{number}\x00{text}")
            if not single and not cells.count():
                continue
            series.append(cells.alias(f"c{len(heads)}"))
            if is_asked and not single and filled[number] == max(filled):
                shorts[len(heads)] = text
            elif not single:
                is_first = number == 0 and value.is_day
                shorts[len(heads)] = f"{text} date" if is_first else _said(text, value)
                about[len(heads)] = tuple(section for section in sections_of(text) if section in DUTIES)
            heads.append(text if single else f"{text} {value.heading}")
    made = pl.DataFrame(series).with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("_row"))
    return replace(
        sheet,
        head=HeadRows(sheet.head.rows, tuple(heads)),
        frame=made,
        keys=tuple(keys),
        codes_from={},
        shorts=shorts,
        about=about,
        notes=(*sheet.notes, f"It holds {what} in rows; the pivot makes one row a case of them."),
    )


def _answers_looked_up(
    sheet: Sheet, frame: pl.DataFrame, value: Evidence, name: Evidence, lookups: Sequence[LookupSheet]
) -> tuple[pl.DataFrame, list[str]]:
    """Answers that are keys of a look-up; the others stay as they are."""
    if value.index in sheet.codes_from:
        return frame, [_with_column(sheet.codes_from[value.index], value.heading)]
    asked = sheet.frame.get_column(f"c{name.index}")
    of_answers = [one for one in lookups if one.group is not None or not one.says(_ASKED)]
    for lookup in sorted(of_answers, key=lambda one: not one.says(_OPTION)):
        if lookup.sheet.name == sheet.name:
            continue
        if (
            lookup.group is not None
            and not lookup.has_own_keys
            and set(asked.drop_nulls().unique()) & set(lookup.lists)
        ):
            pairs = {(group, key): label for group, labels in lookup.lists.items() for key, label in labels.items()}
            given = sheet.frame.get_column(f"c{value.index}").to_list()
            rows = zip(asked.to_list(), given, strict=True)
            cells = [pairs.get((question, cell), cell) for question, cell in rows]
            changed = sum(one != other for one, other in zip(cells, given, strict=True))
            if changed >= 0.1 * value.filled:
                told = lookup.written(None, column=value.heading, same=name.heading, keep=True)
                return frame.with_columns(pl.Series(f"c{value.index}", cells, dtype=pl.String())), [told]
        elif lookup.has_own_keys:
            labels = {key: label for part in lookup.lists.values() for key, label in part.items()}
            met = sum(often for text, often in value.texts.items() if text in labels)
            if met >= 0.2 * value.seen:
                told = lookup.written(None, column=value.heading, keep=True)
                return frame.with_columns(pl.col(f"c{value.index}").replace(labels)), [told]
    return frame, []


def _said(text: str, value: Evidence) -> str:
    """What a further column of an event holds: the outcome of its ending is that of the duty, but its letter is not."""
    name = _plain_name(value)
    whole = f"{text} {name}"
    words = forms(text)[0]
    short = " ".join(word for word in words if word not in _ENDED)
    return whole if value.is_day or not _ENDED & set(words) else f"{whole}{OR}{short} {name}"


def _plain_name(value: Evidence) -> str:
    """What the column is called, without the words that only say that it belongs to an event."""
    return " ".join(word for word in forms(value.short)[0] if word not in _EVENT) or value.short


def _order(columns: Sequence[Evidence], case: int, name: Evidence, values: Sequence[Evidence]) -> Evidence | None:
    taken = {case, name.index, *(one.index for one in values[1:])}
    may = [one for one in columns if one.index not in taken and one.is_day and one.filled >= 0.9 * one.rows]
    return max(may, key=lambda one: (len(_words(one) & _ORDER), -one.index), default=None)


def _tells(again: pl.DataFrame, ref: str, head: str, order: str) -> bool:
    """Whether the order is another one in most rows that are the same."""
    groups = again.group_by(ref, head).agg((pl.col(order).n_unique() > 1).alias("other"))
    if groups.get_column("other").mean() >= 0.5:  # type: ignore[operator]
        return True
    shares = groups.group_by(head).agg(pl.col("other").mean()).get_column("other")
    return bool(shares.is_in([0.0, 1.0]).all() and (shares == 1.0).any())


def _wide(frame: pl.DataFrame, ref: str, head: str, values: Sequence[str], collected: Sequence[str]) -> pl.DataFrame:
    found = frame.select(ref).unique(maintain_order=True)
    for number, value in enumerate(values):
        joined = pl.col(value).drop_nulls().unique(maintain_order=True).str.join(";").replace("", None)
        many = pl.col(head).first().is_in(list(collected))
        cells = frame.group_by(ref, head, maintain_order=True).agg(
            pl.when(many).then(joined).otherwise(pl.col(value).drop_nulls().last()).alias("cell")
        )
        wide = cells.pivot(on=head, index=ref, values="cell", aggregate_function="first")
        wide = wide.rename({name: f"{number}\x00{name}" for name in wide.columns if name != ref})
        found = found.join(wide, on=ref, how="left", maintain_order="left")
    return found
