"""Natural Sprites: simple shapes that move as objects in videos of YouTube do."""

import ast
import csv
import math
from pathlib import Path

import gin
import numpy as np
from PIL import Image, ImageDraw

from tfdis import registry
from tfdis.data.download.originals import find_original
from tfdis.data.formats.errors import archive_error
from tfdis.data.ground_truth_data import GroundTruthData

FACTOR_NAMES = ("shape", "x", "y", "area", "orientation")
FACTOR_SIZES = (4, 32, 32, 6, 40)
FILE = "natural_sprites/downscale_keepaspect.csv"
_SIZE = 64
# Pixels are drawn so many times as large, and averaged.
_ANTI_ALIASING = 5
_QUANTILES = (0.05, 0.95)
_HOW_TO_GET = f"put downscale_keepaspect.csv of Zenodo 3948069 at {FILE}"


class NaturalSprites(GroundTruthData):
    """White sprites of 4 shapes and 40 angles; their x, y and area are those of objects in videos.

    Images are drawn on demand after the authors' description (they used Spriteworld, whose outlines may
    differ by a pixel). x, y and area are bins: of 32, 32 and 6 centres. A pair of frames
    (`pairs.sampling = "frames"`) has one shape and one angle, and the unbinned places and areas.

    Args:
        pairs: y, x and area of an object in two consecutive frames, in pixels, `[num, 2, 3]`.

    References:
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930.
    """

    name = "natural_sprites"
    provenance = "re-rendered"
    factor_names = FACTOR_NAMES
    categorical_factors = ("shape",)

    def __init__(self, pairs: np.ndarray):
        self.pairs = np.asarray(pairs, np.float64)
        every = self.pairs.reshape(-1, 3)
        self._low, self._high = every.min(axis=0), every.max(axis=0)

    @property
    def factors_num_values(self) -> list[int]:
        return list(FACTOR_SIZES)

    @property
    def observation_shape(self) -> list[int]:
        return [_SIZE, _SIZE, 1]

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        """Draws a first frame's place and area, a shape and an angle: int64 `[num, 5]`."""
        rows = random_state.randint(len(self.pairs), size=num)
        shape, angle = self._look(num, random_state)
        y, x, area = self._bins(self.pairs[rows, 0]).T
        return np.stack([shape, x, y, area, angle], axis=1)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        del random_state
        bins = np.asarray(factors)[:, [2, 1, 3]]  # y, x, area.
        sizes = np.array(FACTOR_SIZES)[[2, 1, 3]]
        places = self._low + (bins + 0.5) / sizes * (self._high - self._low)
        return self._draw(places, factors[:, 0], factors[:, 4])

    def sample_frame_pairs(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws pairs of consecutive frames.

        Returns:
            Float32 pairs `[num, 2, 64, 64, 1]`, and boolean `[num, 5]`, which factors differ.
        """
        places = self.pairs[random_state.randint(len(self.pairs), size=num)]
        shape, angle = self._look(num, random_state)
        images = [self._draw(places[:, frame], shape, angle) for frame in (0, 1)]
        first, second = self._bins(places[:, 0]), self._bins(places[:, 1])
        differing = np.zeros([num, len(FACTOR_NAMES)], bool)
        differing[:, [2, 1, 3]] = first != second
        return np.stack(images, axis=1), differing

    def _look(self, num, random_state):
        return random_state.randint(4, size=num), random_state.randint(40, size=num)

    def _bins(self, places):
        sizes = np.array(FACTOR_SIZES)[[2, 1, 3]]
        scaled = (places - self._low) / np.where(
            self._high > self._low, self._high - self._low, 1.0
        )
        return np.minimum((scaled * sizes).astype(np.int64), sizes - 1)

    def _draw(self, places, shapes, angles):
        images = [
            draw_sprite(int(shape), *place, 2 * math.pi * angle / 40)
            for place, shape, angle in zip(places, shapes, angles, strict=True)
        ]
        return np.stack(images)[..., None].astype(np.float32) / np.float32(255)


def draw_sprite(shape: int, y: float, x: float, area: float, angle: float) -> np.ndarray:
    """A white shape on black, uint8 `[64, 64]`.

    Args:
        shape: 0 square, 1 triangle, 2 star of four points, 3 cross of four spokes.
        y: centre's row, in pixels from the top.
        x: centre's column, in pixels.
        area: area of the shape, in pixels.
        angle: angle by which it is turned, in radians.
    """
    outline = _outline(shape) * math.sqrt(max(area, 0.0))
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    points = (outline @ turn + [x, y]) * _ANTI_ALIASING
    canvas = Image.new("L", (_SIZE * _ANTI_ALIASING,) * 2)
    ImageDraw.Draw(canvas).polygon([tuple(point) for point in points], fill=255)
    return np.asarray(canvas.resize((_SIZE, _SIZE), Image.Resampling.BOX))


def _outline(shape):
    """Corners `[num, 2]` of a shape of area 1 around its centre."""
    if shape == 3:
        corners = [[1, 3], [1, 1], [3, 1], [3, -1], [1, -1], [1, -3]]
        corners += [[-x, -y] for x, y in corners]
        return np.array(corners) / math.sqrt(20)
    radii = {0: [1] * 4, 1: [1] * 3, 2: [1, 2] * 4}[shape]
    turns = 2 * math.pi * np.arange(len(radii)) / len(radii) + math.pi / len(radii)
    corners = np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1)
    after = np.roll(corners, -1, axis=0)
    area = 0.5 * np.sum(corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0])
    return corners / math.sqrt(area)


def read_pairs(path: Path) -> np.ndarray:
    """Pairs of consecutive frames `[num, 2, 3]` (y, x, area) from the authors' csv.

    A row is an object's video: its number and category, then one cell for each frame with a list of
    [y, x, area], empty where the object is not seen. Cells are read as literals, and never run. Pairs
    with an area outside of the 5 to 95 % quantiles of all areas are left out.

    Raises:
        ValueError: the file is no such table, or has no pair.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    pairs = []
    for number, row in enumerate(rows):
        frames = [_objects(path, number, cell) for cell in row[2:]]
        for before, after in zip(frames, frames[1:], strict=False):
            pairs += [pair for pair in zip(before, after, strict=False) if all(pair)]
    found = np.array(pairs, np.float64).reshape(-1, 2, 3)
    if not len(found):
        raise archive_error(path, "objects that are seen in two consecutive frames", "none")
    low, high = np.quantile(found[..., 2], _QUANTILES)
    return found[np.all((found[..., 2] >= low) & (found[..., 2] <= high), axis=1)]


def _objects(path, number, cell):
    """The objects of a frame: lists of three numbers, or None for one that is not seen."""
    if not cell.strip():
        return []
    try:
        objects = ast.literal_eval(cell)
        return [tuple(map(float, each)) if len(each) == 3 else None for each in objects]
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        expected = "lists of [y, x, area], literally"
        raise archive_error(path, expected, f"{cell[:60]!r} in row {number}") from error


@registry.data_set("natural_sprites", place=FILE)
@gin.configurable("natural_sprites", module="tfdis.data")
def natural_sprites() -> NaturalSprites:
    """Shapes that move as objects in videos do: five factors, pairs of frames; re-drawn."""
    return NaturalSprites(read_pairs(find_original("natural_sprites", FILE, fix=_HOW_TO_GET)))
