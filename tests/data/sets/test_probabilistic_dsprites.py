"""Color, noisy, scream and abstract dSprites: disentanglement_lib's images and draws."""

import numpy as np
import pytest
from PIL import Image

from tfdis.data.sets.dsprites import scream as scream_dsprites
from tfdis.data.sets.dsprites.abstract import AbstractDSprites
from tfdis.data.sets.dsprites.color import ColorDSprites
from tfdis.data.sets.dsprites.dsprites import DSprites
from tfdis.data.sets.dsprites.noisy import NoisyDSprites
from tfdis.data.sets.dsprites.original import open_original, original_path

SIZES = (1, 3, 2, 4, 3, 5)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # Of dlib's open files.


@pytest.fixture
def sprites(originals):
    original_path().parent.mkdir()
    images = np.random.RandomState(0).randint(2, size=(360, 64, 64)).astype(np.uint8)
    metadata = np.array({"latents_sizes": np.array(SIZES)}, dtype=object)
    np.savez(original_path(), imgs=images, metadata=metadata)
    return DSprites(open_original(original_path(), SIZES), factor_sizes=SIZES)


def _write_painting(folder, size=(300, 420), mode="RGB"):
    path = folder / scream_dsprites.FILE
    path.parent.mkdir(exist_ok=True)
    shape = (size[1], size[0], 3) if mode == "RGB" else size[::-1]
    noise = np.random.RandomState(1).randint(256, size=shape).astype(np.uint8)
    Image.fromarray(noise).resize(size).save(path)
    return path


@pytest.mark.parametrize("name", ["ColorDSprites", "NoisyDSprites", "ScreamDSprites"])
@pytest.mark.parametrize("size", [(300, 420), (1600, 1000)])
def test_same_draws_as_disentanglement_lib(
    name, size, sprites, originals, dlib_module, monkeypatch, assert_same_draws
):
    module = dlib_module("dsprites")
    painting = _write_painting(originals, size)
    monkeypatch.setattr(module, "DSPRITES_PATH", str(original_path()))
    monkeypatch.setattr(module, "SCREAM_PATH", str(painting))
    theirs = getattr(module, name)([1, 2, 3, 4, 5])
    theirs.full_factor_sizes = SIZES  # A constant in its code.
    ours = {
        "ColorDSprites": lambda: ColorDSprites("color_dsprites", sprites),
        "NoisyDSprites": lambda: NoisyDSprites("noisy_dsprites", sprites),
        "ScreamDSprites": lambda: scream_dsprites.ScreamDSprites(
            "scream_dsprites", sprites, scream_dsprites.read_painting(painting)
        ),
    }[name]()
    assert_same_draws(ours, theirs)


def test_abstract_dsprites_are_disentanglement_lib_s(
    sprites, dlib_module, monkeypatch, assert_same_draws
):
    module = dlib_module("dsprites")
    monkeypatch.setattr(module, "DSPRITES_PATH", str(original_path()))
    theirs = module.AbstractDSprites()
    theirs.full_factor_sizes = SIZES
    images = open_original(original_path(), SIZES)
    ours = AbstractDSprites(DSprites(images, (1, 2, 4, 5), "abstract_dsprites", SIZES))
    assert ours.factors_num_values == [5, 6, 3, 2, 3, 5]
    assert ours.categorical_factors == ("shape",)
    assert_same_draws(ours, theirs)


@pytest.mark.parametrize(
    "size, mode, message",
    [((300, 64), "RGB", "of 300 x 64 pixels"), ((300, 300), "L", "Received: L of 274 x 274")],
)
def test_other_pictures_are_refused(originals, size, mode, message):
    path = _write_painting(originals, size, mode)
    with pytest.raises(ValueError, match=message):
        scream_dsprites.read_painting(path)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", "half"])
def test_damaged_pictures_are_refused(originals, content):
    path = _write_painting(originals)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] if content == "half" else content)
    with pytest.raises(ValueError, match=f"Expected {path} to hold a picture"):
        scream_dsprites.read_painting(path)


def test_bombs_are_refused(originals, monkeypatch):
    path = _write_painting(originals)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match="decompression bomb"):
        scream_dsprites.read_painting(path)
