"""The convolutional bases of `keras.applications`: their names and the preprocessing of each."""

from collections.abc import Callable

import keras

_BY_MODE = {
    "caffe": ("ResNet50", "ResNet101", "ResNet152", "VGG16", "VGG19"),
    "tf": (
        *("InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2", "NASNetLarge"),
        *("NASNetMobile", "ResNet50V2", "ResNet101V2", "ResNet152V2", "Xception"),
    ),
    "torch": ("DenseNet121", "DenseNet169", "DenseNet201"),
    "pixels": (
        *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
        *(f"EfficientNetB{number}" for number in range(8)),
        *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
        *("MobileNetV3Small", "MobileNetV3Large"),
    ),
}
# Mode of `Preprocessing` by name in keras.applications.
PREPROCESSING = {name: mode for mode, names in _BY_MODE.items() for name in names}


def application(name: str) -> Callable:
    """Returns the function of `keras.applications` with that name.

    Raises:
        ValueError: no function has that name, or its preprocessing is not known; the message lists
            the names.
    """
    if name not in PREPROCESSING:
        raise ValueError(
            f"Expected a network of keras.applications, one of {', '.join(sorted(PREPROCESSING))}. "
            f"Received: {name!r}."
        )
    return getattr(keras.applications, name)


def build_application(
    name: str, input_shape: tuple[int, int, int], weights: str | None, options: dict
) -> keras.Model:
    """Builds the network without its classifier.

    Args:
        name: name of the network in keras.applications.
        input_shape: (height, width, 3) of the preprocessed images.
        weights: "imagenet", or None for random weights.
        options: further arguments of the network, as {"alpha": 0.25} for MobileNet.

    Raises:
        ValueError: an image size or an option that the network does not take.
        OSError: the weights cannot be downloaded.
    """
    build = application(name)
    kwargs = {"include_top": False, "input_shape": input_shape, **options}
    try:
        return build(weights=weights, **kwargs)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Expected an image size and options that {name} takes. Received: {input_shape} and "
            f"{options}. Keras says: {error} Images can be enlarged by resize_to."
        ) from error
    except Exception as error:
        raise OSError(
            f"Expected to download the ImageNet weights of {name} through keras.applications. "
            f"Received: {type(error).__name__}: {error} Fix: connect this machine to the network, or "
            "give a local file of the weights, as weights='/path/to/"
            f"{name.lower()}_weights_tf_dim_ordering_tf_kernels_notop.h5'; weights=None is random."
        ) from error
