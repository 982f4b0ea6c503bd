"""Scores do not depend on whether dlib reads its own loader's images or tfdis's data set."""

import json

import numpy as np
import pytest

import tfdis.dlib
from tfdis import registry
from tfdis.data.sets.dsprites.dsprites import DSprites
from tfdis.data.sets.dsprites.original import FILE_NAME, open_original

SIZES = (1, 3, 2, 4, 4, 4)
METRICS = {
    "mig": {"num_train": 150},
    "sap_score": {"num_train": 100, "num_test": 60, "continuous_factors": False},
    "irs": {"num_train": 150, "batch_size": 16},
    "factor_vae_score": {
        "num_train": 60,
        "num_eval": 40,
        "batch_size": 8,
        "num_variance_estimate": 100,
    },
    "modularity_explicitness": {"num_train": 150, "num_test": 80},
}
DISCRETIZER = ["discretizer.discretizer_fn = @histogram_discretizer", "discretizer.num_bins = 20"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An npz as the original is, of fewer factor values, with random blobs for images."""
    path = tmp_path_factory.mktemp("dsprites") / FILE_NAME
    grid = np.stack(np.meshgrid(*map(np.arange, SIZES), indexing="ij"), -1).reshape(-1, 6)
    rng = np.random.RandomState(6)
    images = np.zeros((len(grid), 64, 64), np.uint8)
    for image, (_, shape, scale, turn, x, y) in zip(images, grid, strict=True):
        image[12 * x : 12 * x + 6 * (1 + scale), 12 * y : 12 * y + 5 * (1 + shape)] = 1
        image[60, 10 * turn : 10 * turn + 8] = 1
        image[rng.randint(64, size=20), rng.randint(64, size=20)] = 1
    np.savez_compressed(
        path,
        imgs=images,
        latents_classes=grid,
        metadata=np.array({"latents_sizes": np.array(SIZES)}, dtype=object),
    )
    return path


@pytest.fixture(scope="module")
def loaders(archive):
    """dlib's own class and tfdis's, on the same file."""
    tfdis.dlib.install()
    from disentanglement_lib.data.ground_truth import dsprites as dlib_dsprites

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dlib_dsprites, "DSPRITES_PATH", str(archive))
        theirs = dlib_dsprites.DSprites([1, 2, 3, 4, 5])
    ours = DSprites(open_original(archive, SIZES), (1, 2, 3, 4, 5), "small", SIZES)
    return {"dlib_loader": theirs, "tfdis_data": ours}


def _identity(images):
    """The images themselves, as means of 32x16 patches, so that the metrics stay fast."""
    return images.reshape(len(images), 2, 32, 4, 16).mean(axis=(2, 4)).reshape(len(images), 8)


def _metric(name):
    from disentanglement_lib.evaluation.metrics import (
        factor_vae,
        irs,
        mig,
        modularity_explicitness,
        sap_score,
    )

    return {
        "factor_vae_score": factor_vae.compute_factor_vae,
        "irs": irs.compute_irs,
        "mig": mig.compute_mig,
        "modularity_explicitness": modularity_explicitness.compute_modularity_explicitness,
        "sap_score": sap_score.compute_sap,
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name == "modularity_explicitness" else [])
        for name in METRICS
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_identity_representation(loaders, name):
    import gin

    metric = _metric(name)
    gin.parse_config([*DISCRETIZER, "prune_dims.threshold = 0.0"])
    scores = [
        metric(loader, _identity, np.random.RandomState(7), None, **METRICS[name])
        for loader in loaders.values()
    ]
    np.testing.assert_equal(scores[0], scores[1])


@pytest.mark.long
@pytest.mark.parametrize("name", METRICS)
@pytest.mark.filterwarnings("ignore")
def test_exported_module(loaders, name, export_projection, tmp_path, monkeypatch):
    for key, value in loaders.items():
        monkeypatch.setitem(registry.DATA_SETS, key, lambda v=value: v)
    bindings = [f"{name}.{key} = {value}" for key, value in METRICS[name].items()]
    bindings += [*DISCRETIZER, "prune_dims.threshold = 0.0", "evaluation.random_seed = 8"]
    bindings += [f"evaluation.evaluation_fn = @{name}", "dataset.name = 'auto'"]
    scores = []
    for loader in loaders:
        target = tmp_path / loader
        tfdis.dlib.evaluate(str(export_projection(loader)), str(target), [], bindings)
        with open(target / "results" / "json" / "evaluation_results.json") as file:
            scores.append(json.load(file))
        for differing in ("elapsed_time", "uuid"):
            del scores[-1][differing]
    np.testing.assert_equal(scores[0], scores[1])
