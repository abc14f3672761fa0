"""Who is who: endings, decisions and stays are given to the cases that can have had them, or to cases from before."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.synthesise import codes
from pipelines.synthesise.case import BEFORE, Case, Decision, Ending, Stay

_SAME_QUARTER_SHARE = 0.4
_LINKED_STAYS = 0.8
_YOUNG = "16-17"


@dataclass
class Quartered:
    """All that one quarter's tables ask for."""

    assessed: list[Case]
    prevention: list[Ending]
    relief: list[Ending]
    decisions: list[Decision]
    main: list[Ending]
    stays: list[Stay]


@dataclass
class _Pool:
    """Cases with a duty open, by household type; None stands for a type not settled yet."""

    cases: dict[str | None, list[Case]] = field(default_factory=lambda: defaultdict(list))

    def add(self, case: Case) -> None:
        self.cases[case.household].append(case)

    def size(self) -> int:
        return sum(map(len, self.cases.values()))

    def take(self, household: str | None) -> Case | None:
        """A case of that household type, or of the commonest one where none is asked for."""
        if household is not None:
            for key in (household, None):
                if self.cases.get(key):
                    case = self.cases[key].pop()
                    case.household = household
                    return case
            return None
        key = max(self.cases, key=lambda k: len(self.cases[k]), default=None)
        return self.cases[key].pop() if self.cases.get(key) else None

    def shuffle(self, rng: random.Random) -> None:
        for cases in self.cases.values():
            rng.shuffle(cases)


