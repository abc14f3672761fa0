"""Invented households whose official tables are the published row of an authority."""

from __future__ import annotations

from pipelines.synthesise.synthetic import Synthetic, synthesise

__all__ = ["Synthetic", "synthesise"]
