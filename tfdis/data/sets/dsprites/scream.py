"""scream_dsprites: sprites that invert the colours of patches of a painting."""

from pathlib import Path

import numpy as np
from PIL import Image

from tfdis import registry
from tfdis.data.download.originals import find_original
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.formats.errors import archive_error
from tfdis.data.sets.dsprites.dsprites import ORIGINAL, DSprites, dsprites_images
from tfdis.data.sets.dsprites.probabilistic import ProbabilisticDSprites

FILE = "scream/scream.jpg"
_LARGEST_SIZE = (350, 274)


class ScreamDSprites(ProbabilisticDSprites):
    """dSprites on random patches of a painting, mixed with a random colour.

    The background is the mean of a patch and of a colour drawn from U(0, 1)^3; where the sprite is,
    its colours are inverted.

    Args:
        name: the registered name.
        sprites: the white sprites on black.
        painting: floats in [0, 1] `[height, width, 3]`, more than 64 pixels in height and in width.

    References:
        Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
        Disentangled Representations", ICML. arXiv:1811.12359 (section 5.1).
    """

    def __init__(self, name: str, sprites: DSprites, painting: np.ndarray):
        super().__init__(name, sprites)
        self.painting = painting

    def paint(self, masks: np.ndarray, random_state: np.random.RandomState) -> np.ndarray:
        height, width = masks.shape[1:3]
        images = np.empty((*masks.shape[:3], 3), dtype=np.float32)
        for image, mask in zip(images, masks, strict=True):
            top = random_state.randint(0, self.painting.shape[0] - height)
            left = random_state.randint(0, self.painting.shape[1] - width)
            patch = self.painting[top : top + height, left : left + width]
            background = (patch + random_state.uniform(0, 1, size=3)) / 2
            image[...] = np.where(mask == 1, 1 - background, background)
        return images


def read_painting(path: Path) -> np.ndarray:
    """The painting, made to fit into 350 x 274 pixels: floats in [0, 1] `[height, width, 3]`.

    Raises:
        ValueError: the file is no image in colour, or is too large or too small.
    """
    try:
        with Image.open(path) as image:
            image.thumbnail(_LARGEST_SIZE)
            mode, pixels = image.mode, np.asarray(image)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise archive_error(path, "a picture", str(error)) from error
    if mode != "RGB" or min(pixels.shape[:2]) <= 64:
        received = f"{mode} of {pixels.shape[1]} x {pixels.shape[0]} pixels"
        raise archive_error(path, "an RGB picture of more than 64 x 64 pixels", received)
    return pixels / 255.0


# No hash of it is published; the loader checks the content.
_PAINTING = RemoteFile(
    path=FILE,
    urls=("https://upload.wikimedia.org/wikipedia/commons/f/f4/The_Scream.jpg",),
)


@registry.data_set("scream_dsprites", files=(ORIGINAL, _PAINTING))
def scream_dsprites() -> ScreamDSprites:
    """The shapes of dSprites as inverted colours on patches of Munch's painting The Scream."""
    painting = read_painting(find_original("scream_dsprites", FILE))
    return ScreamDSprites("scream_dsprites", DSprites(dsprites_images()), painting)
