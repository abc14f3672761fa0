"""What the quality report of a return is made of, whatever it is then written as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.authority import authority_name
from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.state import RunState, state_in
from pipelines.submission.qa import earlier as other
from pipelines.submission.qa.asked import Asked, Change, asked, changes
from pipelines.submission.qa.catalogue import Total, totals_for
from pipelines.submission.qa.counted import Check, Counted, checks
from pipelines.submission.qa.reading import Returned, counted_from, find, folder_of, read
from pipelines.warehouse import chain, explanations, returned, sign_offs
from pipelines.warehouse.sign_offs import SignOff
from pipelines.warehouse.store import Warehouse


@dataclass(frozen=True)
class Report:
    """The totals of a return beside those of two earlier quarters, and what is still to be explained."""

    authority: str
    quarter: Quarter
    returned: Returned
    settings: Settings
    state: RunState
    totals: tuple[Total, ...]
    counted: Counted
    compared: tuple[other.Earlier, ...]
    changes: tuple[Change, ...]
    asked: tuple[Asked, ...]
    checks: tuple[Check, ...]
    remarks: tuple[str, ...]
    """What a reader has to know of the files, in sentences."""
    sign_off: SignOff | None
    ledger_head: str

    @property
    def missing(self) -> tuple[Asked, ...]:
        """What is to be explained and is not."""
        return tuple(one for one in self.asked if one.explained is None)

    @property
    def broken(self) -> tuple[Check, ...]:
        """What must hold and does not."""
        return tuple(one for one in self.checks if not one.holds)

    @property
    def names_missing(self) -> list[str]:
        """What keeps the return from being signed off: totals without explanation, and checks that do not hold."""
        totals = dict.fromkeys(one.change.total.name for one in self.missing)
        return [*totals, *(one.name for one in self.broken)]

    @property
    def title(self) -> str:
        """Authority and quarter."""
        return f"{authority_name(self.authority)}, {self.quarter.words}"

    @property
    def provisional(self) -> tuple[str, ...]:
        """What the return may claim, where it was not checked against MHCLG's files."""
        said = self.returned.run.ledger.get("return_profile", {})
        return (str(said["means"]),) if said.get("provisional") else ()

    @property
    def software_of_return(self) -> str:
        """Version of hclic that wrote the return."""
        return str(self.returned.run.ledger.get("software_version", "of an unknown version"))

    def to_keep(self) -> dict[str, Mapping[str, int | None]]:
        """The totals counted from files, this return's and the earlier ones', by what they rest on."""
        own = counted_from(self.returned, self.quarter, self.totals)
        found = {own: self.counted.values}
        for one in self.compared:
            if one.counted_from is not None and one.counted is not None:
                found[one.counted_from] = one.counted.values
        return found

    def changes_of(self, total: Total) -> dict[Quarter, Change]:
        """The changes of one total by the quarter that it is compared with."""
        return {one.earlier.quarter: one for one in self.changes if one.total.ident == total.ident}


def make(
    store: Warehouse,
    authority: str,
    quarter: Quarter,
    folder: Path,
    *,
    profile: str | None = None,
) -> Report:
    """Count a return from its files, beside the two quarters before it.

    Args:
        store: the warehouse, open.
        folder: the run's output folder, or its folder ``return``, or an XML file of it.
        profile: name or folder of the return profile; by default that of the run.

    Raises:
        UsageError: the return profile is not at hand.
        InputError: there is no return, or it is not that of a run of this authority and quarter.
    """
    con = store.connection
    path = folder_of(folder)
    found = find(con, authority, quarter, path)
    totals = totals_for(str(quarter))
    is_read = read(found, authority, quarter, totals, profile)
    home = (path.parent if path.is_file() else path).parent.parent
    compared = tuple(
        other.earlier(store, authority, one, name, home, totals, profile)
        for name, one in other.compared_quarters(quarter)
    )
    all_changes = changes(totals, is_read.counted, compared)
    settings = found.run.settings
    said = explanations.explanations(con, authority, quarter)
    return Report(
        authority=authority,
        quarter=quarter,
        returned=found,
        settings=settings,
        state=state_in(found.run.ledger),
        totals=totals,
        counted=is_read.counted,
        compared=compared,
        changes=tuple(all_changes),
        asked=tuple(asked(all_changes, settings, said)),
        checks=checks(is_read.counted, quarter),
        remarks=(*_remarks(store, authority, quarter, found), *is_read.remarks),
        sign_off=sign_offs.state_of_quarter(con, authority, quarter),
        ledger_head=chain.head(con),
    )


def _remarks(store: Warehouse, authority: str, quarter: Quarter, found: Returned) -> Sequence[str]:
    said = []
    newest = returned.newest(store.connection, authority, quarter)
    if newest is not None and newest[0] != found.run.run_id:
        said.append(
            f"This return is that of run {found.run.run_id}. A newer run of the quarter, {newest[0]}, ended"
            f" {newest[1] or 'in an unknown way'}: what it found is not in this report."
        )
    return said


def again(report: Report, store: Warehouse) -> Report:
    """The same report after something was said: which explanations there are now, and the ledger's end."""
    con = store.connection
    said = explanations.explanations(con, report.authority, report.quarter)
    return replace(report, asked=tuple(asked(report.changes, report.settings, said)), ledger_head=chain.head(con))
