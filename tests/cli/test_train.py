"""bin/train as a user starts it: success, resume, bad flags, bad files."""

import json

import pytest

from tfdis.cli.train import default_model_dir

SMALL = (
    "DATASET = 'dsprites_hearts'",
    "model.training_steps = 4",
    "model.log_steps = 2",
    "model.eval_steps = 1",
    "model.batch_size = 4",
    "encoder.encoder_fn = @mlp_encoder",
    "decoder.decoder_fn = @mlp_decoder",
    "mlp_encoder.hidden_units = (8,)",
    "mlp_decoder.hidden_units = (8,)",
)


@pytest.fixture
def start(start_command):
    def start(*arguments, cwd, bindings=SMALL):
        bound = [f"--gin_bindings={binding}" for binding in bindings]
        return start_command("train", *arguments, *bound, cwd=cwd)

    return start


def _assert_one_clear_error(result, *words):
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, result.stderr
    for word in words:
        assert word in errors[0]


@pytest.mark.long
def test_trains_from_any_folder_and_is_done_once(start, tmp_path):
    first = start("--gin_file=gin/betatcvae.gin", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("betatcvae-")
    for name in (
        "tfhub/saved_model.pb",
        "saved_model/saved_model.pb",
        "model.keras",
        "training_log.csv",
    ):
        assert (run / name).is_file()
    config = json.loads((run / "results/json/train_config.json").read_text())
    assert config["dataset.name"] == "'dsprites_hearts'"
    assert config["reconstruction_loss.activation"] == "'logits'"
    results = (run / "results/json/train_results.json").read_text()
    assert "re-rendered" in results
    second = start("--gin_file=gin/betatcvae.gin", cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert (run / "results/json/train_results.json").read_text() == results


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "bindings", "words"),
    [
        ([], (), ["--gin_file"]),
        (["--gin_file=gin/betavea.gin"], (), ["gin/betavea.gin", "betavae.gin"]),
        (["--gin_file=gin/betavae.gin"], ("vae.betta = 4.",), ["betta"]),
        (["--gin_file=gin/betavae.gin"], ("DATASET = 'dsprite'",), ["dsprite", "dsprites_full"]),
        (
            ["--gin_file=gin/betavae.gin"],
            (*SMALL, "encoder.num_latent = 0"),
            ["latent", "Received: 0"],
        ),
        (["--gin_file=gin/betavae.gin", "--model_dir=/dev/null/run"], SMALL, ["/dev/null"]),
    ],
)
def test_bad_input_gives_one_clear_error_and_leaves_nothing(
    start, tmp_path, arguments, bindings, words
):
    result = start(*arguments, cwd=tmp_path, bindings=bindings)
    _assert_one_clear_error(result, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_misspelt_name_in_a_file_is_named_with_file_and_line(start, tmp_path):
    (tmp_path / "mine.gin").write_text("# mine\ninclude 'gin/betavae.gin'\nvaee.beta = 2.\n")
    result = start("--gin_file=mine.gin", cwd=tmp_path)
    _assert_one_clear_error(result, "vaee", "mine.gin", "3")


@pytest.mark.long
def test_an_occupied_folder_is_not_touched(start, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("precious")
    for more in ([], ["--overwrite"]):
        result = start("--gin_file=gin/betavae.gin", "--model_dir=thesis", *more, cwd=tmp_path)
        _assert_one_clear_error(result, "thesis")
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "precious"


def test_a_wrong_flag_is_named(start, tmp_path):
    result = start("--gin_flie=gin/betavae.gin", cwd=tmp_path)
    assert result.returncode == 1
    assert "gin_flie" in result.stderr
    assert "Traceback" not in result.stderr


def test_help_shows_the_flags(start, tmp_path):
    """tests/test_house.py: without TensorFlow."""
    result = start("--help", cwd=tmp_path, bindings=())
    assert result.returncode == 0
    assert "--gin_file" in result.stdout


@pytest.mark.parametrize(
    "binding",
    [
        "model.threads = 1",
        "runtime.threads=2",
        " runtime.log_steps  =5",
        "tfdis.training.model.checkpoint_steps = 3",
        "model.steps_per_execution = 2",
    ],
)
def test_options_that_change_no_result_do_not_change_the_default_folder(binding):
    files, bindings = ["gin/betavae.gin"], ["vae.beta = 4."]
    name = default_model_dir(files, bindings)
    assert default_model_dir(files, [binding, *bindings, binding]) == name
    others = (["vae.beta = 5."], ["vae.beta = 4.", "model.precision = 'mixed_bfloat16'"], [])
    assert name not in [default_model_dir(files, other) for other in others]
    assert default_model_dir(["gin/vae.gin"], bindings) != name
