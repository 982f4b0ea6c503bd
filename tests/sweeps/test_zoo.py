"""The zoo: its study trains what its gin files say, and every model is loaded by its name."""

from pathlib import Path

import keras
import numpy as np
import pytest

import tfdis
from tfdis.configuration import configured
from tfdis.files.error_text import is_expected
from tfdis.sweeps.build import build_points
from tfdis.sweeps.folder import TRAIN, StudyFolder
from tfdis.sweeps.studies.zoo import NAMES
from tfdis.sweeps.work import do_steps

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["model.training_steps = 1", "model.eval_steps = 1", "model.batch_size = 4"]


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """The folder of a zoo that is still empty."""
    monkeypatch.setenv("TFDIS_ZOO", str(tmp_path / "zoo"))
    monkeypatch.chdir(ROOT)
    return tmp_path / "zoo"


def test_every_model_has_a_gin_file():
    files = {path.stem for path in (ROOT / "gin/zoo").glob("*.gin")}
    assert files == {*NAMES, "shared"}


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_a_trained_model_is_small_and_loaded_by_its_name(zoo, start_command):
    points = build_points("zoo", gin_bindings=SMALL)
    do_steps(StudyFolder(zoo), points[NAMES.index("betavae_hearts")], [TRAIN])
    model = tfdis.load("zoo://betavae_hearts")
    images = np.random.RandomState(0).uniform(size=[3, 64, 64, 1]).astype(np.float32)
    assert model.encode(images).mean().shape == (3, 10)
    file = zoo / "points/betavae_hearts/model/model.keras"
    assert file.stat().st_size < 3e6
    shown = start_command("tfdis", "list", "zoo", environment={"COLUMNS": "500"}).stdout
    (line,) = (line for line in shown.splitlines() if "betavae_hearts" in line)
    assert "gin/zoo/betavae_hearts.gin, seed 0, 2." in line and str(file) in line
    assert shown.count("not trained: make zoo") == len(NAMES) - 1
    # What is loaded can be trained further, with a new optimiser.
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(images, epochs=1, verbose=0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("zoo://betavae_heart", "did you mean 'betavae_hearts'"),
        ("zoo://nonsense", "Received: 'nonsense'. Fix: `tfdis list zoo`"),
        ("zoo://betavae_hearts", "it is not trained there. Fix: `make zoo`"),
    ],
)
def test_what_is_not_there_is_said_with_the_fix(name, expected, zoo):
    with pytest.raises((ValueError, FileNotFoundError), match=expected) as raised:
        tfdis.load(name)
    assert is_expected(raised.value)


@pytest.mark.long
def test_the_others_are_configurations_of_their_data(zoo):
    points = build_points("zoo")
    assert [point.name for point in points] == [*NAMES]
    sizes = {}
    for point in points:
        assert len(point.metrics) == 3
        with configured(point.gin_files, point.bindings):
            sizes[point.name] = tfdis.get_named_ground_truth_data().observation_shape
    assert sizes["betavae_hearts"] == [64, 64, 1] and sizes["betatcvae_xysquares"] == [64, 64, 3]
