"""scikit-learn's boosted trees, for each of which the columns are sorted once."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.tree import DecisionTreeRegressor
from sklearn.tree._tree import NODE_DTYPE, Tree

from tfdis.dlib.scoring.trees.columns import SortedColumns, sort_columns
from tfdis.dlib.scoring.trees.exchange import room_for_keys
from tfdis.dlib.scoring.trees.growth import MAX_NODES, grow_tree
from tfdis.dlib.scoring.trees.leaves import set_leaf_values
from tfdis.files.cores import num_cores

# The parameters that need not have scikit-learn's default.
_FREE = {"learning_rate", "n_estimators", "random_state", "verbose", "warm_start"}
# scikit-learn draws the seed of a tree below this.
_SEEDS = 2**31 - 1


class BoostedTrees(GradientBoostingClassifier):
    """`GradientBoostingClassifier`, fitted by sorting each column once: the same model, bit for bit.

    scikit-learn's own code checks the input, computes the gradients, and predicts. It also fits the
    trees if parameters other than the defaults, weights or sparse samples are given, and if all
    columns are discrete: nearly nothing of a sort can then be spared, since the order of equal
    values has to be found. `fitted_here_` says whether this room fitted the trees.
    """

    def _fit_stages(self, X, y, raw_predictions, sample_weight, *rest):  # noqa: N803
        self._columns = None
        if self._has_defaults() and isinstance(X, np.ndarray) and np.all(sample_weight == 1.0):
            columns = sort_columns(X, y)
            if np.any(2 * columns.num_ties <= len(y)):
                self._columns = columns
                classes = np.arange(self.n_classes_) if self.n_classes_ > 2 else np.ones(1)
                self._is_label = (y == classes[:, None]).astype(np.float64)
                # The values of a class, to which its tree adds, and its gradient then lie side by side.
                raw_predictions = np.asfortranarray(raw_predictions)
        self.fitted_here_ = self._columns is not None
        try:
            with ThreadPoolExecutor(num_cores()) as self._pool:
                return super()._fit_stages(X, y, raw_predictions, sample_weight, *rest)
        finally:
            for name in ("_columns", "_is_label", "_pool"):
                self.__dict__.pop(name, None)

    def _has_defaults(self) -> bool:
        mine, defaults = self.get_params(), GradientBoostingClassifier().get_params()
        return all(mine[name] == defaults[name] for name in defaults.keys() - _FREE)

    def _fit_stage(
        self,
        i,
        X,  # noqa: N803
        y,
        raw_predictions,
        sample_weight,
        sample_mask,
        random_state,
        **sparse,
    ):
        if self._columns is None:
            return super()._fit_stage(
                i, X, y, raw_predictions, sample_weight, sample_mask, random_state, **sparse
            )
        gradient = self._loss.gradient(y_true=y, raw_prediction=raw_predictions)
        residuals = -gradient.reshape(len(y), -1).T
        # Drawn in the order of the classes, which are then fitted side by side.
        seeds = [random_state.randint(0, _SEEDS) for _ in residuals]
        run = self._pool.map if len(seeds) > 1 else map
        fitted = run(self._fit_tree, residuals, self._is_label, seeds)
        for k, (tree, leaf_of) in enumerate(fitted):
            raw_predictions[:, k] += self.learning_rate * tree.value[:, 0, 0].take(leaf_of)
            self.estimators_[i, k] = self._estimator(tree, random_state)
        return raw_predictions

    def _fit_tree(
        self, residuals: np.ndarray, is_label: np.ndarray, seed: int
    ) -> tuple[Tree, np.ndarray]:
        """A tree for the residuals of a class, and the leaf of every row."""
        factor = (self.n_classes_ - 1) / self.n_classes_ if self.n_classes_ > 2 else 1.0
        return fit_tree(self._columns, np.ascontiguousarray(residuals), is_label, seed, factor)

    def _estimator(self, tree: Tree, random_state: np.random.RandomState) -> DecisionTreeRegressor:
        """The estimator that scikit-learn keeps a tree in."""
        estimator = DecisionTreeRegressor(
            criterion="squared_error", max_depth=self.max_depth, random_state=random_state
        )
        estimator.n_features_in_ = estimator.max_features_ = self.n_features_in_
        estimator.n_outputs_ = 1
        estimator.tree_ = tree
        return estimator


def fit_tree(
    columns: SortedColumns, residuals: np.ndarray, is_label: np.ndarray, seed: int, factor: float
) -> tuple[Tree, np.ndarray]:
    """Fits a regression tree and sets its leaves as boosting does.

    Args:
        columns: the sorted columns of the samples.
        residuals: label less probability `[num_rows]`.
        is_label: 1.0 for rows of the tree's class, 0.0 for others `[num_rows]`.
        seed: seed of the order in which columns are searched.
        factor: factor of the leaves' values.

    Returns:
        scikit-learn's tree, and the leaf of every row `[num_rows]`.
    """
    nodes, values = np.zeros(MAX_NODES, NODE_DTYPE), np.zeros(MAX_NODES)
    leaf_of = np.empty(len(residuals), np.int8)
    num_nodes, depth = grow_tree(
        columns, residuals, seed, nodes, values, leaf_of, room_for_keys(len(residuals))
    )
    nodes, values = nodes[:num_nodes], values[:num_nodes]
    set_leaf_values(nodes, values, leaf_of, is_label, residuals, factor)
    tree = Tree(len(columns.values), np.array([1], np.intp), 1)
    tree.__setstate__(
        {
            "max_depth": depth,
            "node_count": num_nodes,
            "nodes": nodes,
            "values": values[:, None, None],
        }
    )
    return tree, leaf_of
