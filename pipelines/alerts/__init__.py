"""Alerts to officers and teams: each is told once, with references of cases and no other value from the data."""

from __future__ import annotations

from pipelines.alerts.config import AlertConfig, read_config
from pipelines.alerts.sending import Outcome, plan, send

__all__ = ["AlertConfig", "Outcome", "plan", "read_config", "send"]
