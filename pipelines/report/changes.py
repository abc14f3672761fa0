"""What is said of a figure: how it stands, what it changed from, and whether the figures can say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.emit.pages.words import day
from pipelines.period import Quarter
from pipelines.report.measures import Kind, Measure, Share
from pipelines.report.quantities import Gap, Quantity, Reader, difference_of_counts, difference_of_shares
from pipelines.report.sentences import Fixed, Part, Sentence, When, said, sentence
from pipelines.shown import PERCENT_BASE

Pair = tuple[Quantity, Quantity]
"""A part and its whole."""


@dataclass(frozen=True)
class Start:
    """From which quarter on the records of a subject are complete, and why."""

    quarter: Quarter
    reason: str


@dataclass(frozen=True)
class View:
    """What the sentences are made from: the tables of one edition, its quarter, where each history begins."""

    reader: Reader
    quarter: Quarter
    starts: Mapping[str, Start]

    def value(self, measure: Measure, quarter: Quarter) -> Quantity | Gap:
        """The figure of a quarter; none where the records of its subject are not complete that far back."""
        start = self.starts.get(measure.subject)
        if start is not None and quarter < start.quarter:
            return Gap.EARLY
        return measure.value(self.reader, quarter)

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


def when(kind: Kind, quarter: Quarter) -> When:
    """``on 30 September 2025`` or ``in July to September 2025``."""
    return When(f"on {day(quarter.last_day)}" if kind is Kind.STOCK else f"in {quarter.words}")


def stands(view: View, measure: Measure) -> Sentence | None:
    """``On 30 September 2025, 702 households were in temporary accommodation.``; none without a figure."""
    value = view.value(measure, view.quarter)
    if isinstance(value, Gap):
        return None
    words = measure.one if value.value == 1 else measure.many
    return sentence(_capital(when(measure.kind, view.quarter)), ", ", said(value, measure.unit), f" {words}.")


def stands_share(view: View, share: Share) -> Sentence | None:
    """``In July to September 2025, 13 of 22 prevention duties that ended did so … (59%).``; few get no percentage."""
    pair = view.pair(share, view.quarter)
    if isinstance(pair, Gap) or not pair[1].value:
        return None
    part, whole = pair
    said_of = (_capital(when(share.whole.kind, view.quarter)), ", ", said(part), " of ", said(whole), f" {share.said}")
    if whole.value < PERCENT_BASE:
        return sentence(*said_of, ".")
    return sentence(*said_of, " (", said(part.percent_of(whole), "%"), ").")


def changed(view: View, measure: Measure, earlier: Quarter) -> Sentence | None:
    """``That is 108 more (18%) than on 30 June 2025, when it was 594.``; none without a figure of both."""
    now, then = view.value(measure, view.quarter), view.value(measure, earlier)
    if isinstance(now, Gap) or isinstance(then, Gap):
        return None
    if measure.unit == "£":
        now, then = now.in_pounds(), then.in_pounds()
    difference = (now - then).size()
    if not difference.value:
        return sentence("That is the same as ", when(measure.kind, earlier), ".")
    more = "more" if now.value > then.value else "fewer" if measure.unit == "" else "less"
    share: tuple[Part, ...] = ()
    if then.value >= PERCENT_BASE:
        share = (" (", said(difference.percent_of(then), "%"), ")")
    return sentence(
        "That is ",
        said(difference, measure.unit),
        f" {more}",
        *share,
        " than ",
        when(measure.kind, earlier),
        ", when it was ",
        said(then, measure.unit),
        ".",
    )


def changed_share(view: View, share: Share, earlier: Quarter) -> Sentence | None:
    """The change of a share in percentage points; for few, the numbers of both quarters alone."""
    now, then = view.pair(share, view.quarter), view.pair(share, earlier)
    if isinstance(now, Gap) or isinstance(then, Gap) or not now[1].value or not then[1].value:
        return None
    at = when(share.whole.kind, earlier)
    if min(now[1].value, then[1].value) < PERCENT_BASE:
        return sentence(_capital(at), " it was ", said(then[0]), " of ", said(then[1]), ".")
    now_percent, then_percent = now[0].percent_of(now[1]), then[0].percent_of(then[1])
    difference = (now_percent - then_percent).size()
    before: tuple[Part, ...] = (said(then_percent, "%"), " (", said(then[0]), " of ", said(then[1]), ")")
    if not difference.value:
        return sentence("That is the same percentage as ", at, ": ", *before, ".")
    way = "higher" if now_percent.value > then_percent.value else "lower"
    return sentence("That is ", said(difference, "points"), f" {way} than ", at, ", when it was ", *before, ".")


def why(view: View, measure: Measure, earlier: Quarter) -> Sentence:
    """Whether the figures can say that there was a change, and if not, why not."""
    now, then = view.value(measure, view.quarter), view.value(measure, earlier)
    if isinstance(now, Gap) or isinstance(then, Gap):
        return _no_comparison(view, measure.subject, when(measure.kind, earlier), now, then)
    if measure.is_spread:
        return sentence("No interval is worked out for this kind of figure: read a small change with care.")
    if measure.kind is Kind.STOCK:
        return sentence(
            "Every case on the records is counted, none is estimated: the change is as sure as the records are"
            " complete."
        )
    low, high = difference_of_counts(now, then)
    return _beyond_chance(low, high, "", ("more", "fewer"), when(measure.kind, earlier))


def why_share(view: View, share: Share, earlier: Quarter) -> Sentence:
    """Whether the figures can say that a share changed, and if not, why not."""
    now, then = view.pair(share, view.quarter), view.pair(share, earlier)
    at = when(share.whole.kind, earlier)
    if isinstance(now, Gap) or isinstance(then, Gap):
        return _no_comparison(view, share.subject, at, now, then)
    smaller = min(now[1], then[1], key=lambda whole: whole.value)
    if not smaller.value:
        return sentence("There is nothing to compare: there was none in one of the two quarters.")
    if smaller.value < PERCENT_BASE:
        return sentence(
            "Too few to say that it changed since the figure ",
            at,
            ": one of the two rests on only ",
            said(smaller),
            ".",
        )
    low, high = (_in_points(limit) for limit in difference_of_shares(now, then))
    return _beyond_chance(low, high, "points", ("higher", "lower"), at)


def _in_points(limit: Quantity) -> Quantity:
    return Quantity(100 * float(limit.value), ("100 * ", *limit.terms))


def _beyond_chance(low: Quantity, high: Quantity, unit: str, ways: tuple[str, str], at: When) -> Sentence:
    is_told = low.value > 0 or high.value < 0
    verdict = "more than chance explains" if is_told else "too small a change to be told from chance"
    return sentence(
        "Allowing for chance, the difference from the figure ",
        at,
        " is between ",
        *_limit(low, unit, ways),
        " and ",
        *_limit(high, unit, ways),
        " (",
        Fixed("95%"),
        f" interval): {verdict}.",
    )


def _limit(limit: Quantity, unit: str, ways: tuple[str, str]) -> tuple[Part, ...]:
    up, down = ways
    return (said(limit.size(), unit), f" {up if limit.value >= 0 else down}")


def _no_comparison(
    view: View, subject: str, at: When, now: Pair | Quantity | Gap, then: Pair | Quantity | Gap
) -> Sentence:
    if then is Gap.EARLY:
        start = view.starts[subject]
        return sentence(
            "No comparison with the figure ",
            at,
            " is made: the records are complete only from ",
            When(start.quarter.words),
            " on.",
        )
    if Gap.HIDDEN in (now, then):
        return sentence("The change from the figure ", at, " is not given: small numbers are left out of this edition.")
    return sentence("There is no figure ", at, " to compare with.")


def _capital(at: When) -> When:
    return When(at.words[0].upper() + at.words[1:])
