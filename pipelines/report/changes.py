"""What is said of a figure: how it stands, what it changed from, and whether the figures can say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pipelines.emit.pages.words import day
from pipelines.period import Quarter
from pipelines.report.measures import Kind, Measure, Share
from pipelines.report.quantities import (
    Gap,
    Quantity,
    Reader,
    can_be_told_apart,
    difference_of_counts,
    difference_of_shares,
)
from pipelines.report.sentences import Fixed, Part, Said, Sentence, When, about, said, sentence
from pipelines.shown import PERCENT_BASE

Pair = tuple[Quantity, Quantity]
"""A part and its whole."""


@dataclass(frozen=True)
class Start:
    """From which quarter on the records of a subject are complete, and why."""

    quarter: Quarter
    reason: str
    stock_from: date | None = None
    """First day on which all who were there are on record; by default the quarter's first."""


@dataclass(frozen=True)
class View:
    """What the sentences are made from: the tables of one edition, its quarter, where each history begins."""

    reader: Reader
    quarter: Quarter
    starts: Mapping[str, Start]

    def is_early(self, subject: str, quarter: Quarter, *, is_stock: bool = False) -> bool:
        """Whether the records of the subject are not complete that far back; of a stock, at the quarter's end."""
        start = self.starts.get(subject)
        if start is None:
            return False
        if is_stock and start.stock_from is not None:
            return quarter.last_day < start.stock_from
        return quarter < start.quarter

    def value(self, measure: Measure, quarter: Quarter) -> Quantity | Gap:
        """The figure of a quarter; none where the records of its subject are not complete that far back."""
        is_early = self.is_early(measure.subject, quarter, is_stock=measure.kind is Kind.STOCK)
        return Gap.EARLY if is_early else measure.value(self.reader, quarter)

    def pair(self, share: Share, quarter: Quarter) -> Pair | Gap:
        """Part and whole of a share of a quarter."""
        whole, part = self.value(share.whole, quarter), self.value(share.part, quarter)
        if isinstance(whole, Gap):
            return whole
        return part if isinstance(part, Gap) else (part, whole)

    @property
    def before(self) -> tuple[Quarter, Quarter]:
        """The quarter before and the same quarter a year before."""
        return self.quarter.shift(-1), self.quarter.shift(-4)


class Verdict(Enum):
    """What the figures of two quarters can say together."""

    CHANGED = "changed, by a count of all or by more than chance explains"
    CHANCE = "changed too little to be told from chance"
    ROUNDING = "within rounding"
    SAME = "the same"
    FEW = "rests on too few"
    NONE = "no comparison"


@dataclass(frozen=True)
class Comparison:
    """A figure beside that of an earlier quarter.

    ``change`` is said after how the figure stands, ``moved`` says the same in a few words; both are missing where there
    is no figure of both. ``why``: whether the figures can say that something changed.
    """

    verdict: Verdict
    why: Sentence
    change: Sentence | None = None
    moved: Sentence | None = None


NO_INTERVAL = sentence("No interval is worked out for this kind of figure: read a small change with care.")
OF_ALL = sentence("All on the records are counted, none is estimated: the change is as sure as the records.")


_SHARES_OF_ROUNDED = sentence(
    "All on the records are counted, none is estimated, but the figures are rounded: so is what the percentages are of."
)


def when(kind: Kind, quarter: Quarter) -> When:
    """``on 30 September 2025`` or ``in July to September 2025``."""
    return When(f"on {day(quarter.last_day)}" if kind is Kind.STOCK else f"in {quarter.words}")


def capital(at: When) -> When:
    """The same at the start of a sentence."""
    return When(at.words[0].upper() + at.words[1:])


def stands(view: View, item: Measure | Share) -> Sentence | None:
    """``On 30 September 2025, 702 households were in temporary accommodation.``; none without a figure."""
    if isinstance(item, Share):
        return _share_stands(view, item)
    value = view.value(item, view.quarter)
    if isinstance(value, Gap):
        return None
    before, after = (item.one if value.value == 1 else item.many).split("{}")
    return sentence(capital(when(item.kind, view.quarter)), f", {before}", about(value, item.unit), Fixed(f"{after}."))


