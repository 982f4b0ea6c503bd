"""bin/visualize told wrong things; tests/plots/test_run.py has it draw."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_command(start_command):
    def run(*flags):
        process = start_command("visualize", *flags)
        errors = [line for line in process.stderr.splitlines() if line.startswith("error:")]
        return process.returncode, errors

    return run


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--model_dir=nowhere"], "nowhere, which does not exist"),
        (["nowhere"], "nowhere, which does not exist"),
        ([f"--model_dir={ROOT / 'gin'}"], "lacks tfhub and results"),
    ],
)
def test_command_with_a_wrong_folder(run_command, flags, words):
    code, errors = run_command(*flags)
    assert code == 1
    assert len(errors) == 1 and words in errors[0]


@pytest.mark.parametrize(
    "arguments",
    [(), ("runs/a", "runs/b"), ("runs/a", "--model_dir=runs/b"), ("--contact_sheet=sheet.png",)],
)
def test_command_without_one_run_or_folders_of_a_contact_sheet(run_command, arguments):
    code, errors = run_command(*arguments)
    assert code == 1
    assert len(errors) == 1 and errors[0].startswith("error: Expected ")


def test_command_with_a_wrong_flag(run_command):
    assert run_command("--model_dir=x", "--num_images=0")[0] == 1
    assert run_command()[0] == 1
