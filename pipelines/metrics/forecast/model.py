"""The change that the model expects of a series, in spreads of the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.forecast.features import Floats
from pipelines.metrics.forecast.trees import Forest

ANY = "any"
"""All measures together, for a series of a kind that is not published."""

KEPT_OF_DRIFT = 0.5
"""Share left standing of what all series of a measure are expected to do together. Years of growth teach a model to
expect growth of everything; taking off half cost nothing on targets of 2022 to 2024, in which it went on."""


@dataclass(frozen=True)
class Model:
    """Trees, and the median change that they expect of a measure: ``drift``, by measure, a value per step."""

    forest: Forest
    drift: dict[str, Floats]

    def changes(self, rows: Floats, measures: NDArray[np.object_], steps: NDArray[np.intp]) -> Floats:
        """The expected change of each row of features: what lies in the way of the drift is eased, the rest stands."""
        change = self.forest.predict(rows)
        together = np.zeros(len(rows))
        for measure in np.unique(measures.astype(str)):
            here = measures == measure
            found = self.drift.get(measure, self.drift[ANY])
            together[here] = found[np.minimum(steps[here], len(found) - 1)]
        shared = np.sign(together) * np.minimum(np.abs(change), np.abs(together))
        eased: Floats = np.where(change * together > 0, change - (1 - KEPT_OF_DRIFT) * shared, change)
        return eased
