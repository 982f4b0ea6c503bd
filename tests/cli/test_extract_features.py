"""bin/extract_features: what it writes, and how it refuses."""

import json

import keras
import numpy as np
import pytest

import tfdis.features  # noqa: F401 (what is in extractor.keras)

FLAGS = [
    "--gin_file=gin/papers/stage1/extractor.gin",
    "--gin_bindings=dataset.name = 'xysquares'",
    "--gin_bindings=xysquares.num_placements = 2",
    "--gin_bindings=BACKBONE = @mobilenet",
    "--gin_bindings=mobilenet.options = {'alpha': 0.25}",
    "--gin_bindings=RESIZE_TO = 32",
    "--gin_bindings=LAYER = 'conv_pw_1_relu'",
    "--gin_bindings=KERNELS = (1,)",
    "--gin_bindings=STRIDES = (1,)",
]
RANDOM = "--gin_bindings=WEIGHTS = None"


@pytest.mark.long
def test_writes_features_the_extractor_and_a_module(start_command, tmp_path):
    result = start_command("extract_features", *FLAGS, RANDOM, f"--output_dir={tmp_path / 'f'}")
    assert result.returncode == 0, result.stderr
    names = {path.name for path in (tmp_path / "f").iterdir()}
    assert names == {"features.npy", "features.json", "extractor.keras", "tfhub"}
    metadata = json.loads((tmp_path / "f" / "features.json").read_text())
    assert "xysquares.num_placements = 2" in metadata["options"]
    assert np.load(tmp_path / "f" / "features.npy").shape == (64, 16)
    # Its own extractor, over samples.
    flags = [*FLAGS[1:3], f"--extractor={tmp_path / 'f'}", "--num_samples=10"]
    flags += ["--gin_file=gin/data/xysquares.gin", f"--output_dir={tmp_path / 'g'}"]
    result = start_command("extract_features", *flags)
    assert result.returncode == 0, result.stderr
    assert np.load(tmp_path / "g" / "factors.npy").shape == (10, 6)
    again = json.loads((tmp_path / "g" / "features.json").read_text())
    assert again["extractor"] == metadata["extractor"]
    assert keras.models.load_model(tmp_path / "g" / "extractor.keras").output_dim == 16


@pytest.mark.long
@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "Expected --gin_file"),
        (["--gin_file=absent.gin"], "absent.gin"),
        ([*FLAGS, "--gin_bindings=WEIGHTS = 'absent.h5'"], "absent.h5"),
        ([*FLAGS, RANDOM, "--extractor=absent.keras"], "Expected an extractor"),
        ([*FLAGS, RANDOM, "--gin_bindings=KERNELS = (17,)"], "kernel"),
    ],
)
def test_one_line_and_nothing_written(start_command, tmp_path, flags, message):
    result = start_command("extract_features", *flags, f"--output_dir={tmp_path / 'f'}")
    assert result.returncode == 1 and message in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "f").exists()
