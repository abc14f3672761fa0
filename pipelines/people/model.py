"""How two people are compared: the levels of each comparison, how much they weigh, and what they are in words.

The weight of a pair is the sum, over the comparisons, of log2(m / u), and of the weight with which two people drawn at
random are the same one: m is the share of pairs of one person in which the level is met, u that of pairs of two people
(Fellegi and Sunter's model, as Splink reckons it). m stands here: it is ours, assumed, since no authority has enough
confirmed pairs to estimate it from, and its effect is measured in docs/same-person.md. u is estimated from the people
at hand, but for the levels that give one: there the comparisons depend on each other, and their product would count one
fact twice.
"""

from __future__ import annotations

from dataclasses import dataclass

FOR, AGAINST = "for", "against"

REPEATS = 0.03
"""Assumed share of the people who stand under a second reference. Only the zero of the weight depends on it."""

WRONG_NUMBERS = 0.001
"""Assumed share of the people who stand with the National Insurance number of somebody else in the file."""

LARGEST_PRIOR = 0.02
LEAST_SHARE = 0.00005
"""A name or birthday counts as no rarer than this: a name that is met once is often a slip."""

USUAL_SHARES = {"forename": 1 / 300, "surname": 1 / 1500, "born": 1 / 20_000, "address": 0.01}
WEIGHT_OF_USUAL = 1_000
"""How common a value is: counted in the cases of the authority, as if so many cases came to them in which it is as
common as usual, since a hundred cases say little of how common a name is. The usual shares are ours, assumed. The two
cases of the pair itself are not counted."""

GENERATION = 15
"""Years between two births from which on they are more likely a parent's and a child's."""


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison; the first whose ``sql`` is true is met.

    ``m``: see above. ``u``: where it is not estimated. ``least_u``: no estimate is taken to be less. ``side``: whether
    it speaks for or against one person. ``frequency``: column whose common values weigh less than its rare ones.
    """

    name: str
    sql: str
    m: float
    words: str
    side: str
    u: float | None = None
    least_u: float = 1e-5
    frequency: str = ""


@dataclass(frozen=True)
class Comparison:
    """What is compared: its levels in order, the last one for everything else. ``missing``: when it says nothing."""

    name: str
    missing: str
    levels: tuple[Level, ...]

    def level(self, gamma: int) -> Level | None:
        """The level by Splink's number: counted from the last one, which is 0; -1 is missing."""
        return None if gamma < 0 else self.levels[len(self.levels) - 1 - gamma]


def either_missing(column: str) -> str:
    """SQL: whether one of the two has no value."""
    return f"{column}_l is null or {column}_r is null"


ELSE = "ELSE"
_SWAPPED = "forename_l = surname_r and surname_l = forename_r"
_SIBLINGS = "born_l = born_r and (surname_l = surname_r or address_l = address_r)"

