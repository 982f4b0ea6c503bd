"""Codes kept beside a module: read by the next process, never trusted if they may be others."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from absl import logging
from one_of_each_kind import case

from tfdis import registry
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.state_space import FactorStateSpace
from tfdis.dlib import commands
from tfdis.dlib.scoring import identity, module_codes
from tfdis.dlib.scoring.kept_codes import KeptCodes
from tfdis.dlib.scoring.module_codes import ModuleCodes

STUDY = "unsupervised_study_v1/metric_configs"
MIG = [f"{STUDY}/mig.gin"]
SMALL = ["mig.num_train = 60"]
SAP = ["sap_score.num_train = 60", "sap_score.num_test = 40"]


class Grid(EnumerableData):
    """200 images of 4 x 4 whose pixels follow from their factors."""

    brightness = 1

    def __init__(self):
        super().__init__("kept_grid", "abc", FactorStateSpace((5, 5, 8)), (4, 4, 1), "generated")

    def images_at(self, indices):
        factors = self.state_space.factors_of(np.asarray(indices))
        images = factors @ np.random.RandomState(0).randint(1, 9, size=(3, 16))
        return (self.brightness * images % 256).astype(np.uint8).reshape(-1, 4, 4, 1)


class DrawnImages(Grid):
    """Its image of an index is another one each time."""

    def images_at(self, indices):
        return np.random.randint(256, size=(len(indices), 4, 4, 1)).astype(np.uint8)


@pytest.fixture(autouse=True)
def grid(monkeypatch):
    monkeypatch.setitem(registry.DATA_SETS, "kept_grid", Grid)


@pytest.fixture
def folder(export_projection):
    return str(export_projection("kept_grid", (4, 4, 1)))


@pytest.fixture
def num_encoded(monkeypatch):
    """Images that modules have encoded."""
    seen = []
    encode = ModuleCodes.encode

    def counting(self, images):
        seen.append(len(images))
        return encode(self, images)

    monkeypatch.setattr(ModuleCodes, "encode", counting)
    return lambda: sum(seen)


@pytest.fixture
def lines(monkeypatch):
    """What is logged."""
    logged = []
    for level in ("info", "warning"):
        monkeypatch.setattr(logging, level, lambda text, *values: logged.append(text % values))
    return logged


def _score(folder, target, files=MIG, bindings=SMALL, **options):
    commands.evaluate(folder, str(target), files, bindings, **options)
    with open(target / "results" / "json" / "evaluation_results.json") as file:
        scores = json.load(file)
    return {key: scores[key] for key in scores if key not in ("elapsed_time", "uuid")}


def _kept(folder):
    return os.path.join(folder, "codes", "kept_grid")


@pytest.mark.filterwarnings("ignore")
def test_the_second_time_nothing_is_encoded(folder, tmp_path, num_encoded):
    plain = _score(folder, tmp_path / "plain", keep_codes=False)
    assert os.listdir(folder).count("codes") == 0
    of_one = num_encoded()
    assert _score(folder, tmp_path / "first") == plain
    assert num_encoded() == 2 * of_one and 0 < of_one <= 60
    assert sorted(os.listdir(_kept(folder))) == ["codes.json", "codes.npy", "known.npy"]
    assert np.load(os.path.join(_kept(folder), "codes.npy")).shape == (of_one, 4)
    assert _score(folder, tmp_path / "second") == plain
    assert num_encoded() == 2 * of_one
    # Other metrics encode what is missing, and add it.
    sap = _score(folder, tmp_path / "sap", [f"{STUDY}/sap_score.gin"], SAP)
    target = tmp_path / "plain_sap"
    assert sap == _score(folder, target, [f"{STUDY}/sap_score.gin"], SAP, keep_codes=False)
    known = len(np.load(os.path.join(_kept(folder), "codes.npy")))
    assert of_one < known <= 200
    before = num_encoded()
    runs = [
        (MIG[0], str(tmp_path / "a"), SMALL),
        (f"{STUDY}/sap_score.gin", str(tmp_path / "b"), SAP),
    ]
    commands.evaluate_all(folder, runs)
    assert num_encoded() == before


@pytest.mark.long
def test_a_code_is_the_same_to_the_last_bit_whatever_was_known(export_projection):
    """A product of one row is summed in another order than one of many."""
    data = get_named_ground_truth_data("dsprites_hearts")
    folder = str(export_projection("dsprites_hearts"))
    wanted = np.arange(0, 1500, 5)

    def codes(*parts):
        module = ModuleCodes(folder, keep=False)
        module.coded(data)
        for part in parts:
            module.codes_of(part)
        return module.codes_of(wanted)

    expected = codes()
    np.testing.assert_array_equal(codes(wanted[:1], wanted[1:4], wanted[9:40]), expected)
    np.testing.assert_array_equal(codes(wanted[1:]), expected)


def _rewrite(folder, name, change):
    """Changes an array and makes its digest match, as no accident does."""
    path = os.path.join(_kept(folder), name)
    np.save(path, change(np.load(path)))
    with open(os.path.join(_kept(folder), "codes.json")) as file:
        kept = json.load(file)
    kept["sha256"][name] = identity.file_digest(path)
    with open(os.path.join(_kept(folder), "codes.json"), "w") as file:
        json.dump(kept, file)


def _write(folder, name, text):
    with open(os.path.join(_kept(folder), name), "w") as file:
        file.write(text)


def _flip(folder):
    path = os.path.join(_kept(folder), "codes.npy")
    with open(path, "r+b") as file:
        file.seek(-3, os.SEEK_END)
        byte = file.read(1)
        file.seek(-3, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))


def _cut(folder):
    os.truncate(os.path.join(_kept(folder), "codes.npy"), 200)


def _other_module(folder):
    """The same codes times two."""
    import tensorflow as tf

    from tfdis.export import Signature, export_frozen
    from tfdis.export.postprocess import load_signature

    inner = load_signature(os.path.join(folder, "tfhub"), "representation")
    spec = tf.TensorSpec([None, 4, 4, 1], tf.float32)
    signature = Signature(
        lambda images: {"default": inner.function(images=images)["default"] ** 2}, {"images": spec}
    )
    export_frozen({"representation": signature}, os.path.join(folder, "other"))
    shutil.rmtree(os.path.join(folder, "tfhub"))
    os.rename(os.path.join(folder, "other"), os.path.join(folder, "tfhub"))


# What happened to the kept codes -> (what does it, what is logged).
DAMAGES = {
    "cut off": (_cut, "damaged"),
    "a flipped bit": (_flip, "damaged"),
    "no description": (lambda f: os.remove(os.path.join(_kept(f), "codes.json")), "No such file"),
    "no codes": (lambda f: os.remove(os.path.join(_kept(f), "codes.npy")), "No such file"),
    "no JSON": (lambda f: _write(f, "codes.json", "{"), "encoded again"),
    "other JSON": (lambda f: _write(f, "codes.json", "[1]"), "encoded again"),
    "JSON without identity": (lambda f: _write(f, "codes.json", "{}"), "identity"),
    "other dtype": (lambda f: _rewrite(f, "codes.npy", np.float64), "float64"),
    "fewer rows": (lambda f: _rewrite(f, "codes.npy", lambda codes: codes[1:]), "of shape"),
    "one dimension": (lambda f: _rewrite(f, "codes.npy", lambda codes: codes[:, 0]), "of shape"),
    "another number of images": (
        lambda f: _rewrite(f, "known.npy", lambda bits: np.append(bits, np.uint8(0))),
        "of shape",
    ),
    "another module": (_other_module, "another module"),
}


# One of each way to notice it.
FOR_ALL = {"a flipped bit", "no codes", "no JSON", "other dtype", "another module"}


@pytest.mark.long
@pytest.mark.parametrize("damage", [case(damage in FOR_ALL, damage) for damage in DAMAGES])
def test_what_does_not_match_is_encoded_again(damage, folder, tmp_path, num_encoded, lines):
    _score(folder, tmp_path / "first")
    damages, message = DAMAGES[damage]
    damages(folder)
    before, lines[:] = num_encoded(), []
    found = _score(folder, tmp_path / "second")
    num = num_encoded() - before
    assert 0 < num <= 60
    (line,) = [line for line in lines if "encoded again" in line]
    assert message in line and "kept_grid" in line
    assert found == _score(folder, tmp_path / "plain", keep_codes=False)
    # What was made again is whole.
    before = num_encoded()
    assert _score(folder, tmp_path / "third") == found
    assert num_encoded() == before


@pytest.mark.parametrize("name", ["brightness", "provenance", "rows", "tensorflow"])
def test_codes_of_other_images_are_not_taken(name, folder, tmp_path, num_encoded, monkeypatch):
    _score(folder, tmp_path / "first")
    if name == "brightness":
        monkeypatch.setattr(Grid, "brightness", 2)
    elif name == "rows":  # The table of factors was changed, at images that nobody compares.
        monkeypatch.setattr(Grid, "rows", np.arange(200)[::-1], raising=False)
    elif name == "tensorflow":
        monkeypatch.setattr(module_codes.tf, "__version__", "2.0")
    else:

        def original():
            data = Grid()
            data.provenance = "original"
            return data

        monkeypatch.setitem(registry.DATA_SETS, "kept_grid", original)
    before = num_encoded()
    _score(folder, tmp_path / "second")
    assert num_encoded() > before


@pytest.mark.long
def test_every_variant_of_a_data_set_has_its_own(export_projection, tmp_path, num_encoded):
    folder = str(export_projection("xysquares", (64, 64, 3)))
    for spacing in (8, 4, 8, 4):
        bindings = ["mig.num_train = 60", f"xysquares.grid_spacing = {spacing}"]
        before = num_encoded()
        _score(folder, tmp_path / f"{spacing}-{before}", MIG, bindings)
        if before:
            last = num_encoded() - before
    assert last == 0 and len(os.listdir(os.path.join(folder, "codes"))) == 2


@pytest.mark.filterwarnings("ignore")
def test_a_folder_that_cannot_be_written_is_one_line(folder, tmp_path, lines):
    plain = _score(folder, tmp_path / "plain", keep_codes=False)
    with open(os.path.join(folder, "codes"), "w") as file:
        file.write("mine")
    runs = [
        (MIG[0], str(tmp_path / "mig"), SMALL),
        (f"{STUDY}/sap_score.gin", str(tmp_path / "sap"), SAP),
    ]
    commands.evaluate_all(folder, runs)
    (line,) = [line for line in lines if "not kept" in line]
    assert os.path.join("codes", "kept_grid") in line
    assert _score(folder, tmp_path / "again") == plain
    with open(os.path.join(folder, "codes")) as file:
        assert file.read() == "mine"


@pytest.mark.long
def test_images_and_codes_that_are_drawn_are_not_kept(
    export_projection, tmp_path, monkeypatch, folder
):
    monkeypatch.setitem(registry.DATA_SETS, "kept_grid", DrawnImages)
    _score(folder, tmp_path / "drawn")
    noisy = str(export_projection("noisy_dsprites", (64, 64, 3)))
    hearts = registry.DATA_SETS["dsprites_hearts"]
    from tfdis.data.sets.dsprites.noisy import NoisyDSprites

    monkeypatch.setitem(
        registry.DATA_SETS, "noisy_dsprites", lambda: NoisyDSprites("noisy_dsprites", hearts())
    )
    _score(noisy, tmp_path / "noisy")
    for name in (folder, noisy):
        assert "codes" not in os.listdir(name)


@pytest.mark.filterwarnings("ignore")
def test_what_an_interrupted_evaluation_encoded_is_kept(folder, tmp_path, num_encoded, monkeypatch):
    encode, calls = ModuleCodes.encode, []

    def stopped(self, images):
        calls.append(len(images))
        if len(calls) > 1:
            raise KeyboardInterrupt
        return encode(self, images)

    path, small = [f"{STUDY}/beta_vae_sklearn.gin"], ["beta_vae_sklearn.num_train = 10"]
    small += ["beta_vae_sklearn.num_eval = 10", "beta_vae_sklearn.batch_size = 64"]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ModuleCodes, "encode", stopped)
        _score(folder, tmp_path / "m", path, small)
    assert calls[0] == 128 and num_encoded() == 128
    _score(folder, tmp_path / "m", path, small)
    assert num_encoded() == 200


ADD = """
import sys
import numpy as np
from tfdis.dlib.scoring.kept_codes import KeptCodes
part, folder = int(sys.argv[1]), sys.argv[2]
codes = np.arange(4000, dtype=np.float32).reshape(1000, 4)
kept = KeptCodes(folder, {"module": "a"}, 1000, np.float32)
for step in range(part, 40, 4):
    is_known = np.zeros(1000, bool)
    is_known[step * 25 : step * 25 + 25] = True
    kept.add(np.where(is_known[:, None], codes, 0), is_known)
    assert kept.read() is not None
