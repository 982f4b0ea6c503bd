"""Processor time of one boosted tree at disentanglement_lib's full size: scikit-learn, and tfdis.

Both fit the first stages of DCI's models to the same 10,000 codes of a module, with the same seed, and the
models have to be the same in every bit.

python benchmarks/boosted_trees.py --model_dir=runs/beta/postprocessed/mean --stages=6
"""

import os
import sys
import time

from absl import app, flags

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_MODEL_DIR = flags.DEFINE_string(
    "model_dir", None, "Folder with the module of a representation.", required=True
)
_DATA_SET = flags.DEFINE_string("data_set", "dsprites_full", "Data of the module.")
_FACTORS = flags.DEFINE_list("factors", "0,2", "Factors to predict, by their place.")
_STAGES = flags.DEFINE_integer("stages", 6, "Stages of boosting; DCI has 100.", lower_bound=1)


def _draw():
    """Codes `[10000, dim]` and factors `[10000, num_factors]`, drawn as DCI draws them."""
    import numpy as np

    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.data.streams.codes import draw_codes
    from tfdis.dlib.scoring.module_codes import ModuleCodes

    data = get_named_ground_truth_data(_DATA_SET.value)
    coded = ModuleCodes(_MODEL_DIR.value, keep=False).coded(data)
    codes, factors = draw_codes(
        coded, coded.table.codes_at, 10000, np.random.RandomState(0), batch_size=16
    )
    return codes.T, factors.T


def _fit(kind, codes, labels):
    """A fitted model, and the milliseconds of the processor for each of its trees."""
    start = time.process_time()
    model = kind(n_estimators=_STAGES.value, random_state=0).fit(codes, labels)
    return model, 1e3 * (time.process_time() - start) / model.estimators_.size


def _is_same(one, other) -> bool:
    return all(
        first.tree_.__getstate__()[name].tobytes() == second.tree_.__getstate__()[name].tobytes()
        for first, second in zip(one.estimators_.flat, other.estimators_.flat, strict=True)
        for name in ("nodes", "values")
    )


def main(argv: list[str]) -> None:
    """Prints one line for each factor."""
    del argv
    from sklearn.ensemble import GradientBoostingClassifier

    from tfdis.dlib.scoring.trees.boosting import BoostedTrees

    codes, factors = _draw()
    BoostedTrees(n_estimators=1).fit(codes[:500], factors[:500, 0])  # Compiles.
    for place in map(int, _FACTORS.value):
        labels = factors[:, place]
        theirs, slow = _fit(GradientBoostingClassifier, codes, labels)
        ours, fast = _fit(BoostedTrees, codes, labels)
        print(
            f"{theirs.n_classes_:3} classes: {slow:.2f} ms, {fast:.2f} ms for a tree, "
            f"{slow / fast:.1f}x; the same model: {_is_same(ours, theirs)}"
        )


if __name__ == "__main__":
    app.run(main)
