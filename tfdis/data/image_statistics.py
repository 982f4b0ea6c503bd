"""Mean and deviation of a data set's images, the way the published constants are computed."""

import numpy as np
from tqdm import tqdm

from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData

_BATCH_SIZE = 256


def compute_image_statistics(
    data: GroundTruthData, num_images: int | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each channel, of pixels in [0, 1].

    mean_c = mean_i mean_p x_ipc; std_c = mean_i sqrt(sum_p (x_ipc - mean_p x_ipc)^2 / (P - 1)):
    the mean over images of each image's own unbiased deviation, not the data set's deviation.

    Args:
        data: the data set.
        num_images: None to take every image once; a number to take that many at random, with
            replacement. A set whose images cannot be counted needs a number.
        seed: seed of the random draws.

    Returns:
        Mean and standard deviation, float64 `[channels]` each.

    Raises:
        ValueError: the number is below 1, or missing where it is needed.
    """
    is_enumerable = isinstance(data, EnumerableData)
    if (num_images is None and not is_enumerable) or (num_images is not None and num_images < 1):
        raise ValueError(
            f"Expected num_images of at least 1 for {data.name}, whose images "
            f"{'can' if is_enumerable else 'cannot'} be counted. Received: {num_images}. "
            "Fix: num_images=10000, in the command --num_images=10000."
        )
    random_state = np.random.RandomState(seed)
    total = data.num_images if num_images is None else num_images
    means, deviations = [], []
    with tqdm(total=total, desc=data.name, unit="image") as progress:
        for start in range(0, total, _BATCH_SIZE):
            num = min(_BATCH_SIZE, total - start)
            if num_images is None:
                images = data.images_at(np.arange(start, start + num))
            elif is_enumerable:
                images = data.images_at(random_state.randint(data.num_images, size=num))
            else:
                images = data.sample_observations(num, random_state)
            scale = 255 if images.dtype == np.uint8 else 1
            batch_means, batch_deviations = _moments(images)
            means.append(batch_means / scale)
            deviations.append(batch_deviations / scale)
            progress.update(num)
    return np.concatenate(means).mean(axis=0), np.concatenate(deviations).mean(axis=0)


def _moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and unbiased deviation of each image's channels, float64 `[num, channels]`."""
    num, height, width, channels = images.shape
    # Sums of uint8 values and of their squares are exact in float64.
    planes = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(num * channels, -1)
    planes = planes.astype(np.float64)
    num_pixels = height * width
    sums = planes.sum(axis=1)
    squares = np.einsum("ij,ij->i", planes, planes)
    variances = np.maximum(squares - sums**2 / num_pixels, 0) / (num_pixels - 1)
    shape = (num, channels)
    return (sums / num_pixels).reshape(shape), np.sqrt(variances).reshape(shape)
