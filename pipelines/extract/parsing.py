"""From cell text to values. One spelling at a time: callers pass each distinct text once."""

from __future__ import annotations

import math
import re
from functools import cache

from pipelines.extract.dates import expected_dates as expected_dates
from pipelines.extract.dates import parse_date as parse_date
from schemas.codelists.spellings import exact_codes as exact_codes
from schemas.codelists.spellings import fold as fold
from schemas.codelists.spellings import folded_codes as folded_codes
from schemas.codelists.spellings import plain
from schemas.sources import blanks

INTEGER, NUMBER, FLAG, CODE = "X-32", "X-33", "X-34", "X-35"

_DIGITS = r"((?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)"
_CURRENCY = re.compile(r"£ ?|^GBP ?| ?GBP$")
_NO_CREDIT = re.compile(r"[^()]*[^-()A-Za-z]")
_MONEY = re.compile(rf"([-+])?(?:\({_DIGITS}\)|{_DIGITS})(?: ?(-|CR|DR))?")

# A tick is a yes wherever one stands; a cross may be either, and a profile has to say which.
YES = ("yes", "y", "true", "t", "1", "✓", "✔", "☑", "✅")
NO = ("no", "n", "false", "f", "0")

UNHOLDABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""What XML 1.0 cannot hold, in no spelling (its production 2, Char), as Polars writes it; surrogates cannot be read."""


def code_points(text: str) -> str:
    """The characters of the text that XML cannot hold, by their numbers: ``U+0007, U+FFFE``."""
    found = re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
    return ", ".join(f"U+{ord(one):04X}" for one in dict.fromkeys(found))


@cache
def blank_texts(*, in_text: bool) -> frozenset[str]:
    """Folded texts that mean an empty cell, in free text or (more of them) in typed columns, those of codes too."""
    return frozenset(fold(value) for value, also, in_codes in blanks() if also or (in_codes and not in_text))


@cache
def unknown_texts() -> frozenset[str]:
    """Further ones of columns of days, numbers, and yes or no."""
    return frozenset(fold(value) for value, _, in_codes in blanks() if not in_codes)


def parse_number(text: str) -> float | None:
    """The number; £, GBP, thousands commas and the marks of accounts for a credit are allowed.

    ``(120.00)``, ``120.00-`` and ``120.00 CR`` are below 0.
    """
    found = _MONEY.fullmatch(_CURRENCY.sub("", plain(text).upper()))
    if found is None:
        return None
    before, in_brackets, bare, after = found.groups()
    digits, signs = in_brackets or bare, [sign for sign in (before, after, in_brackets) if sign]
    number = float(digits.replace(",", ""))
    is_credit = bool(in_brackets) or before == "-" or after in ("-", "CR")
    return (-number if is_credit else number) if math.isfinite(number) and len(signs) < 2 else None


def parse_integer(text: str) -> int | None:
    """The whole number; 3.0 is one, 3.5 is not, and neither is (3), whose brackets need not mean a credit."""
    number = parse_number(text) if _NO_CREDIT.fullmatch(text) else None
    # Beyond 2^53 a float no longer tells whole numbers apart.
    return int(number) if number is not None and number.is_integer() and abs(number) < 2**53 else None


_YEARS = re.compile(r"(\d{1,3}) ?(?:y|yrs?|years?)(?:,? ?(?:and )?\d{1,2} ?(?:m|mths?|months?))?(?: old)?")
_MONTHS = re.compile(r"(\d{1,2}) ?(?:m|mths?|months?)(?: old)?")
_LESS = re.compile(r"\d{1,2} ?(?:w|wks?|weeks?|d|days?)(?: old)?|(?:<|under|less than) ?1(?: year)?")


def parse_age(text: str) -> int | None:
    """Whole years of an age: 34, ``34 yrs``, ``18 months`` (1), ``6 weeks`` (0), ``<1`` (0)."""
    folded = fold(text)
    if match := _YEARS.fullmatch(folded):
        return int(match[1])
    if match := _MONTHS.fullmatch(folded):
        return int(match[1]) // 12
    return 0 if _LESS.fullmatch(folded) else parse_integer(text)


def parse_flag(text: str) -> bool | None:
    """True for yes, false for no, in the spellings of ``YES`` and ``NO``."""
    folded = fold(text)
    return True if folded in YES else False if folded in NO else None