def _share_stands(view: View, share: Share) -> Sentence | None:
    pair = view.pair(share, view.quarter)
    if isinstance(pair, Gap) or not pair[1].value:
        return None
    at = capital(when(share.whole.kind, view.quarter))
    return sentence(at, ", ", *part_of(pair, Fixed(f" {share.said}")), ".")


def part_of(pair: Pair, words: Part = "") -> tuple[Part, ...]:
    """``24 of 48 (50%)``; of few, no percentage. ``words`` go after the whole."""
    part, whole = pair
    counts: tuple[Part, ...] = (about(part), " of ", about(whole), words)
    if not shows_percent(whole):
        return counts
    return (*counts, " (", said(part.percent_of(whole), "%"), ")")


def shows_percent(whole: Quantity) -> bool:
    """Whether a percentage of so many can be shown: one more or less, or the rounding, moves it by 5 points at most."""
    return whole.value >= PERCENT_BASE * max(whole.slack, 1)


def compare(view: View, item: Measure | Share, earlier: Quarter) -> Comparison:
    """The figure of the quarter beside that of an earlier one."""
    return _of_shares(view, item, earlier) if isinstance(item, Share) else _of_counts(view, item, earlier)


def _of_counts(view: View, measure: Measure, earlier: Quarter) -> Comparison:
    now, then = view.value(measure, view.quarter), view.value(measure, earlier)
    at = when(measure.kind, earlier)
    if isinstance(now, Gap) or isinstance(then, Gap):
        return Comparison(Verdict.NONE, _no_comparison(view, measure.subject, at, now, then))
    difference = (now - then).size()
    change, moved = _change(measure, now, then, at)
    if not now.slack and not difference.value:
        return Comparison(Verdict.SAME, OF_ALL, change, moved)
    if measure.kind is Kind.STOCK or measure.is_spread:
        if now.slack and difference.value <= difference.slack:
            return Comparison(Verdict.ROUNDING, _of_rounded(difference), change, moved)
        why = OF_ALL if not now.slack else _of_rounded(difference)
        return Comparison(Verdict.CHANGED, NO_INTERVAL if measure.is_spread else why, change, moved)
    why, is_told = _beyond_chance(
        difference_of_counts(now, then), "", ("more", "fewer"), at, is_rounded=bool(now.slack)
    )
    return Comparison(Verdict.CHANGED if is_told else Verdict.CHANCE, why, change, moved)


def _of_rounded(difference: Quantity) -> Sentence:
    return sentence(
        "All on the records are counted, none is estimated, but the figures are rounded: a difference of up to ",
        Fixed(str(difference.slack)),
        " can come of that.",
    )


def _change(measure: Measure, now: Quantity, then: Quantity, at: When) -> tuple[Sentence, Sentence]:
    if measure.unit == "£":
        now, then = now.in_pounds(), then.in_pounds()
    difference, before = (now - then).size(), about(then, measure.unit)
    if difference.slack and not now.value and not then.value:
        same = sentence("It was ", before, " ", at, " too.")
        return same, same
    if difference.slack and difference.value <= difference.slack:
        return (
            sentence("That is within rounding of the figure ", at, ", which was ", before, "."),
            sentence("Within rounding of ", before, " ", at, "."),
        )
    if not difference.value:
        same = sentence("That is the same as ", at, ".")
        return same, same
    is_up = now.value > then.value
    more = "more" if is_up else "less" if measure.unit else "fewer"
    share: tuple[Part, ...] = ()
    percent = difference.percent_of(then) if shows_percent(then) else None
    if percent is not None and not percent.value:
        share = (Fixed(" (less than 1%)"),)
    elif percent is not None:
        share = (" (", said(percent, "%"), ")")
    by = about(difference, measure.unit)
    return (
        sentence("That is ", by, f" {more}", *share, " than ", at, ", when it was ", before, "."),
        sentence("Up " if is_up else "Down ", by, *share, " from ", before, " ", at, "."),
    )


