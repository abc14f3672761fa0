"""What to run: every option, once. The command, the flow, ``make run`` and the stored run take theirs from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipelines.address import Address, is_address, parse_address
from pipelines.authority import authority_code
from pipelines.errors import UsageError
from pipelines.period import Quarter, check_has_come, quarter_meant, uk_day
from pipelines.place import Place, of_authority, parse_place
from pipelines.run.lock import WAIT_MINUTES
from pipelines.settings import Settings, read_settings

_OPTION = "option"

QUARTER_HELP = (
    "Calendar quarter, like 2025-Q4; or last, the one that ended before today in the UK, or current, that of today:"
    " with these two the export is as at today where --as-at does not say otherwise."
)
CHECK, METRICS = "check", "metrics"
ONLY = (CHECK, METRICS)
"""The parts of a run that can be asked for alone."""


def parse_day(text: str | None, option: str = "--as-at") -> date | None:
    """An ISO date of the command line.

    Raises:
        UsageError: not a date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is not a date. Write it like 2025-12-31.") from None


def parse_minutes(given: str | int) -> int:
    """Whole minutes, 0 or more.

    Raises:
        UsageError: anything else.
    """
    try:
        minutes = int(given)
    except ValueError:
        minutes = -1
    if minutes < 0:
        raise UsageError("--wait is a whole number of minutes, 0 or more.")
    return minutes


def parse_by(text: str) -> str:
    """For whom findings workbooks are written one by one.

    Raises:
        UsageError: neither officer nor team.
    """
    if text not in ("officer", "team"):
        raise UsageError("--by is officer or team.")
    return text


def parse_only(text: str) -> str:
    """The part of a run that is asked for alone.

    Raises:
        UsageError: there is no such part.
    """
    if text not in ONLY:
        raise UsageError("--only is check or metrics.")
    return text


def settled(given: Mapping[str, Any], started: datetime) -> Mapping[str, Any]:
    """The options, with the quarter and the day that ``last`` or ``current`` mean when the run starts.

    An export of tonight is as at tonight: what comes after the quarter's end is masked as in any later export.
    """
    quarter = quarter_meant(str(given.get("quarter") or ""), started)
    if quarter is None:
        return given
    return {**given, "quarter": str(quarter), "as_at": given.get("as_at") or str(uk_day(started))}


def parse_export(text: str) -> Path | Address:
    """The export's path, or the address of the database that holds it.

    Raises:
        UsageError: an address that is not understood, or that holds a user or password.
    """
    return parse_address(text) if is_address(text) else Path(text)


def parse_reason(text: str) -> str:
    """Why cases are left out of the return.

    Raises:
        UsageError: there is none.
    """
    if not text.strip():
        raise UsageError("--exclude-cases-with-errors needs a reason: it stands in the ledger with the cases left out.")
    return text.strip()


def parse_revision(text: str) -> str:
    """Why a return that was signed off is made again.

    Raises:
        UsageError: there is no reason.
    """
    if not text.strip():
        raise UsageError("--revision needs a reason: it stands in the ledger, with what changed.")
    return text.strip()


@dataclass(frozen=True)
class Option:
    """One option of a run, as a user gives it.

    ``kind``: what is typed (``str``, ``Path``, ``int`` or ``bool``); ``read``: from that to the field of ``Request``.
    """

    name: str
    help: str
    kind: type
    read: Callable[[Any], Any]
    default: Any
    is_required: bool
    metavar: str | None

    @property
    def flag(self) -> str:
        """``--as-at``; of a switch that is on by default both of its forms."""
        flag = f"--{self.name.replace('_', '-')}"
        return f"{flag}/--no-{flag[2:]}" if self.default is True else flag


def _typed(
    help: str, kind: type = str, *, read: Callable[[Any], Any] | None = None, metavar: str | None = None
) -> dict[str, Any]:
    """What makes a field an option: its words, what is typed, and how that is read."""
    return {_OPTION: {"help": help, "kind": kind, "read": read or kind, "metavar": metavar}}


