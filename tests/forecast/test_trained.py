"""What is shipped of the training."""

from __future__ import annotations

import dataclasses
import gzip
from importlib import resources

import numpy as np
import pytest

from pipelines.metrics.forecast.features import feature_names
from pipelines.metrics.forecast.measures import names, parts
from pipelines.metrics.forecast.model import ANY, Model
from pipelines.metrics.forecast.trained import facts, quarters_seen, record, trained
from tests.forecast.series import excerpt

FOLDER = resources.files("pipelines.metrics.forecast") / "trained"


def test_the_trees_say_what_lightgbm_says_of_the_same_text() -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="the extra 'forecast' is not installed")
    random = np.random.default_rng(3)
    rows = random.normal(0, 2, (200, len(feature_names())))
    rows[random.random(rows.shape) < 0.2] = np.nan
    for seen in quarters_seen():
        text = gzip.decompress((FOLDER / f"{seen}.txt.gz").read_bytes()).decode()
        booster = lightgbm.Booster(model_str=text)

        assert trained(seen).model.forest.predict(rows) == pytest.approx(booster.predict(rows), abs=1e-9)


def test_the_model_is_small_and_says_where_it_comes_from() -> None:
    sizes = {item.name: len(gzip.compress(item.read_bytes())) for item in FOLDER.iterdir()}
    found = facts()

    assert sum(sizes.values()) < 300_000
    assert found["seen_to"] == [str(quarter) for quarter in quarters_seen()]
    assert all(len(digest) == 64 for digest in found["data"].values())  # type: ignore[attr-defined]
    assert found["features"] == feature_names()


def test_every_published_measure_has_its_errors_and_its_record() -> None:
    kept = record()

    assert set(kept["measure"]) == {*names(), "any"}
    assert set(kept["step"]) == {0, 1, 2, 3, 4}
    for seen in quarters_seen():
        assert set(trained(seen).above) == set(trained(seen).below) == {*names(), "any", "last value"}


def test_measures_that_are_said_to_add_up_do_in_what_is_published() -> None:
    wide = excerpt().pivot("measure", index=["la_code", "quarter"], values="value")
    for total, found in parts().items():
        known = [name for name in (total, *found) if name in wide.columns]
        assert total in names() and set(found) <= set(names())
        if len(known) == len(found) + 1:
            whole = wide.drop_nulls(known)
            assert whole[total].to_list() == whole.select(found).sum_horizontal().to_list()


def drifting(change: list[float], drift: float) -> list[float]:
    """What a model makes of changes that its trees expect, where they expect ``drift`` of all together."""
    forest = trained(quarters_seen()[-1]).model.forest
    fixed = dataclasses.replace(
        forest,
        roots=np.array([0]),
        feature=np.array([0]),
        threshold=np.array([0.0]),
        missing_left=np.array([True]),
        left=np.array([-1]),
        right=np.array([-2]),
        value=np.array(change),
    )
    rows = np.zeros((2, len(feature_names())))
    rows[:, 0] = [-1, 1]
    model = Model(fixed, {ANY: np.array([drift])})
    return model.changes(rows, np.array(["own", "own"], dtype=object), np.array([0, 0])).tolist()


def test_half_of_what_all_are_expected_to_do_is_taken_off_and_never_more_than_half_of_what_one_is() -> None:
    assert drifting([1.0, 0.2], drift=0.4) == pytest.approx([1.0 - 0.2, 0.2 / 2])


def test_what_goes_against_the_drift_stands() -> None:
    assert drifting([-0.3, 0.0], drift=0.4) == [-0.3, 0.0]
