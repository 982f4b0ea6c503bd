"""Sizes of gin's data set, for gin files that say how long to train in epochs."""

import math

import gin

from tfdis.data.ground_truth_data import GroundTruthData


def _data_set() -> GroundTruthData:
    # Imported here, since `named` imports every module of this folder.
    from tfdis.data.named import get_named_ground_truth_data

    return get_named_ground_truth_data()


@gin.configurable("epoch_steps", module="tfdis.data")
def epoch_steps(
    batch_size: int = gin.REQUIRED, num_epochs: int = 1, num_images: int | None = None
) -> int:
    """Number of steps in some epochs: num_epochs * ceil(num_images / batch_size).

    An epoch has as many steps as it takes to see as many images as the data set has; as everywhere
    here they are drawn with replacement. In gin: `model.training_steps = @train/epoch_steps()`,
    `cosine_schedule.steps_per_epoch = @epoch_steps()`.

    Args:
        batch_size: number of images in a step.
        num_epochs: number of epochs.
        num_images: number of images in an epoch; None for that of gin's `dataset`.

    Raises:
        ValueError: a number below 1, or a data set whose images cannot be counted.
    """
    if num_images is None:
        data = _data_set()
        num_images = getattr(data, "num_images", None)
        if num_images is None:
            raise ValueError(
                f"Expected a data set that counts its images. Received: {data.name}. "
                "Fix: bind epoch_steps.num_images."
            )
    if min(batch_size, num_epochs, num_images) < 1:
        raise ValueError(
            "epoch_steps: expected batch_size, num_epochs and num_images of at least 1. Received: "
            f"{batch_size}, {num_epochs}, {num_images}."
        )
    return num_epochs * math.ceil(num_images / batch_size)


@gin.configurable("observation_size", module="tfdis.data")
def observation_size() -> int:
    """Number of values in one observation of gin's `dataset`: 512 for features of VGG19.

    As `vae.reconstruction_weight` beside `vae.beta_normalisation = True`, it keeps the sum over the
    values a sum while the KL divergence becomes a mean over latents: loss = R + beta KL / C.
    """
    return math.prod(_data_set().observation_shape)
