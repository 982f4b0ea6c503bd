"""The camera of arm3d_real: what a lens, a sensor and a room do to a rendered image.

Everything is a fixed function of the image's index: it is part of the data, not augmentation.
"""

import dataclasses

import numpy as np

_VERSION = 1
_COLOUR_CAST = np.array([1.32, 1.24, 1.08])
_CHANNEL_MIX = np.array([[0.90, 0.08, 0.02], [0.05, 0.90, 0.05], [0.02, 0.10, 0.88]])
_BLACK_LEVEL = 0.025
_GAMMA = 1.15
_VIGNETTE = 0.35
_BLUR_SIGMA = 0.6
_SHOT_NOISE = 0.022
_READ_NOISE = 0.009


@dataclasses.dataclass(frozen=True)
class Jitter:
    """Differences from photograph to photograph.

    Attributes:
        camera_offset: metres, `[3]`.
        camera_roll: degrees.
        light_offset: change of the key light's direction, `[3]`.
        brightness: factor of the light.
        noise_seed: seed of the sensor's noise.
    """

    camera_offset: np.ndarray
    camera_roll: float
    light_offset: np.ndarray
    brightness: float
    noise_seed: int


def jitter_at(index: int) -> Jitter:
    """The jitter of the image with this index."""
    generator = np.random.Generator(np.random.Philox(key=[int(index), _VERSION]))
    return Jitter(
        camera_offset=generator.normal(0, 0.008, size=3),
        camera_roll=float(generator.normal(0, 0.35)),
        light_offset=generator.normal(0, 0.04, size=3),
        brightness=float(np.exp(generator.normal(0, 0.03))),
        noise_seed=int(generator.integers(2**63)),
    )


def photograph(image: np.ndarray, jitter: Jitter) -> np.ndarray:
    """Photographs an image: uint8 `[height, width, 3]` in and out.

    In order: colour crosstalk and cast, vignette, blur, shot and read noise, black level, gamma.
    """
    light = (image / 255.0) @ _CHANNEL_MIX.T * (_COLOUR_CAST * jitter.brightness)
    light = _blurred(light * _vignette(image.shape[:2])[:, :, None])
    generator = np.random.Generator(np.random.Philox(key=[jitter.noise_seed, _VERSION]))
    scale = np.sqrt(_SHOT_NOISE**2 * np.maximum(light, 0) + _READ_NOISE**2)
    light = _BLACK_LEVEL + (1 - _BLACK_LEVEL) * (light + scale * generator.normal(size=light.shape))
    return np.round(255 * np.clip(light, 0, 1) ** _GAMMA).astype(np.uint8)


def _vignette(shape):
    """Brightness falling off with the squared distance to the centre, to 1 - 0.35 in the corners."""
    rows, columns = (np.linspace(-1, 1, size) ** 2 for size in shape)
    return 1 - _VIGNETTE * (rows[:, None] + columns) / 2


def _blurred(light):
    """Gaussian blur of five taps along each axis; borders repeat."""
    taps = np.exp(-0.5 * (np.arange(-2, 3) / _BLUR_SIGMA) ** 2)
    taps /= taps.sum()
    for axis in (0, 1):
        widths = [(2, 2) if other == axis else (0, 0) for other in range(3)]
        padded = np.pad(light, widths, mode="edge")
        size = light.shape[axis]
        shifted = (np.take(padded, range(k, k + size), axis=axis) for k in range(5))
        light = sum(tap * part for tap, part in zip(taps, shifted, strict=True))
    return light
