"""The extra packages that a forecast needs."""

from __future__ import annotations

from importlib.util import find_spec

from pipelines.errors import UsageError


def require_statsforecast() -> None:
    """Say how to get the forecasting library where it is missing; does not load it.

    Raises:
        UsageError: the extra ``forecast`` is not installed.
    """
    if find_spec("statsforecast") is None:
        raise UsageError("Forecasts need the extra packages: pip install 'hclic[forecast]'")
