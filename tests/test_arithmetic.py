"""TensorFlow computes with oneDNN on every processor, or codes would depend on the size of a batch."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tfdis.dlib.scoring.coded_data import ENCODING_BATCH
from tfdis.networks import build_encoder
from tfdis.networks.conv import conv_encoder

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0"), ("1", "1")])
def test_import_turns_it_on_and_keeps_a_users_choice(before, after):
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {} if before is None else {VARIABLE: before}
    script = f"import os, sys, tfdis; print(os.environ[{VARIABLE!r}], 'tensorflow' in sys.modules)"
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.split() == [after, "False"], result.stderr


@pytest.mark.long
@pytest.mark.skipif(os.environ.get(VARIABLE) == "0", reason="oneDNN was turned off")
def test_codes_do_not_depend_on_the_size_of_a_batch():
    encoder = build_encoder(conv_encoder, (64, 64, 1), 10)
    images = np.random.RandomState(0).random_sample((384, 64, 64, 1)).astype(np.float32)
    whole = encoder(images)[0].numpy()
    for size in (16, 64, ENCODING_BATCH):  # Of disentanglement_lib's metrics; of tfdis.
        batches = images.reshape(-1, size, 64, 64, 1)
        codes = np.concatenate([encoder(batch)[0].numpy() for batch in batches])
        np.testing.assert_array_equal(codes, whole, err_msg=f"batches of {size}")


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.name)
def test_benchmarks_import_tfdis_first(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [
        name.split(".")[0]
        for statement in ast.walk(tree)
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in statement.names]
            if isinstance(statement, ast.Import)
            else [statement.module or ""]
        )
    ]
    # `walk` yields the statements of the module itself before those of functions, as Python runs them.
    first = [
        name for name in imported if name in ("tfdis", "tensorflow", "keras", "tensorflow_hub")
    ]
    assert not first or first[0] == "tfdis"
