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
    """Trees end to end: one row per node, and one value per leaf.

    ``roots`` are nodes; a child below 0 is leaf ``-child - 1``.
    """

    features: tuple[str, ...]
    roots: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    value: Floats

    def predict(self, rows: Floats) -> Floats:
        """The sum over all trees for each row; columns as in ``features``."""
        parts = [self._predict(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _predict(self, rows: Floats) -> Floats:
        cells, first = rows.ravel(), (np.arange(len(rows)) * rows.shape[1])[:, None]
        node = np.tile(self.roots, (len(rows), 1))
        while (inner := node >= 0).any():
            at = np.maximum(node, 0)
            value = cells.take(first + self.feature.take(at))
            goes_left = np.where(np.isnan(value), self.missing_left.take(at), value <= self.threshold.take(at))
            node = np.where(inner, np.where(goes_left, self.left.take(at), self.right.take(at)), node)
        total: Floats = self.value.take(-node - 1).sum(axis=1)
        return total


def read_forest(text: str) -> Forest:
    """Read LightGBM's text of trees with numerical splits.

    Raises:
        InputError: the text holds a categorical split or treats 0 as missing, which this does not evaluate.
    """
    head, *blocks = text.split("\nTree=")
    names = tuple(_fields(head)["feature_names"].split())
    trees = [_fields(block) for block in blocks]
    decision = _all(trees, "decision_type").astype(np.intp)
    missing = decision & 12
    if (decision & _CATEGORICAL).any() or not np.isin(missing, (0, _MISSING_IS_NAN)).all():
        raise InputError("The forecasting model holds a kind of split that cannot be evaluated.")
    threshold = _all(trees, "threshold")
    leaves = np.array([int(tree["num_leaves"]) for tree in trees])
    first_leaf, first_node = np.cumsum(leaves) - leaves, np.cumsum(leaves - 1) - (leaves - 1)

    def children(name: str) -> NDArray[np.intp]:
        child = _all(trees, name).astype(np.intp)
        return np.where(child >= 0, child + first_node.repeat(leaves - 1), child - first_leaf.repeat(leaves - 1))

    return Forest(
        names,
        # A tree that found nothing to split on is one leaf.
        np.where(leaves > 1, first_node, -first_leaf - 1),
        _all(trees, "split_feature").astype(np.intp),
        threshold,
        # Without missing values in training LightGBM reads a missing one as 0.
        np.where(missing == _MISSING_IS_NAN, (decision & _DEFAULT_LEFT) > 0, threshold >= 0),
        children("left_child"),
        children("right_child"),
        _all(trees, "leaf_value"),
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
        fields["threshold"] = " ".join(f"{float(value):.4g}" for value in fields["threshold"].split())
        fields["leaf_value"] = " ".join(f"{float(value):.4f}" for value in fields["leaf_value"].split())
        wanted = ("num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child")
        body = [f"{name}={fields[name]}" for name in (*wanted, "leaf_value", "is_linear", "shrinkage")]
        parts.append("\n".join([f"Tree={number}", *body]) + "\n")
    return "\n".join([*parts, "end of trees\n"])


def _fields(block: str) -> dict[str, str]:
    return {name: value for name, sep, value in (line.partition("=") for line in block.splitlines()) if sep}


def _all(trees: list[dict[str, str]], name: str) -> Floats:
    return np.array([value for tree in trees for value in tree[name].split()], dtype=np.float64)
