"""A .keras file is loaded wherever tfdis was imported, whichever of its rooms were, before or after Keras."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tfdis
from tfdis import models
from tfdis.files.keras_classes import _LoadedOnDemand
from tfdis.training.optimizers import FusedAdam

REGISTERS = re.compile(r"^@(keras.saving.register_keras|registry.(model|objective|pooling))", re.M)
LOAD = """
model = keras.saving.load_model("model.keras")
assert type(model).__name__ == "FactorVAE" and type(model.optimizer).__name__ == "FusedAdam"
"""
REFUSED = """
import sys
import keras
assert not any(name.startswith("tfdis") for name in sys.modules)
try:
    keras.saving.load_model("model.keras")
except TypeError as error:
    assert "'module': 'tfdis.models.factor_vae'" in str(error), error
import tfdis.models
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds model.keras, a FactorVAE after a step, and beside it the model itself."""
    path = tmp_path_factory.mktemp("saved")
    options = {"encoder": "fc_encoder", "decoder": "fc_decoder"}
    model = models.FactorVAE(6.4, image_shape=(8, 8, 1), latent_dim=2, **options)
    model.compile(FusedAdam(1e-3), run_eagerly=True)
    model.fit(np.zeros((4, 8, 8, 1), np.float32), batch_size=4, verbose=0)
    model.save(path / "model.keras")
    return path


@pytest.mark.long
def test_a_file_is_loaded_where_keras_was_imported_before_tfdis(folder, start_command):
    """In a fork of a process that has imported Keras, and nothing of tfdis."""
    (folder / "keras_first.py").write_text(REFUSED + LOAD)
    result = start_command(folder / "keras_first.py", cwd=folder)
    assert result.returncode == 0, result.stderr


@pytest.mark.exhaustive
def test_a_file_is_loaded_where_tfdis_was_imported_before_keras(folder):
    command = [sys.executable, "-c", "import tfdis, keras" + LOAD]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200)
    assert result.returncode == 0, result.stderr


@pytest.mark.long
def test_every_module_that_registers_a_class_is_among_those_imported(start_command, tmp_path):
    """In a process of its own, where no other test has imported them."""
    root = Path(tfdis.__file__).parent
    expected = {
        ".".join(path.relative_to(root.parent).with_suffix("").parts)
        for room in ("features", "models", "networks", "objectives", "training")
        for path in (root / room).glob("*.py")
        if REGISTERS.search(path.read_text(encoding="utf-8"))
    }
    assert len(expected) > 30
    script = tmp_path / "show_modules.py"
    script.write_text("import sys, tfdis; tfdis._load_keras_classes(); print(*sys.modules)")
    result = start_command(script, cwd=tmp_path)
    assert expected - set(result.stdout.split()) == set(), result.stderr


def test_modules_are_imported_once_and_only_for_their_package():
    calls = []
    table = _LoadedOnDemand({"a>B": int}, "mine", lambda: calls.append(1))
    assert "a>B" in table and "a>C" not in table and calls == []
    assert "mine>C" not in table and "mine>D" not in table and calls == [1]
