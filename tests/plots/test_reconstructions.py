"""Pictures of images and their reconstructions."""

import numpy as np
import pytest
from PIL import Image

from tfdis.plots.reconstructions import plot_reconstructions


@pytest.mark.parametrize(("num", "channels"), [(1, 1), (5, 3), (20, 1)])
def test_images_and_reconstructions_are_both_drawn(num, channels, tmp_path):
    images = np.zeros([num, 16, 16, channels])
    path = plot_reconstructions(images, images + 0.5, tmp_path / "r.png")
    with Image.open(path) as picture:
        levels = np.asarray(picture.convert("L"))
    black, grey = np.mean(levels == 0), np.mean(np.abs(levels.astype(int) - 128) <= 1)
    assert black > 0.1
    assert grey == pytest.approx(black, rel=0.05)


def test_shapes_have_to_agree(tmp_path):
    with pytest.raises(ValueError, match="as many reconstructions as images"):
        plot_reconstructions(np.zeros([3, 8, 8, 1]), np.zeros([2, 8, 8, 1]), tmp_path / "r.png")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept(tmp_path):
    path = tmp_path / "r.png"
    path.write_text("mine")
    images = np.zeros([1, 8, 8, 1])
    with pytest.raises(FileExistsError):
        plot_reconstructions(images, images, path)
    assert path.read_text() == "mine"
