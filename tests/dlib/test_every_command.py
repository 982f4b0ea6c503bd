"""Every command of disentanglement_lib: a wrong flag and a wrong file are one line, and write nothing."""

import os

import pytest
from dlib_flags import FLAGS_OF
from one_of_each_kind import case

OUT, MODEL = "--output_dir=out", "--model_dir=out"
PIPELINE = ["--output_directory=out", "--gin_model_config_name=absent.gin"]
NO_CONFIG = ["--gin_config=absent.gin"]
# Command -> flags that name a file or folder that is not there or holds something else, and the message.
BAD_FILES = {
    "dlib_aggregate_results": (["--result_file_pattern=*.txt"], "notes.txt"),
    "dlib_download_data": (["--data_dir=notes.txt", "--attempts=1"], "notes.txt"),
    "dlib_evaluate": (["--input_dir=absent", OUT, *NO_CONFIG], "absent/tfhub"),
    "dlib_postprocess": (["--model_dir=absent", OUT, *NO_CONFIG], "absent/tfhub"),
    "dlib_reason": ([OUT, *NO_CONFIG], "absent.gin"),
    "dlib_reproduce": (["--model_dir=absent", "--output_directory=out"], "absent, which does not"),
    "dlib_reproduce_jmlr": (PIPELINE, "absent.gin"),
    "dlib_reproduce_semi_supervised": (PIPELINE, "absent.gin"),
    "dlib_reproduce_weakly_supervised": (PIPELINE, "absent.gin"),
    "dlib_train": ([MODEL, *NO_CONFIG], "absent.gin"),
    "dlib_train_semi_supervised": ([MODEL, *NO_CONFIG], "absent.gin"),
    "dlib_train_weakly_supervised": ([MODEL, *NO_CONFIG], "absent.gin"),
    "dlib_udr": (["--model_dirs=absent,b", OUT, *NO_CONFIG], "absent, which does not"),
    "dlib_visualize_dataset": (["--path=out", "--gin_file=absent.gin"], "absent.gin"),
    "dlib_visualize_model": (["--model_dir=absent", OUT], "absent, which does not"),
}


@pytest.fixture
def folder(tmp_path):
    """A folder with one file, which is none of disentanglement_lib's."""
    (tmp_path / "notes.txt").write_text("of mine")
    yield tmp_path
    assert os.listdir(tmp_path) == ["notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "of mine"


def test_the_only_command_without_files_is_that_of_the_tests():
    assert set(FLAGS_OF) - set(BAD_FILES) == {"dlib_tests"}


@pytest.mark.parametrize("command", FLAGS_OF)
def test_a_wrong_flag_is_named(command, folder, start_command):
    result = start_command(command, "--overwriet", cwd=folder)
    assert result.returncode == 1
    assert "overwriet" in result.stderr and "Traceback" not in result.stderr


# Commands that read their files by the same function as another one.
SAME_FUNCTION = {
    *("dlib_reproduce_semi_supervised", "dlib_reproduce_weakly_supervised"),
    *("dlib_train_semi_supervised", "dlib_train_weakly_supervised"),
}


@pytest.mark.long
@pytest.mark.parametrize(
    "command", [case(command not in SAME_FUNCTION, command) for command in BAD_FILES]
)
def test_a_wrong_file_is_named(command, folder, start_command):
    flags, message = BAD_FILES[command]
    result = start_command(command, *flags, cwd=folder)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert result.returncode == 1 and message in line
    assert "Traceback" not in result.stderr


def test_a_file_of_tests_that_is_not_there_is_named(folder, start_command):
    result = start_command("dlib_tests", "--only=no_such", cwd=folder)
    assert result.returncode == 1 and "Received: 'no_such'" in result.stderr