def _of_shares(view: View, share: Share, earlier: Quarter) -> Comparison:
    now, then = view.pair(share, view.quarter), view.pair(share, earlier)
    at = when(share.whole.kind, earlier)
    if isinstance(now, Gap) or isinstance(then, Gap):
        return Comparison(Verdict.NONE, _no_comparison(view, share.subject, at, now, then))
    smaller = min(now[1], then[1], key=lambda whole: whole.value)
    if not smaller.value:
        return Comparison(Verdict.NONE, sentence("There is nothing to compare: there was none ", at, "."))
    is_rounded = bool(smaller.slack)
    if smaller.lowest.value < PERCENT_BASE:
        change = sentence(capital(at), " it was ", *part_of(then), ".")
        why = sentence("Too few to tell a change from the figure ", at, ": one of them rests on ", about(smaller), ".")
        return Comparison(Verdict.FEW, why, change, change)
    if share.whole.kind is Kind.STOCK:
        return _of_stock(now, then, smaller, at)
    low, high = difference_of_shares(now, then)
    limits = (_in_points(low), _in_points(high))
    why, is_told = _beyond_chance(limits, "points", ("higher", "lower"), at, is_rounded=is_rounded)
    verdict = Verdict.CHANGED if is_told else Verdict.CHANCE
    if not shows_percent(smaller):
        change = sentence(capital(at), " it was ", *part_of(then), ".")
        return Comparison(verdict, why, change, change)
    change, moved, is_same = _points(now, then, at)
    return Comparison(Verdict.SAME if is_same else verdict, why, change, moved)


def _of_stock(now: Pair, then: Pair, smaller: Quantity, at: When) -> Comparison:
    if not shows_percent(smaller):
        change = sentence(capital(at), " it was ", *part_of(then), ".")
        return Comparison(Verdict.CHANGED, OF_ALL, change, change)
    if smaller.slack and not can_be_told_apart(now, then):
        change = sentence("That is within rounding of the figure ", at, ", which was ", *part_of(then), ".")
        return Comparison(Verdict.ROUNDING, _SHARES_OF_ROUNDED, change, change)
    change, moved, is_same = _points(now, then, at)
    return Comparison(Verdict.SAME if is_same else Verdict.CHANGED, OF_ALL, change, moved)


def _points(now: Pair, then: Pair, at: When) -> tuple[Sentence, Sentence, bool]:
    now_percent, then_percent = now[0].percent_of(now[1]), then[0].percent_of(then[1])
    difference = (now_percent - then_percent).size()
    before: tuple[Part, ...] = (said(then_percent, "%"), " (", about(then[0]), " of ", about(then[1]), ")")
    if not difference.value:
        same = sentence("That is the same percentage as ", at, ": ", *before, ".")
        return same, same, True
    is_up, by = now_percent.value > then_percent.value, said(difference, "points")
    change = sentence("That is ", by, f" {'higher' if is_up else 'lower'} than ", at, ", when it was ", *before, ".")
    return change, sentence("Up " if is_up else "Down ", by, " from ", *before, " ", at, "."), False


def _in_points(limit: Quantity) -> Quantity:
    return Quantity(100 * float(limit.value), ("100 * ", *limit.terms))


def _beyond_chance(
    limits: Pair, unit: str, ways: tuple[str, str], at: When, *, is_rounded: bool
) -> tuple[Sentence, bool]:
    low, high = limits
    is_told = low.value > 0 or high.value < 0
    verdict = "more than chance explains" if is_told else "too small a change to be told from chance"
    why = sentence(
        f"Allowing for chance{' and rounding' if is_rounded else ''}, the difference from ",
        When(at.words.split(" ", 1)[1]),
        " is between ",
        *_limit(low, unit, ways),
        " and ",
        *_limit(high, unit, ways),
        f": {verdict}.",
    )
    return why, is_told


def _limit(limit: Quantity, unit: str, ways: tuple[str, str]) -> tuple[Said, str]:
    up, down = ways
    return said(limit.size(), unit), f" {up if limit.value >= 0 else down}"


def _starts_later(view: View, subject: str) -> Sentence:
    start = When(view.starts[subject].quarter.words)
    return sentence("What is before ", start, " is not compared with: the records of it are not complete.")


def _no_comparison(
    view: View, subject: str, at: When, now: Pair | Quantity | Gap, then: Pair | Quantity | Gap
) -> Sentence:
    if then is Gap.EARLY:
        return _starts_later(view, subject)
    if Gap.HIDDEN in (now, then):
        return sentence("The change from the figure ", at, " is not given: it holds small numbers.")
    return sentence("There is no figure ", at, " to compare with.")
