"""What the cells of a column are: days, numbers, codes of a list, references, something personal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

import polars as pl

from pipelines.extract.case_refs import why_refused
from pipelines.extract.parsing import blank_texts, fold, folded_codes, parse_date, parse_flag, parse_number
from pipelines.profiles.names import vocabulary
from pipelines.profiles.words import forms, word_set
from schemas.codelists import codelist
from schemas.sections import catalogue

MOST_TEXTS = 1_200
"""Different texts of a column that are looked at: the most frequent ones, and every so many-th of the others."""
FREQUENT = 400
MOST_CODES = 600
"""Different texts beyond which a column holds no codes; the longest list has 421."""
CODE_LIKE = 60
"""Different texts at most of a column that is taken for codes although no list knows them."""
LONGEST_CODE, LONGEST_DAY = 140, 40
"""Characters."""
OWN_NAMES = 0.8
"""Share of headings that are names of fields, from which a sheet is of the native layout."""
NEAR_LABEL = 88
"""Likeness, of 100, from which a spelling speaks for a code list."""

_PERSONAL = re.compile(
    r"[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]"  # National Insurance number
    r"|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}"  # postcode
    r"|\S+@\S+\.\S+"
    r"|(?:\+44|0)[\d ]{9,12}"  # telephone
    r"|\d+[A-Za-z]? .*\b(?:street|road|lane|avenue|close|way|court|drive|house|flat|place|crescent|gardens)\b.*",
    re.IGNORECASE,
)
_NINO = re.compile(r"[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]")
# The last letter is often left out; systems number cases so too.
_NINO_LIKE = re.compile(r"[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]?")
# Headings of what is about a person and no field of the return.
_PERSONAL_WORDS = word_set(
    "email mail phone mobile telephone tel landline title initials postcode post address street town county passport"
    " nhs surname forename firstname lastname fullname birth insurance salutation known alias maiden flat house"
    " uprn spouse middle"
)
_NAME_WORDS = (
    "full name", "applicant name", "client name", "customer name", "person name", "tenant name", "name", "applicant",
    "partner name", "client", "customer", "contact name", "landlord name", "main applicant", "joint applicant",
)  # fmt: skip
_NOTE_WORDS = word_set("note notes comment comments narrative details detail remarks memo description text")
_GENERIC = word_set(
    "yes no other unknown none not known n y n/a other (not known) prefer not to say nk true false 1 0"
) | {"not known", "prefer not to say", "other (not known)", "contact lost", "withdrew application"}
DATE_STYLES = ("iso", "uk", "us", "month", "compact", "serial")


@dataclass
class Evidence:
    """What is known of one column."""

    index: int
    heading: str
    rows: int
    filled: int
    distinct: int
    texts: dict[str, int]
    """The most frequent texts with their counts."""
    seen: int = 0
    """Cells that these texts stand for."""
    dates: dict[str, int] = field(default_factory=dict)
    """Style of date → cells that are one."""
    two_digit_years: int = 0
    timed: int = 0
    numbers: int = 0
    whole: int = 0
    flags: int = 0
    references: int = 0
    ninos: int = 0
    nino_like: int = 0
    personal: int = 0
    """Cells that look like an address, a number of a person, a telephone or mail."""
    longest: int = 0
    median: float | None = None
    is_own_name: bool = False
    """Whether the sheet calls its columns as the dictionary does."""
    about: tuple[str, ...] = ()
    """Sections of which the heading speaks, where it is the text of an event."""
    short: str = ""
    """What the heading says without the mark of its table (``HAP_`` in ``HAP_START_DATE``)."""

    def share(self, count: int) -> float:
        """Share of the cells looked at."""
        return count / self.seen if self.seen else 0.0

    @property
    def day_share(self) -> float:
        """Share of cells that are a day in the best single way of reading them, day numbers of Excel left out."""
        slashed = max(self.dates.get("uk", 0), self.dates.get("us", 0))
        others = sum(self.dates.get(style, 0) for style in ("iso", "month", "compact"))
        return self.share(slashed + others)

    @property
    def is_unique(self) -> bool:
        """Whether no two rows have the same text."""
        return self.filled > 1 and self.distinct == self.filled

    @property
    def is_code_like(self) -> bool:
        """Whether few short texts recur, as codes and labels do."""
        if not self.filled:
            return False
        few = self.distinct <= CODE_LIKE and (self.distinct <= 4 or self.distinct <= self.filled / 2)
        return few and self.longest <= LONGEST_CODE and not self.is_day and not self.is_personal

    @property
    def is_day(self) -> bool:
        """Whether nearly all cells are days."""
        return bool(self.filled) and self.day_share >= 0.9

    @property
    def is_personal(self) -> bool:
        """Whether the column may hold what tells who somebody is; its texts are then never shown."""
        return self.share(self.personal) > 0.05 or is_personal_heading(self.heading)

    @cached_property
    def folded(self) -> tuple[tuple[str, int], ...]:
        """The texts folded, with their counts; none where they are too many to be codes."""
        return () if self.distinct > MOST_CODES else tuple((fold(text), often) for text, often in self.texts.items())

    def understood(self, list_name: str, by: str | None = None) -> float:
        """Share of cells that the list knows; ``by`` parts several codes of one cell."""
        known = folded_codes(list_name)
        met = sum(often for text, often in self.folded if all(piece in known for piece in _pieces(text, by)))
        return self.share(met)

    def telling_codes(self, list_name: str, by: str | None = None) -> int:
        """Different codes among the cells that few lists have."""
        known = folded_codes(list_name)
        pieces = {piece for text, _ in self.folded for piece in _pieces(text, by)}
        return len({known[one] for one in pieces if one in known and one not in _GENERIC})

    def near(self, list_name: str) -> float:
        """Share of different texts that are near a label of the list, or in it."""
        return nearness(tuple(self.texts), list_name)


def is_personal_heading(heading: str) -> bool:
    """Whether the heading says that the column is about who somebody is."""
    text = " ".join(forms(heading)[0])
    words = set(text.split())
    return bool(words & _PERSONAL_WORDS) or text in _NAME_WORDS or words == {"name"}


def is_note(heading: str) -> bool:
    """Whether the heading says that the column holds free text."""
    return bool(set(forms(heading)[0]) & _NOTE_WORDS)


def evidence_of(
    frame: pl.DataFrame, headings: Sequence[str], shorts: Mapping[int, str] | None = None
) -> list[Evidence]:
    """One entry a column, in the order of the headings; ``shorts``: what some of them say, in other words."""
    found = [_column(frame, index, heading) for index, heading in enumerate(headings)]
    own = sum(heading in field_names() for heading in headings)
    for one, short in zip(found, without_lead(headings), strict=True):
        one.short = (shorts or {}).get(one.index, short)
        one.is_own_name = own >= OWN_NAMES * len(headings)
    return found


@cache
def field_names() -> frozenset[str]:
    """Names of all fields of the dictionary."""
    return frozenset(column.name for column in catalogue())


def without_lead(headings: Sequence[str]) -> list[str]:
    """The headings without the short mark of the table that stands before nearly all of them."""
    leads = Counter(heading.split("_", 1)[0] for heading in headings if "_" in heading)
    marks = {
        lead
        for lead, often in leads.items()
        if 1 < len(lead) <= 4
        and (often >= 3 or often == len(headings) > 1)
        and not any(word in vocabulary() for form in forms(lead) for word in form)
    }
    return [heading.split("_", 1)[1] if heading.split("_", 1)[0] in marks else heading for heading in headings]


def _column(frame: pl.DataFrame, index: int, heading: str) -> Evidence:
    blank = blank_texts(in_text=False)
    cells = frame.get_column(f"c{index}").drop_nulls()
    counts = cells.value_counts(sort=False).sort(["count", f"c{index}"], descending=[True, False])
    head = counts.head(FREQUENT)
    if counts.height > FREQUENT:
        rest = counts.slice(FREQUENT)
        head = pl.concat([head, rest.gather_every(-(-rest.height // (MOST_TEXTS - FREQUENT)))])
    texts = {text: int(often) for text, often in head.iter_rows() if fold(text) not in blank}
    blanks = sum(int(often) for text, often in head.iter_rows() if fold(text) in blank)
    found = Evidence(
        index,
        heading,
        frame.height,
        cells.len() - blanks,
        counts.height - sum(fold(text) in blank for text in head.get_column(f"c{index}")),
        texts,
        sum(texts.values()),
    )
    _look(found)
    return found


def _look(found: Evidence) -> None:
    values: list[tuple[float, int]] = []
    for text, often in found.texts.items():
        found.longest = max(found.longest, len(text))
        has_digit = any(one.isdigit() for one in text)
        # A day written year-month-day is one in every form, so it is asked first.
        asked: tuple[str, ...] = DATE_STYLES if has_digit and len(text) <= LONGEST_DAY else ()
        asked = ("iso",) if asked and parse_date(text, ("iso",))[0] is not None else asked
        for style in asked:
            day, problem, timed = parse_date(text, (style,))
            if day is not None and 1900 <= day.year <= 2100:
                found.dates[style] = found.dates.get(style, 0) + often
                found.timed += often if timed and style != "serial" else 0
            elif problem == "X-31" and style == "uk":
                found.two_digit_years += often
        number = parse_number(text) if has_digit else None
        if number is not None:
            found.numbers += often
            found.whole += often if number.is_integer() else 0
            values.append((number, often))
        found.flags += often if parse_flag(text) is not None else 0
        found.personal += often if _PERSONAL.fullmatch(text) else 0
        found.ninos += often if _NINO.fullmatch(text) else 0
        found.nino_like += often if _NINO_LIKE.fullmatch(text) else 0
    if found.texts:
        refs = pl.Series(list(found.texts), dtype=pl.String())
        good = why_refused(refs, None).is_null()
        found.references = sum(often for often, fits in zip(found.texts.values(), good, strict=True) if fits)
    if values:
        values.sort()
        half, run = sum(often for _, often in values) / 2, 0
        for number, often in values:
            run += often
            if run >= half:
                found.median = number
                break


def _pieces(text: str, by: str | None) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in text.split(by) if piece.strip()) if by else (text,)


@cache
def labels_of(list_name: str) -> Mapping[str, str]:
    """Code by label, spelling or code of a list, folded: what a spelling is compared with."""
    known = dict(folded_codes(list_name))
    if codelist(list_name).codes and len(known) > 2_000:
        return {fold(code.label): code.code for code in codelist(list_name).codes.values()}
    return known


@lru_cache(maxsize=4_000)
def nearness(texts: tuple[str, ...], list_name: str) -> float:
    """Share of the texts that are near a label of the list, or in it."""
    from rapidfuzz import fuzz, process

    asked = [fold(text) for text in texts if fold(text) not in _GENERIC][:CODE_LIKE]
    if not asked:
        return 0.0
    known = [label for label in labels_of(list_name) if len(label) > 3]
    near = process.cdist(asked, known, scorer=fuzz.token_set_ratio, score_cutoff=NEAR_LABEL)
    return float((near.max(axis=1) >= NEAR_LABEL).sum()) / len(asked)


def styles_of(columns: Iterable[Evidence]) -> dict[str, int]:
    """Cells of each style of date over the columns that hold days."""
    total: dict[str, int] = {}
    for one in columns:
        if one.is_day or one.share(one.two_digit_years) > 0.5:
            for style, often in one.dates.items():
                total[style] = total.get(style, 0) + often
            total["two digits"] = total.get("two digits", 0) + one.two_digit_years
    return total
