"""The runs that are made by themselves: what each makes, for which quarter, and when on the clock of the UK."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.period import CURRENT, LAST
from pipelines.run.request import CHECK, METRICS

ZONE = "Europe/London"
"""As Prefect and systemd name it; the same clock as ``period.UK``."""
WAIT_MINUTES = 120
"""Minutes that a run by night waits for another one at the same warehouse: nobody is kept waiting by it."""
MONDAY = "Mon"


@dataclass(frozen=True)
class Deployed:
    """One deployment: the flow of the same name, and its schedule.

    None of the times falls into the hour that is left out in March or comes twice in October (01:00 to 02:00).
    """

    name: str
    title: str
    does: str
    """What it makes, as a sentence for Prefect's page."""
    quarter: str
    only: str | None
    hour: int
    minute: int
    weekday: str | None = None
    """The day of the week; every night where there is none."""
    until_signed_off: bool = False
    minutes: int = 180
    """Minutes after which it is stopped."""

    @property
    def flow(self) -> str:
        """Name of the flow in ``pipelines.flows``."""
        return self.name.replace("-", "_")

    @property
    def cron(self) -> str:
        """When, in the form of cron."""
        return f"{self.minute} {self.hour} * * {1 if self.weekday else '*'}"

    @property
    def on_calendar(self) -> str:
        """When, in the form of a systemd timer, which knows the zone."""
        return f"{f'{self.weekday} ' if self.weekday else ''}*-*-* {self.hour:02}:{self.minute:02}:00 {ZONE}"

    @property
    def words(self) -> str:
        """When, for people: ``every night at 02:30``."""
        return f"{'every Monday' if self.weekday else 'every night'} at {self.hour:02}:{self.minute:02}"


QUARTERLY_RETURN = Deployed(
    name="quarterly-return",
    title="Quarterly return",
    does="Make a draft of the last quarter's return, each night from the quarter's end until it is signed off.",
    quarter=LAST,
    only=None,
    hour=2,
    minute=30,
    until_signed_off=True,
)
NIGHTLY_CHECK = Deployed(
    name="nightly-check",
    title="Nightly check",
    does="Check the cases of the current quarter: findings, what changed since the last run, worklists and alerts.",
    quarter=CURRENT,
    only=CHECK,
    hour=3,
    minute=30,
)
WEEKLY_METRICS = Deployed(
    name="weekly-metrics",
    title="Weekly metrics",
    does="Compute the metrics and pages of the current quarter.",
    quarter=CURRENT,
    only=METRICS,
    hour=4,
    minute=30,
    weekday=MONDAY,
)
DEPLOYED = (NIGHTLY_CHECK, QUARTERLY_RETURN, WEEKLY_METRICS)
