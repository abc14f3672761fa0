"""How the forecasts are named to a reader."""

from __future__ import annotations

GLOBAL, LAST_VALUE = "global", "last_value"

MODEL_LABELS = {
    GLOBAL: "one model of all authorities' published series, applied to this series' own past",
    LAST_VALUE: "the last observed value",
}
