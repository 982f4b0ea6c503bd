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
