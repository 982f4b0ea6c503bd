"""Run folders: new, resumed, refused, replaced."""

import os
import signal

import pytest

from tfdis.training.run_folder import RESULTS_FILE, RunFolder

CONFIG = "vae.beta = 4.0\nmodel.training_steps = 100\n"


def _prepared(path, config=CONFIG, overwrite=False):
    folder = RunFolder(path, config, overwrite)
    with folder.held():
        folder.prepare()
    return folder


def test_checking_writes_nothing(tmp_path):
    RunFolder(tmp_path / "run", CONFIG)
    assert not (tmp_path / "run").exists()


def test_the_same_configuration_is_resumed(tmp_path):
    _prepared(tmp_path / "run")
    (tmp_path / "run" / "weights").write_text("precious")
    _prepared(tmp_path / "run", "# another comment\n" + CONFIG)
    assert (tmp_path / "run" / "weights").read_text() == "precious"


def test_another_configuration_is_refused_and_the_difference_is_named(tmp_path):
    _prepared(tmp_path / "run")
    with pytest.raises(
        FileExistsError, match=r"(?s)-vae.beta = 4.0.*\+vae.beta = 8.0.*--overwrite"
    ):
        RunFolder(tmp_path / "run", CONFIG.replace("4.0", "8.0"))


def test_more_steps_are_the_same_run_but_no_longer_complete(tmp_path):
    folder = _prepared(tmp_path / "run")
    results = folder.path / RESULTS_FILE
    results.parent.mkdir(parents=True)
    results.write_text("{}")
    assert RunFolder(tmp_path / "run", CONFIG).is_complete
    longer = CONFIG.replace("100", "200")
    assert not RunFolder(tmp_path / "run", longer).is_complete
    _prepared(tmp_path / "run", longer)
    assert not results.exists()


MACROS = """
BETA = 4.0
EPOCHS = 2
STEPS = %SOME
SOME = 100
NOTE = 1
vae.beta = %BETA
vae.rates = [%BETA, '%SOME']
"""
EPOCHS = """model.training_steps = @training/epoch_steps()
training/epoch_steps.num_epochs = %EPOCHS
"""


@pytest.mark.parametrize(
    ("length", "changed"),
    [
        ("model.training_steps = %STEPS\n", ("SOME = 100", "SOME = 200")),
        ("model.training_steps = %STEPS\n", ("STEPS = %SOME", "STEPS = 200")),
        ("finetune.epochs = %EPOCHS\n", ("EPOCHS = 2", "EPOCHS = 3")),
        (EPOCHS, ("EPOCHS = 2", "EPOCHS = 3")),
        (EPOCHS, ("@training/epoch_steps()", "300")),
    ],
)
def test_what_only_says_how_long_a_run_is_may_grow_as_a_macro_and_by_reference(
    tmp_path, length, changed
):
    folder = _prepared(tmp_path / "run", MACROS + length)
    folder.path.joinpath("results/json").mkdir(parents=True)
    (folder.path / RESULTS_FILE).write_text("{}")
    assert RunFolder(tmp_path / "run", MACROS + length).is_complete
    longer = (MACROS + length).replace(*changed)
    assert longer != MACROS + length
    assert not RunFolder(tmp_path / "run", longer).is_complete


def test_the_same_values_are_the_same_run_however_they_are_written(tmp_path):
    config = MACROS + "model.training_steps = %STEPS\n"
    _prepared(tmp_path / "run", config)
    plain = "vae.beta = 4.0\nvae.rates = [4.0,\n   '%SOME']\nmodel.training_steps = 100\n"
    assert RunFolder(tmp_path / "run", plain)._is_marked()
    assert RunFolder(tmp_path / "run", config.replace("NOTE = 1", "NOTE = 2"))._is_marked()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (("BETA = 4.0", "BETA = 5.0"), r"(?s)-vae.beta = 4.0.*\+vae.beta = 5.0"),
        # The length shares its macro, or the configurable that it refers to, with something else.
        (("EPOCHS = 2", "EPOCHS = 3"), r"(?s)-a.b = 2.*\+a.b = 3"),
        (("num_images = 7", "num_images = 8"), r"(?s)-epoch_steps.num_images = 7"),
    ],
)
def test_a_macro_of_anything_else_may_not_change(tmp_path, changed, named):
    config = MACROS + EPOCHS + "a.b = %EPOCHS\nepoch_steps.num_images = 7\n"
    _prepared(tmp_path / "run", config)
    with pytest.raises(FileExistsError, match=named):
        RunFolder(tmp_path / "run", config.replace(*changed))
    shared = MACROS + EPOCHS + "a.b = @training/epoch_steps()\n"
    _prepared(tmp_path / "shared", shared)
    with pytest.raises(FileExistsError, match="-training/epoch_steps.num_epochs = 2"):
        RunFolder(tmp_path / "shared", shared.replace("EPOCHS = 2", "EPOCHS = 3"))


def test_a_folder_that_is_no_run_is_never_touched(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    (tmp_path / "results").mkdir()
    with pytest.raises(FileExistsError, match="not a run"):
        RunFolder(tmp_path, CONFIG)
    with pytest.raises(FileExistsError, match="only deletes runs"):
        RunFolder(tmp_path, CONFIG, overwrite=True)
    assert (tmp_path / "thesis.tex").read_text() == "precious"


def test_overwrite_replaces_another_run(tmp_path):
    _prepared(tmp_path / "run")
    (tmp_path / "run" / "old").write_text("")
    RunFolder(tmp_path / "run", "vae.beta = 1.0\n", overwrite=True)
    assert (tmp_path / "run" / "old").exists()
    _prepared(tmp_path / "run", "vae.beta = 1.0\n", overwrite=True)
    assert not (tmp_path / "run" / "old").exists()


def test_a_kill_before_the_mark_is_complete_leaves_a_new_folder(tmp_path, monkeypatch):
    def die(self, text, **options):
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr("pathlib.Path.write_text", die)
        _prepared(tmp_path / "run")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert os.listdir(tmp_path / "run") and RunFolder(tmp_path / "run", CONFIG).is_new
    _prepared(tmp_path / "run")
    assert os.listdir(tmp_path / "run") == ["run.json"]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(FileExistsError, match="which is a file"):
        RunFolder(tmp_path / "run", CONFIG)
