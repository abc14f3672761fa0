"""Alerts at the end of a run: its outputs are in their place, and its result stays what it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pipelines.alerts.config import read_config
from pipelines.alerts.notifiers import notifier
from pipelines.alerts.sending import Outcome, plan, send
from pipelines.errors import HclicError
from pipelines.period import uk_day
from pipelines.run.request import Request


def check_before_run(request: Request, environment: Mapping[str, str] = os.environ) -> None:
    """Refuse an alerts file that cannot be used before the run begins, and not after it.

    Raises:
        UsageError: it cannot, or a notifier lacks what it needs.
    """
    if request.alerts is not None:
        for kind, options in read_config(request.alerts).notifiers:
            notifier(kind, options, environment)


def after_run(request: Request, now: datetime, environment: Mapping[str, str] = os.environ) -> Outcome:
    """Send what the run that has just ended has to tell; nothing without ``--alerts``.

    Whatever goes wrong is said in the outcome, and never raised: the return is written, or blocked, all the same.
    """
    if request.alerts is None:
        return Outcome((), 0, 0)
    try:
        config = read_config(request.alerts)
        planned = plan(request.store, request.authority, request.quarter, config, today=uk_day(now))
        if request.only:
            # It made no return: whether one is blocked or written again is told by the run that makes it.
            planned = replace(planned, state=None)
        return send(planned, config, environment, now=now, patience=request.patience)
    except HclicError as error:
        return Outcome((f"The alerts were not sent. {error}",), 0, 1)
    except Exception as error:
        # Its text may hold a value from the data or an address.
        return Outcome((f"The alerts were not all sent: an unforeseen fault ({type(error).__name__}).",), 0, 1)
