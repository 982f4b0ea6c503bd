"""What is wrong at a glance is said at once: TensorFlow, whose import takes seconds, is not imported for it."""

import os
import subprocess
import sys

import pytest
from command_server import ROOT

COMMANDS = [
    "train",
    "train --gin_file=nowhere.gin",
    "evaluate",
    "evaluate nowhere",
    "evaluate nowhere --model_dir=nowhere",
    "visualize nowhere",
    "report nowhere",
    "card nowhere",
    "validate --input_dirs=nowhere --output_dir=out",
    "extract_features --output_dir=out",
    "finetune --model_dir=out",
    "dataset_stats --gin_file=nowhere.gin",
    "perceived_distance --output_dir=out",
    "study --output_dir=nowhere",
    "challenge --output_dir=out",
    "score nowhere.npz",
    "convert_weights",
]


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_expected_without_tensorflow(command, tmp_path):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise RuntimeError('imported')")
    name, *arguments = command.split()
    path = f"{tmp_path}:{ROOT}:{os.environ.get('PYTHONPATH', '')}"
    result = subprocess.run(
        [sys.executable, ROOT / "bin" / name, *arguments],
        env=os.environ | {"PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1 and result.stderr.startswith("error: Expected"), result.stderr


def test_a_report_needs_no_tensorflow(tmp_path):
    """Nor do the names of studies, which it looks up for the published numbers of a study's paper."""
    script = (
        "import sys, tfdis.report.build, tfdis.report.write, tfdis.registry\n"
        "assert 'zoo' in list(tfdis.registry.STUDIES)\n"
        "print('tensorflow' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert result.stdout == "False\n", result.stderr
