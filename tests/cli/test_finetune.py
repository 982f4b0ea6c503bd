"""bin/finetune as a user starts it: success, done once, bad flags, bad files."""

import json

import keras
import numpy as np
import pytest

CONFIG = """
# Gin file of a test: one small data set, the first layers of a backbone.
finetune.data_sets = ["dsprites_hearts"]
finetune.extractor = @feature_extractor
finetune.optimizer_fn = @RAdamOptimizer
feature_extractor.backbone_fn = @mobilenet
feature_extractor.pooling_fn = @global_average
mobilenet.weights = None
mobilenet.grey_to_rgb = True
mobilenet.options = {"alpha": 0.25}
mobilenet.layer = "conv_pw_1_relu"
finetune.epochs = 1
finetune.batch_size = 64
finetune.validation_batches = 1
"""


@pytest.mark.long
def test_prints_a_table_keeps_the_extractor_and_is_done_once(start_command, tmp_path):
    (tmp_path / "tiny.gin").write_text(CONFIG)
    arguments = ("finetune", "--gin_file=tiny.gin", "--model_dir=run")
    first = start_command(*arguments, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "factor",
        "scale",
        "position",
        "position",
        "mean",
    ]
    run = tmp_path / "run"
    results = json.loads((run / "results/json/train_results.json").read_text())
    assert f"{results['accuracy/scale']:.2%}" in lines[1]
    assert results["global_step"] == 20
    assert results["dataset_provenance"] == {"dsprites_hearts": "re-rendered"}
    assert "finetune.epochs = 1" in (run / "results/gin/train.gin").read_text()
    extractor = keras.models.load_model(run / "extractor.keras")
    assert extractor(np.zeros((2, 64, 64, 1), np.float32)).shape == (2, 16)
    written = (run / "results/json/train_results.json").read_bytes()
    second = start_command(*arguments, cwd=tmp_path)
    assert (second.returncode, second.stdout) == (0, "")
    assert (run / "results/json/train_results.json").read_bytes() == written


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--model_dir=run"], "--gin_file"),
        (
            ["--model_dir=run", "--gin_file=gin/papers/stage2/finetune_papr.gin"],
            "finetune_papr.gin",
        ),
        (
            [
                "--model_dir=run",
                "--gin_file=gin/papers/stage2/finetune_paper.gin",
                "--gin_bindings=DATA_SETS = ['dsprites_hearts', 'xysquares']",
                "--gin_bindings=xysquares.num_placements = 2",
            ],
            "'dsprites_hearts': (64, 64, 1), 'xysquares': (64, 64, 3)",
        ),
    ],
)
def test_bad_input_gives_one_clear_error_and_leaves_nothing(
    start_command, tmp_path, arguments, word
):
    result = start_command("finetune", *arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert word in error
    assert not (tmp_path / "run").exists()
