"""bin/visualize told wrong things; tests/plots/test_run.py has it draw."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_command(*flags):
    process = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "visualize"), *flags],
        capture_output=True,
        text=True,
        timeout=300,
    )
    errors = [line for line in process.stderr.splitlines() if line.startswith("error:")]
    return process.returncode, errors


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--model_dir=nowhere"], "nowhere, which does not exist"),
        ([f"--model_dir={ROOT / 'gin'}"], "lacks tfhub and results"),
    ],
)
def test_command_with_a_wrong_folder(flags, words):
    code, errors = run_command(*flags)
    assert code == 1
    assert len(errors) == 1 and words in errors[0]


def test_command_with_a_wrong_flag():
    assert run_command("--model_dir=x", "--num_images=0")[0] == 1
    assert run_command()[0] == 1
