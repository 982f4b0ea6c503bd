"""bin/challenge: the whole protocol on 64 images, its table, and how it refuses."""

import csv

import pytest

from tfdis.report.challenge import SCORES

BACKBONE = """
import keras
import tensorflow
from tfdis import registry

tensorflow.config.run_functions_eagerly(True)  # Twenty small steps take less time than to trace one.


@registry.backbone
def a_tiny_backbone(image_shape):
    images = keras.Input(image_shape)
    return keras.Model(images, keras.layers.Conv2D(4, 3, strides=4, activation="relu")(images))
"""
SMALL = [
    "DATA = ['gin/data/xysquares.gin']",
    "xysquares.num_placements = 2",
    "WEIGHTS = None",
    "EPOCH_IMAGES = 64",
    "VAE_EPOCHS = 20",
    "PIXEL_EPOCHS = 1",
    "model.eval_steps = 1",
    "mlp_encoder.hidden_units = (8,)",
    "mlp_decoder.hidden_units = (8,)",
]
SCORING = [
    "factor_vae_score.num_train = 20",
    "factor_vae_score.num_eval = 20",
    "factor_vae_score.num_variance_estimate = 64",
    "dci.num_train = 40",
    "dci.num_test = 20",
    "sap_score.num_train = 40",
    "sap_score.num_test = 20",
    "irs.num_train = 40",
    "mig.num_train = 40",
]


def _flags(folder, *bindings, scoring=SCORING):
    bindings = [*SMALL, f"challenge.scoring = {scoring!r}", *bindings]
    return [
        "--gin_file=gin/papers/stage1/arm3d.gin",
        f"--output_dir={folder}",
        *(f"--gin_bindings={binding}" for binding in bindings),
    ]


@pytest.mark.long
def test_the_whole_protocol_and_nothing_twice(start_command, tmp_path):
    (tmp_path / "tiny_backbone.py").write_text(BACKBONE)
    # From the folder of the module, for a backbone that is built, extracted with and exported in no time.
    own = ["--import=tiny_backbone", "--gin_bindings=BACKBONE = @a_tiny_backbone"]

    def start(*flags):
        return start_command("challenge", *flags, *own, cwd=tmp_path)

    result = start(*_flags(tmp_path), "--seeds=0")
    assert result.returncode == 0, result.stderr
    done = {
        path: path.stat().st_mtime_ns
        for path in tmp_path.rglob("*")
        if path.is_file() and "method" in path.parts
    }
    assert len([path for path in done if path.name == "features.npy"]) == 1
    result = start(*_flags(tmp_path), "--control=random", "--control=pixels")
    assert result.returncode == 0, result.stderr
    assert {path: path.stat().st_mtime_ns for path in done} == done
    with open(tmp_path / "scores.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    systems = ["stage 1", "stage 1, random backbone", "beta-VAE on pixels"]
    assert [row["system"] for row in rows] == systems
    assert [row["seed"] for row in rows] == ["0", "0", "0"]
    assert {row["dataset"] for row in rows} == {"xysquares"}
    for row in rows:
        scores = [float(row[name]) for name in SCORES]
        assert all(0 <= score <= 1 for score in scores)
        assert float(row["sum"]) == pytest.approx(sum(scores))
    assert (tmp_path / "scores.md").read_text() in result.stdout
    other = [line.replace("= 40", "= 41") for line in SCORING]
    result = start(*_flags(tmp_path, scoring=other))
    assert result.returncode == 1 and "dci.num_train = 41" in result.stderr
    assert "error: " in result.stderr and "Traceback" not in result.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    "flags, message",
    [
        (["--output_dir=x"], "Expected --gin_file"),
        (["--output_dir=x", "--gin_file=absent.gin"], "absent.gin"),
        ([*_flags("x"), "--seeds=0,a"], "--seeds of integers"),
        (_flags("x", scoring=["dcii.num_train = 4"]), "dcii.num_train"),
        (_flags("x", "xysquares.num_placements = 1"), "one value"),
    ],
)
def test_one_line_and_nothing_written(start_command, tmp_path, flags, message):
    flags = [
        f"--output_dir={tmp_path / 'x'}" if flag == "--output_dir=x" else flag for flag in flags
    ]
    result = start_command("challenge", *flags)
    assert result.returncode == 1 and message in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "x").exists()
