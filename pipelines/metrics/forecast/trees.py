"""Boosted trees as LightGBM writes them, read and evaluated without it.

LightGBM takes seconds to load (with scikit-learn and pandas), and a forecast of one authority asks for some hundred
rows. The text is LightGBM's own: ``lightgbm.Booster(model_str=...)`` reads it too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import InputError
from pipelines.metrics.forecast.features import Floats

# Rows evaluated at once, so that a whole panel does not fill the memory.
CHUNK = 4096

_CATEGORICAL, _DEFAULT_LEFT, _MISSING_IS_NAN = 1, 2, 8


@dataclass(frozen=True)
class Forest:
    """Trees side by side, padded to one size; a child below 0 is leaf ``-child - 1``.

    All arrays are tree by node, ``value`` is tree by leaf.
    """

    features: tuple[str, ...]
    feature: NDArray[np.intp]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    value: Floats

    def predict(self, rows: Floats) -> Floats:
        """The sum over all trees for each row; columns as in ``features``."""
        if not len(rows):
            return np.zeros(0)
        return np.concatenate([self._predict(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)])

    def _predict(self, rows: Floats) -> Floats:
        each = np.arange(len(rows))[:, None]
        tree = np.arange(len(self.feature))[None, :]
        node = np.zeros((len(rows), len(self.feature)), dtype=np.intp)
        inner = node >= 0
        while inner.any():
            at = np.where(inner, node, 0)
            value = rows[each, self.feature[tree, at]]
            goes_left = np.where(np.isnan(value), self.missing_left[tree, at], value <= self.threshold[tree, at])
            node = np.where(inner, np.where(goes_left, self.left[tree, at], self.right[tree, at]), node)
            inner = node >= 0
        total: Floats = self.value[tree, -node - 1].sum(axis=1)
        return total


def read_forest(text: str) -> Forest:
    """Read LightGBM's text of trees with numerical splits.

    Raises:
        InputError: the text holds a categorical split or treats 0 as missing, which this does not evaluate.
    """
    head, *blocks = text.split("\nTree=")
    names = tuple(_fields(head)["feature_names"].split())
    trees = [_fields(block) for block in blocks]
    nodes = max(int(tree["num_leaves"]) for tree in trees) - 1
    decision = _padded(trees, "decision_type", nodes).astype(np.intp)
    missing = decision & 12
    if (decision & _CATEGORICAL).any() or not np.isin(missing, (0, _MISSING_IS_NAN)).all():
        raise InputError("The forecasting model holds a kind of split that cannot be evaluated.")
    threshold = _padded(trees, "threshold", nodes)
    # Without missing values in training LightGBM reads a missing one as 0.
    missing_left = np.where(missing == _MISSING_IS_NAN, (decision & _DEFAULT_LEFT) > 0, threshold >= 0)
    return Forest(
        names,
        _padded(trees, "split_feature", nodes).astype(np.intp),
        threshold,
        missing_left,
        _padded(trees, "left_child", nodes, fill=-1).astype(np.intp),
        _padded(trees, "right_child", nodes, fill=-1).astype(np.intp),
        _padded(trees, "leaf_value", nodes + 1),
    )


def shortened(text: str) -> str:
    """LightGBM's text without what only training and explaining ask for, numbers cut to what matters."""
    head, *blocks = text.split("\nTree=")
    kept = ["tree", "version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective"]
    kept += ["feature_names", "feature_infos"]
    lines = [line for line in head.splitlines() if line.partition("=")[0] in kept]
    parts = ["\n".join(lines) + "\n"]
    for number, block in enumerate(blocks):
        fields = _fields(block)
        fields["threshold"] = " ".join(f"{float(value):.5g}" for value in fields["threshold"].split())
        fields["leaf_value"] = " ".join(f"{float(value):.5f}" for value in fields["leaf_value"].split())
        wanted = ("num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child")
        body = [f"{name}={fields[name]}" for name in (*wanted, "leaf_value", "is_linear", "shrinkage")]
        parts.append("\n".join([f"Tree={number}", *body]) + "\n")
    return "\n".join([*parts, "end of trees\n"])


def _fields(block: str) -> dict[str, str]:
    return {name: value for name, sep, value in (line.partition("=") for line in block.splitlines()) if sep}


def _padded(trees: list[dict[str, str]], name: str, width: int, fill: float = 0.0) -> Floats:
    table = np.full((len(trees), width), fill)
    for number, tree in enumerate(trees):
        values = np.array(tree[name].split(), dtype=np.float64)
        table[number, : len(values)] = values
    return table