NINO = Comparison(
    "nino",
    either_missing("nino"),
    (
        # Its u is set by the number of people: see ``prior``.
        Level("same", "nino_l = nino_r", 0.945, "same National Insurance number", FOR, u=WRONG_NUMBERS),
        Level(
            "close",
            "damerau_levenshtein(nino_l, nino_r) <= 1",
            0.04,
            "National Insurance numbers differ in one character",
            FOR,
            least_u=1e-5,
        ),
        Level("other", ELSE, 0.015, "National Insurance numbers differ", AGAINST),
    ),
)
FORENAME = Comparison(
    "forename",
    either_missing("forename"),
    (
        Level("same", "forename_l = forename_r", 0.80, "same forename", FOR, frequency="forename"),
        Level("swapped", _SWAPPED, 0.01, "forename and surname exchanged", FOR, least_u=1e-5),
        Level(
            "part",
            "starts_with(forename_l, forename_r) or starts_with(forename_r, forename_l)"
            " or list_has_any(string_split(forename_l, ' '), string_split(forename_r, ' '))",
            0.05,
            "one forename is a part or the beginning of the other",
            FOR,
            least_u=0.001,
        ),
        Level(
            "close",
            "jaro_winkler_similarity(forename_l, forename_r) >= 0.88"
            " or damerau_levenshtein(forename_l, forename_r) <= 1",
            0.09,
            "forename spelt alike",
            FOR,
            least_u=0.002,
        ),
        # Twins under two references of their parents: surname, birthday and address agree for one reason.
        Level(
            "sibling",
            _SIBLINGS,
            1e-7,
            "other forename, but the same birthday and surname or address: twins are more likely",
            AGAINST,
            u=0.1,
        ),
        Level("other", ELSE, 0.05, "forenames differ", AGAINST),
    ),
)
SURNAME = Comparison(
    "surname",
    # What exchanged names say is counted once, with the forename.
    f"{either_missing('surname')} or ({_SWAPPED})",
    (
        Level("same", "surname_l = surname_r", 0.80, "same surname", FOR, frequency="surname"),
        Level(
            "part",
            "list_has_any(string_split(surname_l, ' '), string_split(surname_r, ' '))",
            0.03,
            "one surname is a part of the other",
            FOR,
            least_u=0.0005,
        ),
        Level(
            "close",
            "jaro_winkler_similarity(surname_l, surname_r) >= 0.90 or damerau_levenshtein(surname_l, surname_r) <= 1",
            0.08,
            "surname spelt alike",
            FOR,
            least_u=0.001,
        ),
        Level("other", ELSE, 0.09, "surnames differ", AGAINST),
    ),
)
BORN = Comparison(
    "born",
    either_missing("born"),
    (
        Level("same", "born_l = born_r", 0.93, "same date of birth", FOR, frequency="born"),
        Level(
            "swapped",
            "birth_key_l = birth_key_r",
            0.015,
            "day and month of birth exchanged",
            FOR,
            least_u=2e-5,
        ),
        Level(
            "close",
            "damerau_levenshtein(born_l, born_r) <= 1",
            0.03,
            "dates of birth differ in one figure",
            FOR,
            least_u=0.0005,
        ),
        Level(
            "generation",
            f"abs(cast(year_born_l as integer) - cast(year_born_r as integer)) >= {GENERATION}",
            0.0002,
            "born a generation apart: a parent and a child of one name are more likely",
            AGAINST,
            least_u=0.2,
        ),
        Level("other", ELSE, 0.02, "dates of birth differ", AGAINST),
    ),
)
ADDRESS = Comparison(
    "address",
    either_missing("address"),
    (
        # People of one address are mostly one family, with one surname: it may not weigh as if it were chance.
        Level("same", "address_l = address_r", 0.30, "same last address", FOR, least_u=0.01, frequency="address"),
        Level(
            "close",
            "jaro_winkler_similarity(address_l, address_r) >= 0.92",
            0.05,
            "last address written alike",
            FOR,
            least_u=0.005,
        ),
        Level("other", ELSE, 0.65, "other last address", ""),
    ),
)
COMPARISONS = (NINO, FORENAME, SURNAME, BORN, ADDRESS)

BLOCKS = (
    "l.nino = r.nino",
    "l.birth_key = r.birth_key and l.forename_initial = r.forename_initial",
    "l.birth_key = r.birth_key and l.surname_initial = r.surname_initial",
    "l.birth_key = r.birth_key and l.name_key = r.name_key",
    "l.name_key = r.name_key",
    "l.surname = r.surname and l.forename_initial = r.forename_initial and l.year_born = r.year_born",
    "l.forename = r.forename and l.month_born = r.month_born",
    "l.forename = r.forename and l.address = r.address",
)
"""Two people are compared where one of these holds. A pair that meets none has at least two things wrong at once."""


def prior(people: int) -> float:
    """The probability that two of the people, drawn at random, are the same person."""
    return min(LARGEST_PRIOR, 2 * REPEATS / max(people, 2))


def shared_by_error(people: int) -> float:
    """The probability that two people drawn at random stand with one National Insurance number by somebody's slip."""
    return min(WRONG_NUMBERS, 2 * WRONG_NUMBERS / max(people, 2))