class Linker:
    """Carries the open caseload from quarter to quarter; ``cases`` are all cases made so far."""

    def __init__(self, rng: random.Random, begins_with_the_act: bool) -> None:
        self.rng = rng
        self.share = 1.0 if begins_with_the_act else _SAME_QUARTER_SHARE
        self.cases: list[Case] = []
        self.prevention = _Pool()
        self.relief = _Pool()
        self.undecided: list[Case] = []
        self.accepted: list[Case] = []

    def add(self, quarter: int, asked: Quartered) -> None:
        """Take up one more quarter, all but its stays."""
        rng = self.rng
        fresh_prevention, fresh_relief = _Pool(), _Pool()
        for case in asked.assessed:
            self.cases.append(case)
            if case.prevention:
                fresh_prevention.add(case)
            elif case.relief:
                fresh_relief.add(case)
        for pool in (fresh_prevention, fresh_relief, self.prevention, self.relief):
            pool.shuffle(rng)
        self._end_prevention(quarter, asked.prevention, fresh_prevention, fresh_relief)
        self._end_relief(quarter, asked.relief, fresh_relief)
        self._decide(asked.decisions)
        self._end_main(asked.main)
        for old, fresh in ((self.prevention, fresh_prevention), (self.relief, fresh_relief)):
            for cases in fresh.cases.values():
                for case in cases:
                    old.add(case)

    def _ordered(self, endings: list[Ending]) -> list[Ending]:
        hand = list(endings)
        self.rng.shuffle(hand)
        return sorted(hand, key=lambda e: e.household is None)

    def _end_prevention(self, quarter: int, endings: list[Ending], fresh: _Pool, relief: _Pool) -> None:
        allowed = round(fresh.size() * self.share)
        for ending in self._ordered(endings):
            case = self.prevention.take(ending.household)
            if case is None and allowed:
                case = fresh.take(ending.household)
                allowed -= case is not None
            if case is None:
                case = self._old(Case(None, "prevention", household=ending.household, prevention=True))
            case.prevention_end = ending
            if ending.outcome == "homeless":
                case.relief = True
                self.relief.add(case)
        del quarter, relief

    def _end_relief(self, quarter: int, endings: list[Ending], fresh: _Pool) -> None:
        allowed = round(fresh.size() * self.share)
        waiting = _Pool()
        for key, cases in list(self.relief.cases.items()):
            ready = [c for c in cases if c.prevention_end is None or c.prevention_end.quarter < quarter]
            waiting.cases[key] = [c for c in cases if c not in ready] if len(ready) < len(cases) else []
            self.relief.cases[key] = ready
        for ending in self._ordered(endings):
            case = self.relief.take(ending.household)
            if case is None and allowed:
                case = fresh.take(ending.household)
                allowed -= case is not None
            if case is None:
                case = self._old(Case(None, "relief", household=ending.household, relief=True))
            case.relief_end = ending
            if ending.outcome == "elapsed_56":
                self.undecided.append(case)
        for cases in waiting.cases.values():
            for case in cases:
                self.relief.add(case)

    def _decide(self, decisions: list[Decision]) -> None:
        hand = list(decisions)
        self.rng.shuffle(hand)
        hand.sort(key=lambda d: d.family is None)
        self.rng.shuffle(self.undecided)
        buckets: dict[bool | None, list[Case]] = {True: [], False: [], None: []}
        for case in self.undecided:
            buckets[None if case.household is None else case.household in codes.FAMILIES].append(case)
        for decision in hand:
            wanted = [decision.family, None] if decision.family is not None else [False, True, None]
            found = next((buckets[k].pop() for k in wanted if buckets[k]), None)
            case = found or self._old(Case(None, "relief", relief=True))
            if found is None:
                case.relief_end = Ending(BEFORE, "elapsed_56")
            if case.household is None:
                case.household = self._household(decision.family)
            case.decision = decision
            if decision.decision == "accepted":
                self.accepted.append(case)
        self.undecided = [case for cases in buckets.values() for case in cases]

    def _end_main(self, endings: list[Ending]) -> None:
        if not endings:
            return
        now = endings[0].quarter
        earlier = [
            c
            for c in self.accepted
            if c.main_end is None
            and c.decision is not None
            and c.decision.quarter < now
            and (not c.stays or c.stays[-1].quarter == now - 1)
        ]
        self.rng.shuffle(earlier)
        for ending in endings:
            if earlier and self.rng.random() < 0.5:
                case = earlier.pop()
            else:
                case = self._old(Case(None, "relief", household=self._household(None), relief=True))
                case.relief_end = Ending(BEFORE, "elapsed_56")
                family = case.household in codes.FAMILIES
                need = "children" if family else self.rng.choice(("physical", "mental", "da"))
                case.decision = Decision(BEFORE, "accepted", need, family)
            case.main_end = ending

    def _household(self, family: bool | None) -> str:
        if family is None:
            family = self.rng.random() < 0.55
        if family:
            return self.rng.choice(("single_parent_female",) * 6 + ("couple_children",) * 3 + ("single_parent_male",))
        return self.rng.choice(("single_adult_male",) * 5 + ("single_adult_female",) * 3 + ("couple_no_children",))

    def _old(self, case: Case) -> Case:
        case.old = True
        self.cases.append(case)
        return case

    def place(self, quarter: int, stays: list[Stay], first_days: int, since_act: int) -> None:
        """Give the households in temporary accommodation to cases that can be theirs, else to cases from before.

        Households who were there a quarter earlier have their case already; ``first_days`` is the length of the window
        up to the quarter's last day, ``since_act`` the days from the Act's first day to it.
        """
        relief = _by_person(
            case
            for case in self.cases
            if case.relief and case.relief_end is None and not case.stays and not case.old and case.duty
        )
        main: dict[str | None, list[Case]] = defaultdict(list)
        for case in self.accepted:
            if case.main_end is None and not case.stays:
                main[case.household].append(case)
        hand = [stay for stay in stays if not stay.stayed]
        self.rng.shuffle(hand)
        for stay in hand:
            chain = chain_of(stay)
            found = self._case_for(stay, {s.duty for s in chain}, relief, main, first_days)
            case = found or self._from_before(chain)
            case.stays = chain
            case.household = stay.household
            case.ethnicity = stay.ethnicity
            if case.assessed is None:
                case.age = stay.age
        self._hold(stays, since_act)

    def _hold(self, stays: list[Stay], since_act: int) -> None:
        """Whoever is still there next quarter keeps the duty open; whoever leaves may see it end then."""
        staying = {id(stay) for stay in stays if stay.later is not None}
        for key, cases in self.relief.cases.items():
            self.relief.cases[key] = [c for c in cases if not (c.stays and id(c.stays[0]) in staying)]
        leaving = {id(stay) for stay in stays if stay.later is None}
        known = {id(case) for case in self.accepted}
        for case in self.cases:
            if not case.stays or id(case.stays[-1]) not in leaving or not case.old:
                continue
            last = case.stays[-1]
            if last.days > since_act:
                # Placed before the Act: it has no duty under it that could end.
                continue
            if last.duty in {"interim", "s189b"} and case.relief and case.relief_end is None:
                self.relief.add(case)
            elif last.duty == "s193" and case.decision is not None and case.main_end is None and id(case) not in known:
                self.accepted.append(case)

    def _case_for(
        self,
        stay: Stay,
        duties: set[str | None],
        relief: dict[tuple[str, ...], list[Case]],
        main: dict[str | None, list[Case]],
        days: int,
    ) -> Case | None:
        if self.rng.random() > _LINKED_STAYS or stay.household == "nk":
            return None
        if stay.age == _YOUNG and stay.later is not None:
            # Single years of age over several quarters leave no room for the day of assessment.
            return None
        if duties <= {"interim", "s189b"} and stay.days < days:
            bucket = relief.get((stay.household, stay.ethnicity or "nk", stay.age or "nk"), [])
            while bucket:
                case = bucket.pop()
                moved = case.prevention_end
                if not _was_family(stay, case):
                    continue
                if moved is None or (moved.quarter == stay.quarter and stay.days < 60):
                    return case
        if duties == {"s193"}:
            places = main.get(stay.household, [])
            for _ in range(min(3, len(places))):
                case = places.pop()
                if not _was_family(stay, case):
                    places.insert(0, case)
                    continue
                if case.assessed is None and case.prevention_end is None:
                    return case
                alike = case.ethnicity == stay.ethnicity and case.age == stay.age
                if alike and stay.days < days and case.prevention_end is None:
                    return case
                places.insert(0, case)
        return None

    def _from_before(self, chain: list[Stay]) -> Case:
        """A case from before the window whose state lets every stay count under its duty."""
        stay, duties = chain[0], {s.duty for s in chain}
        settled = {"s193", "interim", "ended"}
        if not (duties <= settled or duties <= {"interim", "s189b"}):
            return self._old(Case(legacy=True))
        case = self._old(Case(None, "relief", relief=True))
        if duties <= {"interim", "s189b"}:
            return case
        family = stay.household in codes.FAMILIES
        case.relief_end = Ending(BEFORE, "elapsed_56")
        need = "children" if family else "young_16_17" if stay.age == "16-17" else "physical"
        case.decision = Decision(BEFORE, "accepted", need, family)
        if duties == {"ended"}:
            case.main_end = Ending(BEFORE, self.rng.choice(("part6_refused", "prs_refused", "voluntary")))
        return case


def _was_family(stay: Stay, case: Case) -> bool:
    """Whether a family had a child already when the window counted its case first."""
    if stay.household not in codes.FAMILIES or not stay.members:
        return True
    events = (case.prevention_end, case.relief_end, case.decision, case.main_end)
    counted = [case.assessed, *(event.quarter for event in events if event is not None)]
    first = min((quarter for quarter in counted if quarter is not None and quarter != BEFORE), default=stay.quarter)
    return min(member.born for member in stay.members if member.dependent) <= first


def chain_of(stay: Stay) -> list[Stay]:
    """The stay and the same household's stays in the quarters that follow."""
    chain = [stay]
    while chain[-1].later is not None:
        chain.append(chain[-1].later)
    return chain


def _by_person(cases: Iterable[Case]) -> dict[tuple[str, ...], list[Case]]:
    found: dict[tuple[str, ...], list[Case]] = defaultdict(list)
    for case in cases:
        found[(case.household or "nk", case.ethnicity or "nk", case.age or "nk")].append(case)
    return found
