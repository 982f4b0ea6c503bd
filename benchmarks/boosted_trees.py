"""Processor time of one boosted tree at disentanglement_lib's full size: scikit-learn, and tfdis.

Both fit the first stages of DCI's models to the same 10,000 codes, with the same seed, and the models have
to be the same in every bit. The first line is about the codes: latents that have collapsed have a small
standard deviation, and many values within 1e-7 of another, between which scikit-learn does not split.

python benchmarks/boosted_trees.py --model_dir=runs/beta/postprocessed/mean --stages=6
python benchmarks/boosted_trees.py --factors=0 --stages=100

Without a folder, the codes are those of a linear VAE that is trained here on the images, averaged over
squares of 4 x 4 pixels. Half of its latents collapse.
"""

import os
import sys
import time

from absl import app, flags

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_MODEL_DIR = flags.DEFINE_string(
    "model_dir", None, "Folder with the module of a representation; none: a linear VAE."
)
_DATA_SET = flags.DEFINE_string("data_set", "dsprites_full", "Data of the module.")
_FACTORS = flags.DEFINE_list("factors", "0,2", "Factors to predict, by their place.")
_STAGES = flags.DEFINE_integer("stages", 6, "Stages of boosting; DCI has 100.", lower_bound=1)


def _train_linear(images, num_latents=10, num_used=5):
    """Codes of images by a linear VAE, x -> W x, decoder D, whose further latents have collapsed.

    The loss, |x - D z|^2 / 2 + KL(N(W x, diag(s)) || N(0, I)), is minimised in turns: over W and s, and over
    D (Lucas et al. 2019, arXiv:1911.02469). A direction of the images is encoded if its variance is above 1.
    """
    import numpy as np

    covariance = np.cov(images.T)
    spectrum = np.linalg.eigvalsh(covariance)[::-1]
    variance = spectrum[num_used - 1 : num_used + 1].mean()
    covariance = covariance / variance
    decoder = 0.1 * np.random.RandomState(0).normal(size=(len(covariance), num_latents))
    deviations = np.ones(num_latents)
    while np.sort(deviations)[num_latents - num_used - 1] > 1e-5:
        gram = decoder.T @ decoder
        encoder = np.linalg.solve(gram + np.eye(num_latents), decoder.T)
        second = encoder @ covariance @ encoder.T
        deviations = np.sqrt(np.diag(second))
        noise = np.diag(1.0 / (np.diag(gram) + 1.0))
        decoder = np.linalg.solve(second + noise, encoder @ covariance).T
    codes = (images - images.mean(axis=0)) @ encoder.T / np.sqrt(variance)
    return codes.astype(np.float32)


def _draw_linear():
    """The same for the linear VAE."""
    import numpy as np

    from tfdis.data.named import get_named_ground_truth_data

    data, random_state = get_named_ground_truth_data(_DATA_SET.value), np.random.RandomState(0)
    factors = data.sample_factors(10000, random_state)
    parts = []
    for part in np.array_split(factors, 20):
        images = data.sample_observations_from_factors(part, random_state)
        num, height, width, _ = images.shape
        squares = images.reshape(num, height // 4, 4, width // 4, -1).mean(axis=(2, 4))
        parts.append(squares.reshape(num, -1))
    return _train_linear(np.concatenate(parts).astype(np.float64)), factors


def _draw():
    """Codes `[10000, dim]` and factors `[10000, num_factors]`, drawn as DCI draws them."""
    if _MODEL_DIR.value is None:
        return _draw_linear()
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


def _describe(codes) -> str:
    """Standard deviations of the latents, and the share of values within 1e-7 of the next one above."""
    import numpy as np

    gaps = np.diff(np.sort(codes, axis=0).astype(np.float64), axis=0)
    parts = zip(codes.std(axis=0), (gaps <= 1e-7).mean(axis=0), strict=True)
    return ", ".join(f"{deviation:.2g} ({share:.0%})" for deviation, share in sorted(parts))


def main(argv: list[str]) -> None:
    """Prints one line about the codes, and one for each factor."""
    del argv
    from sklearn.ensemble import GradientBoostingClassifier

    from tfdis.dlib.scoring.trees.boosting import BoostedTrees

    codes, factors = _draw()
    print(
        f"deviations of the latents (share of values with another within 1e-7): {_describe(codes)}"
    )
    BoostedTrees(n_estimators=1).fit(codes[:500], factors[:500, 0])  # Compiles.
    for place in map(int, _FACTORS.value):
        labels = factors[:, place]
        theirs, slow = _fit(GradientBoostingClassifier, codes, labels)
        ours, fast = _fit(BoostedTrees, codes, labels)
        pairs = (
            (ours.feature_importances_, theirs.feature_importances_),
            (ours.predict_proba(codes), theirs.predict_proba(codes)),
        )
        importances, probabilities = (abs(one - other).max() for one, other in pairs)
        print(
            f"{theirs.n_classes_:3} classes: {slow:.2f} ms, {fast:.2f} ms for a tree, "
            f"{slow / fast:.1f}x; the same model: {_is_same(ours, theirs)}; fitted by "
            f"{'tfdis' if ours.fitted_here_ else 'scikit-learn'}; largest difference of importances "
            f"{importances:.2g}, of probabilities {probabilities:.2g}"
        )


if __name__ == "__main__":
    app.run(main)
