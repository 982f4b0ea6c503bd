"""Files and folders appear whole or not at all.

Other processes are spawned: a fork of one with TensorFlow's threads may hang or die.
"""

import contextlib
import errno
import multiprocessing
import os
import signal
import time

import pytest

from tfdis.files import whole
from tfdis.files.lock import InUseError
from tfdis.files.whole import check_vacant, write_text_whole, written_whole


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


@pytest.mark.parametrize(
    "name", ["a[4]*?{x}", "sp ace", "ünï", "back\\slash", "n" * 255, "n" * 249 + ".keras"]
)
def test_every_name_will_do(tmp_path, name):
    for text in ("first", "second"):
        with written_whole(tmp_path / name, overwrite=True) as partial:
            assert os.path.basename(partial) == name
            _write(partial, text)
        assert _read(tmp_path / name) == text
    assert os.listdir(tmp_path) == [name]


def _kill_while_writing(path, moment):
    """Writes a folder, and dies at a moment: in the body, or after one of the renames."""
    renames = iter(("first rename", "second rename"))
    rename = os.rename

    def die_after(source, target):
        rename(source, target)
        if next(renames) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    os.rename = die_after
    with written_whole(path, overwrite=True) as folder:
        _write(folder)
        if moment == "body":
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("moment", ["body", "first rename", "second rename"])
def test_the_next_writer_mends_what_a_killed_one_left(tmp_path, moment):
    _write(str(tmp_path / "b"), "old")
    process = multiprocessing.get_context("spawn").Process(
        target=_kill_while_writing, args=(str(tmp_path / "b"), moment)
    )
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    with contextlib.suppress(ValueError), written_whole(tmp_path / "b", overwrite=True) as folder:
        _write(folder)
        raise ValueError
    assert _read(tmp_path / "b") == ("new" if moment == "second rename" else "old")
    assert os.listdir(tmp_path) == ["b"]


def _write_until_killed(path):
    with written_whole(path) as folder:
        _write(folder)
        time.sleep(60)


def test_two_processes_do_not_write_the_same(tmp_path):
    process = multiprocessing.get_context("spawn").Process(
        target=_write_until_killed, args=(tmp_path / "b",)
    )
    process.start()
    while not list(tmp_path.glob(".tfdis-*/b/file")):
        assert process.is_alive()
        time.sleep(0.01)
    with pytest.raises(InUseError, match=f"in use by process {process.pid} on "):
        write_text_whole(tmp_path / "b", "text")
    process.kill()
    process.join(20)
    write_text_whole(tmp_path / "b", "text")
    assert (tmp_path / "b").read_text() == "text" and os.listdir(tmp_path) == ["b"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Unable to flush file (errno = 28, error message = 'No space left on device')"),
        RuntimeError("ckpt-6_temp; No space left on device [Op:SaveV2]"),  # TensorFlow says it so.
    ],
)
def test_a_full_disk_is_explained(tmp_path, error):
    _write(str(tmp_path / "b"), "old")
    with (
        pytest.raises(
            OSError, match="Expected to write .*b. Received.*No space left.*free"
        ) as caught,
        written_whole(tmp_path / "b", overwrite=True) as folder,
    ):
        _write(folder)
        raise error
    assert caught.value.errno == errno.ENOSPC
    assert _read(tmp_path / "b") == "old" and os.listdir(tmp_path) == ["b"]


def test_other_errors_stay_as_they_are(tmp_path):
    error = PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(PermissionError) as caught, whole.written_whole(tmp_path / "b"):
        raise error
    assert caught.value is error


def test_overwriting_never_deletes_what_is_of_another_kind(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("precious")
    (tmp_path / "letter.txt").write_text("precious")

    def replace(name, write):
        with (
            pytest.raises(FileExistsError, match="Nothing was changed"),
            written_whole(tmp_path / name, overwrite=True) as partial,
        ):
            write(partial)

    replace("thesis", _write)
    replace("thesis", lambda path: open(path, "w").close())
    replace("letter.txt", _write)
    assert (tmp_path / "thesis" / "thesis.tex").read_text() == "precious"
    assert os.listdir(tmp_path / "thesis") == ["thesis.tex"]
    assert sorted(os.listdir(tmp_path)) == ["letter.txt", "thesis"]


def test_fewer_pictures_replace_more(tmp_path):
    for count in (3, 2):
        with written_whole(tmp_path / "pictures", overwrite=True) as folder:
            os.mkdir(folder)
            for number in range(count):
                open(os.path.join(folder, f"animation{number}.gif"), "w").close()
    assert len(os.listdir(tmp_path / "pictures")) == 2
