"""Spellings that no code list knows, with the code that is nearest, where they may be shown at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.extract.parsing import blank_texts, fold, folded_codes
from pipelines.profiles.evidence import CODE_LIKE, LONGEST_CODE, Evidence, labels_of
from pipelines.profiles.matching import Match
from pipelines.profiles.sheets import Sheet
from pipelines.profiles.words import word_set
from schemas.codelists import codelist

SHOWN_FROM = 3
"""Cells, and cases, that a spelling must have before it is shown: what fewer have may be about one of them."""
SUGGESTED_FROM = 62.0
"""Likeness, of 100, from which a code is suggested."""
LEAST_KNOWN = 0.2
"""Share of a column that its code list knows, from which its other texts are taken for codes as well."""
PHRASE = 3
"""Words of a text that is no name."""
# A code of the system: short, with a digit, or three letters at most.
_OPAQUE = re.compile(r"(?=[A-Z_-]*\d)[A-Z\d_-]{1,8}|[A-Z]{1,3}")
APART = 1.5
"""By which a code must be nearer than the next one."""
LEAST_LETTERS = 3
"""Letters of a word by which a label is looked for."""
# Short forms of labels, as officers write them.
_SHORT = {
    "ast": "assured shorthold tenancy",
    "prs": "private rented sector",
    "srs": "social rented sector",
    "rp": "registered provider",
    "ha": "housing association",
    "b&b": "bed breakfast",
    "bnb": "bed breakfast",
    "da": "domestic abuse",
    "dv": "domestic abuse",
    "violence": "abuse",
    "nfa": "fixed abode",
    "hmo": "house multiple occupation",
    "la": "local authority",
    "council": "council local authority",
    "ta": "temporary accommodation",
    "accom": "accommodation",
    "uc": "universal credit",
    "hb": "housing benefit",
    "ft": "full time",
    "pt": "part time",
    "fulltime": "full time",
    "parttime": "part time",
    "mh": "mental health",
    "lc": "local connection",
    "unemployed": "registered unemployed",
    "parents": "family",
    "parent": "family",
    "relatives": "family",
    "asked": "no longer willing",
    "custody": "custody",
    "prison": "custody",
}
_IDLE = word_set("of the a an to or and by in on at with for is was")
# What may tell who somebody is, in whatever column it stands.
_UNSHOWN = re.compile(r"\d{4,}|@|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}\b")
_NOT = re.compile(r"\b(?:no|not|non|never|without|un\w+|in(?:eligible|tentional\w*))\b")


@dataclass(frozen=True)
class Spelling:
    """One spelling that is not understood."""

    text: str
    cells: int
    code: str | None
    label: str


@dataclass(frozen=True)
class Unmapped:
    """What of a column is not understood."""

    list_name: str
    heading: str
    shown: tuple[Spelling, ...]
    unshown: int
    """Different spellings that are not shown."""
    unshown_cells: int
    cells: int


def unmapped(match: Match, sheet: Sheet, columns: Sequence[Evidence], case: int | None) -> Unmapped | None:
    """The spellings under a code field that its list does not know; none where all are known."""
    list_name = match.column.codelist
    if list_name is None:
        return None
    known, blank = folded_codes(list_name), blank_texts(in_text=False)
    counts: dict[str, int] = {}
    cases: dict[str, int] = {}
    may_show = all(not columns[index].is_personal for index in match.columns)
    for index in match.columns:
        for text, often, of_cases in _counted(sheet.frame, index, case, match.separator):
            if fold(text) in known or fold(text) in blank:
                continue
            counts[text] = counts.get(text, 0) + often
            cases[text] = cases.get(text, 0) + of_cases
    if not counts:
        return None
    few = len(counts) <= CODE_LIKE
    understood = sum(columns[index].understood(list_name, match.separator) for index in match.columns)
    known_share = max(understood / max(len(match.columns), 1), near_share(list(counts), list_name) if few else 0.0)
    shown = []
    for text, often in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        told = may_show and few and min(often, cases[text]) >= SHOWN_FROM and is_showable(text)
        if told and is_code_word(text, list_name, known_share):
            code, label = nearest(text, list_name)
            shown.append(Spelling(text, often, code, label))
    left = {text: often for text, often in counts.items() if text not in {one.text for one in shown}}
    return Unmapped(
        list_name, " + ".join(match.headings), tuple(shown), len(left), sum(left.values()), sum(counts.values())
    )


def near_share(texts: Sequence[str], list_name: str) -> float:
    """Share of the texts that a code can be suggested for."""
    return sum(nearest(text, list_name)[0] is not None for text in texts) / len(texts) if texts else 0.0


def is_code_word(text: str, list_name: str, share: float) -> bool:
    """Whether the spelling is one of codes, and not a name that stands under the wrong heading.

    Args:
        text: the spelling.
        list_name: the code list of the field.
        share: share of the column's cells that the list knows, or of its texts that are near a label.
    """
    if _OPAQUE.fullmatch(text):
        return True
    return share >= LEAST_KNOWN and (nearest(text, list_name)[0] is not None or len(text.split()) >= PHRASE)


def is_showable(text: str) -> bool:
    """Whether a spelling can be shown: short, and nothing in it looks like a person, a day or a number of somebody."""
    return len(text) <= LONGEST_CODE and _UNSHOWN.search(text) is None and all(one.isprintable() for one in text)


def _counted(frame: pl.DataFrame, index: int, case: int | None, by: str | None) -> list[tuple[str, int, int]]:
    cell = pl.col(f"c{index}")
    ref = pl.col(f"c{case}") if case is not None else pl.col("_row")
    rows = frame.select(cell.alias("text"), ref.alias("ref")).drop_nulls("text")
    if by:
        rows = rows.with_columns(pl.col("text").str.split(by)).explode("text")
        rows = rows.with_columns(pl.col("text").str.strip_chars()).filter(pl.col("text") != "")
    counted = rows.group_by("text").agg(pl.len().alias("cells"), pl.col("ref").n_unique().alias("cases")).sort("text")
    return [(text, int(cells), int(of_cases)) for text, cells, of_cases in counted.iter_rows()]


def nearest(text: str, list_name: str) -> tuple[str | None, str]:
    """The code whose label or spelling is nearest, and its label; none where nothing is near."""
    asked = _plain(text)
    if not any(len(word) >= LEAST_LETTERS and word.isalpha() for word in asked.split()):
        return None, ""  # a number or an abbreviation that only the system knows
    found: dict[str, float] = {}
    for label, code in _plain_labels(list_name):
        found[code] = max(found.get(code, 0.0), _likeness(asked, label))
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    if not ordered or ordered[0][1] < SUGGESTED_FROM or (len(ordered) > 1 and ordered[0][1] - ordered[1][1] < APART):
        return None, ""
    code = ordered[0][0]
    return code, codelist(list_name).codes[code].label


def _likeness(asked: str, label: str) -> float:
    from rapidfuzz import fuzz

    if bool(_NOT.search(asked)) != bool(_NOT.search(label)):
        return 0.0
    words, others = set(asked.split()), set(label.split())
    shared = sum(len(word) for word in words & others)
    subset = 0.9 * fuzz.token_set_ratio(asked, label) if shared >= LEAST_LETTERS else 0.0
    covered = shared / max(min(sum(map(len, words)), sum(map(len, others))), 1)
    return max(fuzz.token_sort_ratio(asked, label), subset * (0.5 + 0.5 * covered))


def _plain(text: str) -> str:
    """The words of a label without case, marks, plural and short forms."""
    words = re.findall(r"[a-z&0-9]+", fold(text).replace("b & b", "b&b"))
    found = [part for word in words for part in _SHORT.get(word, word).split()]
    kept = [word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word for word in found]
    return " ".join(word for word in kept if word not in _IDLE)


@cache
def _plain_labels(list_name: str) -> tuple[tuple[str, str], ...]:
    return tuple((_plain(raw), code) for raw, code in labels_of(list_name).items() if _plain(raw))
