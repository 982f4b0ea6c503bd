"""The papers' studies from files in MPI3D's own format, very small, to a verdict for each published number."""

import dataclasses

import numpy as np
import pytest

from tfdis import registry
from tfdis.data.sets import mpi3d
from tfdis.report.build import build_report
from tfdis.report.published import INSIDE, NOT_SCORED, OUTSIDE
from tfdis.sweeps import estimate
from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import check_points, load_names
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.here import do_here
from tfdis.sweeps.stand_ins import stand_ins
from tfdis.sweeps.work import Kind

GRID = (2, 2, 2, 2, 2, 2, 3)
SMALL = [
    "BACKBONE = @a_backbone_of_2x2_maps",
    "WEIGHTS = None",
    "VAE_EPOCHS = 1",
    "model.eval_steps = 1",
    "mlp_encoder.hidden_units = (8,)",
    "mlp_decoder.hidden_units = (8,)",
    "extraction.num_samples = 128",
    "extraction.batch_size = 16",
    "challenge.scoring = ['mig.num_train = 40']",
]
STAGE1 = [*SMALL, "KERNELS = (1,)", "STRIDES = (1,)"]
STAGE2 = [*SMALL, "FILTERS = (4, 4, 4)", "EPOCHS = 1", "finetune.batch_size = 32"]


@pytest.fixture
def originals(tmp_path, monkeypatch):
    """Archives of MPI3D in their own format, of a small grid."""
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path / "originals"))
    monkeypatch.setattr(mpi3d.open_original, "__defaults__", ((GRID,),))
    shape = (int(np.prod(GRID)), 64, 64, 3)
    for seed, name in enumerate(("mpi3d_toy", "mpi3d_realistic", "mpi3d_real")):
        path = tmp_path / "originals" / name / f"{name}.npz"
        path.parent.mkdir(parents=True)
        images = np.random.RandomState(seed).randint(256, size=shape).astype(np.uint8)
        np.savez_compressed(path, images=images)
    return tmp_path / "originals"


@pytest.fixture(scope="module")
def tiny_backbone():
    """A backbone of one layer, with maps of 2x2."""

    @registry.backbone
    def a_backbone_of_2x2_maps(image_shape):
        import keras

        images = keras.Input(image_shape)
        maps = keras.layers.Conv2D(4, 3, strides=32, padding="same", activation="relu")(images)
        return keras.Model(images, maps)

    yield
    del registry.BACKBONES["a_backbone_of_2x2_maps"]


def _with_mig(points):
    """The points, scored with MIG alone."""
    return [
        dataclasses.replace(
            point, metrics=tuple(s for s in point.metrics if s.output_dir.endswith("mig"))
        )
        for point in points
    ]


@pytest.mark.long
@pytest.mark.usefixtures("eagerly", "tiny_backbone", "originals")
def test_stage_1_ends_with_verdicts(tmp_path):
    load_names()
    points = _with_mig(build_points("paper_stage1", gin_bindings=STAGE1, seeds=range(2)))
    folder = StudyFolder(tmp_path / "study")
    check_points(points, folder)
    folder.write("paper_stage1", points, command="bin/study --study=paper_stage1")
    extracted = []
    for seed in range(2):
        name = f"mpi3d_real,seed={seed}"
        outcome = do_here(folder, points, name, ("train", "score"), keep_codes=False)
        assert outcome.kind is Kind.DONE, outcome.error
        assert (folder.at(name) / "model/tfhub").is_dir()
        assert not (folder.at(name) / "postprocessed/mean/codes").exists()
        features = folder.at("mpi3d_real,features", "features", "features.npy")
        extracted.append(features.stat().st_mtime_ns)
    assert extracted[0] == extracted[1]
    found = build_report([folder.path]).published.set_index(["group", "score"])
    assert len(found) == 12
    row = found.loc[("mpi3d_real", "mig/discrete_mig")]
    assert row["n"] == 2 and row["verdict"] in (INSIDE, OUTSIDE) and row["images"] == "original"
    assert set(found.loc["mpi3d_realistic", "verdict"]) == {NOT_SCORED}
    assert "private test server" in row["note"]


@pytest.mark.exhaustive  # tests/cli/test_study.py measures a study; here a point of each kind of job.
@pytest.mark.usefixtures("eagerly", "tiny_backbone", "originals")
def test_time_and_disk_of_stage_2_are_measured_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(estimate, "_STEPS", 4)
    monkeypatch.setattr(estimate, "_WARM_UP", 1)
    load_names()
    points = build_points("paper_stage2", gin_bindings=STAGE2, seeds=range(3))
    folder = StudyFolder(tmp_path / "study")
    check_points(points, folder)
    with stand_ins(points, folder) as (small, once):
        cost = estimate.measure([point for point in points if point.job == "train"], small)
        lines = estimate.estimate_lines([cost], 1, once)
    tuned, extracted = once
    # .8 of 2 x 192 images in batches of 32; 128 samples.
    assert tuned.what == "mpi3d_real,finetuned: 10 updates of 32 images" and tuned.seconds > 0
    assert extracted.what == "mpi3d_real,features: 128 images through the extractor"
    assert extracted.num_bytes > 128 * 4 * 4
    assert (cost.num_points, cost.updates) == (3, 1) and len(lines) == 6
    assert lines[0].startswith(tuned.what) and lines[-1].endswith("GB for models and features")
    assert not folder.path.exists()


@pytest.mark.usefixtures("tiny_backbone")
def test_a_missing_original_is_named_before_anything_starts(originals, tmp_path):
    load_names()
    (originals / "mpi3d_real" / "mpi3d_real.npz").unlink()
    for study, lines in (("paper_stage1", STAGE1), ("paper_stage2", STAGE2)):
        points = build_points(study, gin_bindings=lines, seeds=range(1))
        with pytest.raises(FileNotFoundError, match=r"mpi3d_real.npz"):
            check_points(points, StudyFolder(tmp_path / "study"))
    (originals / "mpi3d_toy" / "mpi3d_toy.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"mpi3d_toy.npz"):
        check_points(points, StudyFolder(tmp_path / "study"))
