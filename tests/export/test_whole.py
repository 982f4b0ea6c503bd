"""Files and folders appear whole or not at all."""

import os

import pytest

from tfdis.export.whole import check_vacant, written_whole


def _write(folder, text="new"):
    os.mkdir(folder)
    with open(os.path.join(folder, "file"), "w") as file:
        file.write(text)


def _read(folder):
    return (folder / "file").read_text()


def test_makes_parents_and_leaves_nothing_else(tmp_path):
    with written_whole(str(tmp_path / "a" / "b")) as folder:
        assert not (tmp_path / "a" / "b").exists()
        _write(folder)
    assert _read(tmp_path / "a" / "b") == "new"
    assert os.listdir(tmp_path / "a") == ["b"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_failure_leaves_what_was_there(tmp_path, error):
    _write(str(tmp_path / "b"), "old")
    with pytest.raises(error), written_whole(str(tmp_path / "b"), overwrite=True) as folder:
        _write(folder)
        raise error
    assert _read(tmp_path / "b") == "old"
    assert os.listdir(tmp_path) == ["b"]


def test_occupied_path_is_refused_before_the_body_runs(tmp_path):
    _write(str(tmp_path / "b"), "old")
    with pytest.raises(FileExistsError, match="exists"), written_whole(str(tmp_path / "b")):
        pytest.fail("the body ran")
    assert _read(tmp_path / "b") == "old"


def test_path_that_became_occupied_meanwhile_is_kept(tmp_path):
    with pytest.raises(FileExistsError), written_whole(str(tmp_path / "b")) as folder:
        _write(folder)
        _write(str(tmp_path / "b"), "of another process")
    assert _read(tmp_path / "b") == "of another process"
    assert os.listdir(tmp_path) == ["b"]


def test_replaces_a_folder(tmp_path):
    _write(str(tmp_path / "b"), "old")
    with written_whole(str(tmp_path / "b"), overwrite=True) as folder:
        _write(folder)
        assert _read(tmp_path / "b") == "old"
    assert _read(tmp_path / "b") == "new"
    assert os.listdir(tmp_path) == ["b"]


def test_writes_a_file_with_its_ending(tmp_path):
    with written_whole(str(tmp_path / "model.keras")) as path:
        assert path.endswith("model.keras")
        with open(path, "w") as file:
            file.write("x")
    assert os.listdir(tmp_path) == ["model.keras"]


def test_body_must_write_something(tmp_path):
    with pytest.raises(FileNotFoundError), written_whole(str(tmp_path / "b")):
        pass


def test_dangling_link_counts_as_occupied(tmp_path):
    os.symlink(tmp_path / "nowhere", tmp_path / "link")
    with pytest.raises(FileExistsError):
        check_vacant(str(tmp_path / "link"))
