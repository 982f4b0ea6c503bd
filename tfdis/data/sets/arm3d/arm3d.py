"""arm3d: a simulated arm that holds an object; arm3d_toy, _realistic, _real, _real_difficult."""

from collections.abc import Sequence

import gin

from tfdis import registry
from tfdis.data.sets.arm3d import scene as scene
from tfdis.data.sets.arm3d.images import arm_images
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.stored_data import StoredData

FACTOR_NAMES = (
    "object colour",
    "object shape",
    "object size",
    "camera height",
    "background colour",
    "horizontal angle",
    "vertical angle",
)
DEFAULT_ANGLES = 40
_SOURCE = "drawn by MuJoCo"
MOST_ANGLES = 360


class Arm3D(StoredData):
    """A two-joint arm that holds an object over a coloured ring, seen from three heights.

    Seven factors, in order: object colour 6, object shape 6, object size 2, camera height 3,
    background colour 3, horizontal angle 40, vertical angle 40 = 1,036,800 images of 64 x 64 x 3;
    any smaller grid takes the first values of the first five factors, and angles evenly spaced over
    the whole range. The four sets share the factors and differ in how they look:

      arm3d_toy             flat colours, no shadows
      arm3d_realistic       shadows, textures, highlights, anti-aliasing
      arm3d_real            the realistic one through a camera: jitter of light and pose, colour
                            cast, vignette, blur, noise, all fixed by the image's index
      arm3d_real_difficult  the same camera; 4 unseen objects in 4 unseen colours

    It makes transfer from simulation to a camera measurable without any download. It is a data set
    of its own, built after the idea of a robot arm with independent factors; numbers measured on it
    are not comparable with those of any recorded arm.

    Args:
        name: the registered name.
        images: the images, in the order of the grid.
        factor_sizes: numbers of values of the seven factors.
    """

    categorical_factors = ("object shape",)

    def __init__(self, name: str, images: ImageStore, factor_sizes: Sequence[int]):
        super().__init__(name, images, FACTOR_NAMES, factor_sizes)


def largest_factor_sizes(name: str) -> tuple[int, ...]:
    """The most values that each factor can have; the angles have 40 unless asked otherwise."""
    rendering = scene.RENDERINGS[name]
    discrete = (rendering.colours, rendering.shapes, scene.SIZES, scene.CAMERA_ELEVATIONS)
    sizes = (len(values) for values in (*discrete, scene.BACKGROUNDS))
    return (*sizes, MOST_ANGLES, MOST_ANGLES)


def checked_factor_sizes(name: str, factor_sizes: Sequence[int] | None) -> tuple[int, ...]:
    """Returns the grid that is asked for, or the default one.

    Raises:
        ValueError: there are not seven sizes from 1 to `largest_factor_sizes`.
    """
    largest = largest_factor_sizes(name)
    if factor_sizes is None:
        return (*largest[:5], DEFAULT_ANGLES, DEFAULT_ANGLES)
    sizes = tuple(factor_sizes)
    if (
        len(sizes) != len(largest)
        or not all(isinstance(size, int) and not isinstance(size, bool) for size in sizes)
        or not all(1 <= size <= most for size, most in zip(sizes, largest, strict=True))
    ):
        raise ValueError(
            f"Expected arm3d.factor_sizes to be {len(largest)} integers from 1 to {largest} for "
            f"{name} ({', '.join(FACTOR_NAMES)}). Received: {factor_sizes!r}."
        )
    return sizes


@gin.configurable("arm3d", module="tfdis.data", denylist=["name"])
def arm3d(
    name: str, factor_sizes: Sequence[int] | None = None, num_processes: int | None = None
) -> Arm3D:
    """A simulated set of images of an arm; its first use draws it into the cache, with the extra `tfdis[arm]`.

    Args:
        name: arm3d_toy, arm3d_realistic, arm3d_real or arm3d_real_difficult.
        factor_sizes: numbers of values of the seven factors, in gin `arm3d.factor_sizes`; None for
            the full grid. Each grid has a cache folder of its own.
        num_processes: number of processes that draw; None for one per core.

    Raises:
        ValueError: a grid that does not exist.
        ImportError: the images are not in the cache, and MuJoCo is missing or has no way to draw.
    """
    sizes = checked_factor_sizes(name, factor_sizes)
    return Arm3D(name, arm_images(name, sizes, num_processes), sizes)


@registry.data_set("arm3d_toy", source=_SOURCE)
def arm3d_toy() -> Arm3D:
    """A simulated arm and its object in flat colours: seven factors, 1,036,800 images."""
    return arm3d("arm3d_toy")


@registry.data_set("arm3d_realistic", source=_SOURCE)
def arm3d_realistic() -> Arm3D:
    """A simulated arm and its object with shadows, textures and highlights: seven factors, 1,036,800 images."""
    return arm3d("arm3d_realistic")


@registry.data_set("arm3d_real", source=_SOURCE)
def arm3d_real() -> Arm3D:
    """A simulated arm and its object as seen through a camera: seven factors, 1,036,800 images."""
    return arm3d("arm3d_real")


@registry.data_set("arm3d_real_difficult", source=_SOURCE)
def arm3d_real_difficult() -> Arm3D:
    """A simulated arm and its object as seen through a camera, with other objects: 460,800 images."""
    return arm3d("arm3d_real_difficult")