@dataclass(frozen=True)
class Request:
    """What to run. Nothing below reads the clock: ``started`` is taken once, at the edge."""

    export: Path | Address = field(
        metadata=_typed("The case export: a file, a folder, a zip or the address of a database.", read=parse_export)
    )
    authority: str = field(metadata=_typed("GSS code of the authority, like E06000034.", read=authority_code))
    quarter: Quarter = field(metadata=_typed(QUARTER_HELP, read=Quarter.parse))
    out: Path = field(metadata=_typed("Folder for the outputs.", Path))
    started: datetime
    source: str = field(
        default="",
        metadata=_typed("Source profile: a shipped name or the path of one. A return (XML) needs none."),
    )
    as_at: date | None = field(
        default=None,
        metadata=_typed("Day the export was taken (YYYY-MM-DD). Default: the quarter's last day.", read=parse_day),
    )
    return_profile: str = field(
        default="provisional", metadata=_typed("provisional, or the folder of an official pack.")
    )
    waivers: Path | None = field(
        default=None,
        metadata=_typed("CSV of waived findings: rule_id, case_ref, record_key, owner, reason, expires.", Path),
    )
    warehouse: Place | None = field(
        default=None,
        metadata=_typed(
            "Warehouse file, or address of a DuckLake. Default: OUT/warehouse.duckdb.",
            Path,
            read=lambda given: parse_place(str(given)),
        ),
    )
    personal: bool = field(default=False, metadata=_typed("Also write the personal-data file.", bool))
    exclude_cases_with_errors: str | None = field(
        default=None,
        metadata=_typed(
            "Leave cases with errors out of the return, for this reason.", read=parse_reason, metavar="REASON"
        ),
    )
    forced_cases: Path | None = field(
        default=None, metadata=_typed("CSV of forced cases: case_ref, action (include or exclude), reason.", Path)
    )
    reference_map: Path | None = field(
        default=None, metadata=_typed("A reference_map.csv to load into the warehouse.", Path)
    )
    published: Path | None = field(
        default=None, metadata=_typed("MHCLG's workbook of the quarter: our figures are shown beside it.", Path)
    )
    published_headings: Path | None = field(
        default=None,
        metadata=_typed("CSV that says which column a heading of MHCLG's workbook is.", Path),
    )
    neighbours: Path | None = field(
        default=None,
        metadata=_typed(
            "TOML list of nearest statistical neighbours (docs/benchmarks.md), shown beside ours with --published.",
            Path,
        ),
    )
    rates: Path | None = field(
        default=None,
        metadata=_typed("CSV of rates of temporary accommodation (docs/cost-files.md): kept with the run.", Path),
    )
    lha: Path | None = field(
        default=None, metadata=_typed("CSV of Local Housing Allowance of January 2011: kept with the run.", Path)
    )
    ceilings: Path | None = field(
        default=None, metadata=_typed("CSV of weekly ceilings of subsidy by area: kept with the run.", Path)
    )
    pages: bool = field(default=True, metadata=_typed("Draw the dashboard and its charts.", bool))
    migration_map: Path | None = field(
        default=None, metadata=_typed("CSV of re-keyed cases: new_reference, old_reference.", Path)
    )
    note: str | None = field(
        default=None,
        metadata=_typed("Sentence for the head of the pages, such as that the households are invented."),
    )
    by: str | None = field(
        default=None,
        metadata=_typed(
            "Also one findings workbook for each officer, or each team.",
            read=parse_by,
            metavar="officer|team",
        ),
    )
    only: str | None = field(
        default=None,
        metadata=_typed(
            "A part of the run alone, in a folder of its own: check writes findings and worklists, metrics writes"
            " metrics and pages; neither writes a return.",
            read=parse_only,
            metavar="check|metrics",
        ),
    )
    until_signed_off: bool = field(
        default=False,
        metadata=_typed("Make nothing, say so and end well where the quarter has been signed off.", bool),
    )
    wait: int = field(
        default=WAIT_MINUTES,
        metadata=_typed(
            "Minutes to wait for another run at the same warehouse or in the same folder.", int, read=parse_minutes
        ),
    )
    notes: Path | None = field(
        default=None,
        metadata=_typed(
            "Workbook of findings that an officer sent back, or a folder of them: their notes are kept.", Path
        ),
    )
    alerts: Path | None = field(
        default=None,
        metadata=_typed(
            "TOML file of contacts and notifiers: what is new for officers is sent to them at the end.", Path
        ),
    )
    settings_file: Path | None = field(
        default=None, metadata=_typed("TOML file of settings that differ from their defaults.", Path)
    )
    revision: str | None = field(
        default=None,
        metadata=_typed(
            "Correct a quarter that is signed off, for this reason: the outputs go to a folder of their own.",
            read=parse_revision,
            metavar="REASON",
        ),
    )
    settings: Settings = field(default_factory=Settings)
    revision_no: int | None = None
    """Of a revision: how often the quarter had been signed off before it; the warehouse knows."""

    @property
    def files(self) -> Path:
        """The export, where it is files; a run has those of a database in its work folder."""
        assert isinstance(self.export, Path)
        return self.export

    @property
    def day(self) -> date:
        """The day the export was taken: ``as_at``, by default the last day of the quarter."""
        return self.as_at or self.quarter.last_day

    def check_days(self) -> None:
        """Refuse a quarter or a day of the export that has not come when the run starts.

        Raises:
            UsageError: either lies in the future, or there was no return of the quarter.
        """
        self.quarter.check_has_return()
        check_has_come(self.quarter, self.as_at, self.started)

    @property
    def folder_name(self) -> str:
        """Name of the outputs' folder: the quarter, ``2025-Q3-revision-1`` of a revision.

        Raises:
            ValueError: a revision that was not numbered.
        """
        if self.revision is None:
            return str(self.quarter)
        if self.revision_no is None:
            raise ValueError("a revision is numbered by the warehouse first")
        return f"{self.quarter}-revision-{self.revision_no}"

    @property
    def patience(self) -> float:
        """Seconds to wait for another run."""
        return self.wait * 60.0

    @property
    def store(self) -> Place:
        """The warehouse: a file, or the authority's part of a DuckLake."""
        return of_authority(self.warehouse or self.out / "warehouse.duckdb", self.authority)

    @classmethod
    def read(cls, given: Mapping[str, Any], *, started: datetime, settings: Settings | None = None) -> Request:
        """The request of a user: option by name, as typed; without a value, the default.

        Raises:
            UsageError: a value is not understood, no source is named and the export is no return, or the file of the
                settings cannot be used.
        """
        given = settled(given, started)
        values = {
            option.name: given[option.name] if isinstance(given[option.name], bool) else option.read(given[option.name])
            for option in OPTIONS
            if given.get(option.name) is not None and (given[option.name] != "" or option.is_required)
        }
        if settings is None and (file := values.get("settings_file")):
            settings = read_settings(file)
        from pipelines.run.given import source_for

        values["source"] = source_for(values.get("export"), values.get("source"))
        return cls(**values, started=started, settings=settings or Settings())

    def typed(self) -> dict[str, Any]:
        """Value by option, as a user would type it: ``Request.read`` brings the request back."""
        values = {option.name: getattr(self, option.name) for option in OPTIONS}
        return {
            name: value if value is None or isinstance(value, bool) else str(value) for name, value in values.items()
        }


OPTIONS: tuple[Option, ...] = tuple(
    Option(
        name=one.name,
        default=None if one.default is MISSING else one.default,
        is_required=one.default is MISSING,
        **one.metadata[_OPTION],
    )
    for one in fields(Request)
    if _OPTION in one.metadata
)
"""Every option, the required ones first: the export is given by its place, all others by name."""