"""


@pytest.mark.long
def test_processes_that_write_at_once_lose_nothing(tmp_path):
    folder = str(tmp_path / "codes" / "set")
    processes = [
        subprocess.Popen([sys.executable, "-c", ADD, str(part), folder]) for part in range(4)
    ]
    assert [process.wait() for process in processes] == [0] * 4
    codes, is_known = KeptCodes(folder, {"module": "a"}, 1000, np.float32).read()
    assert is_known.all() and not codes.flags.writeable
    np.testing.assert_array_equal(codes, np.arange(4000).reshape(1000, 4))
    assert os.listdir(tmp_path / "codes") == ["set"]


def test_merging_is_done_in_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("tfdis.dlib.scoring.kept_codes._BLOCK", 7)
    random_state = np.random.RandomState(0)
    codes = random_state.normal(size=(50, 3)).astype(np.float32)
    known = random_state.rand(2, 50) < 0.5
    for is_known in known:
        kept = KeptCodes(tmp_path / "set", {}, 50, np.float32)
        kept.add(np.where(is_known[:, None], codes, np.nan), is_known)
    found, is_known = KeptCodes(tmp_path / "set", {}, 50, np.float32).read()
    np.testing.assert_array_equal(is_known, known.any(axis=0))
    np.testing.assert_array_equal(found, np.where(is_known[:, None], codes, 0))
