"""Backbones: preprocessing, then a convolutional network up to a named layer."""

from collections.abc import Sequence

import keras

from tfdis import registry
from tfdis.features.applications import PREPROCESSING, build_application
from tfdis.features.preprocessing import Preprocessing
from tfdis.features.vgg19_bn import build_vgg19_bn
from tfdis.features.weights import load_weights
from tfdis.networks import check_image_shape


def _build(name, image_shape, build_network, mode, weights, layer, trainable, preprocessing):
    """The backbone `images -> maps` around the network of `build_network(shape, weights)`."""
    image_shape = check_image_shape(image_shape)
    images = keras.Input(image_shape, name="images")
    preprocess = Preprocessing(mode, *preprocessing, name="preprocessing")
    shape = tuple(preprocess.compute_output_shape((None, *image_shape))[1:])
    downloaded = weights == "imagenet"
    network = build_network(shape, weights if downloaded else None)
    if weights is not None and not downloaded:
        load_weights(network, weights)
    if layer is not None:
        network = keras.Model(network.input, _layer(network, layer).output, name=network.name)
    backbone = keras.Model(images, network(preprocess(images)), name=name)
    backbone.trainable = trainable
    return backbone


def _layer(network, name):
    names = [layer.name for layer in network.layers]
    if name not in names:
        raise ValueError(
            f"Expected layer to be one of {network.name}: {', '.join(names)}. Received: {name!r}."
        )
    return network.get_layer(name)


@registry.backbone
def keras_application(
    image_shape: Sequence[int],
    name: str,
    weights: str | None = "imagenet",
    layer: str | None = None,
    trainable: bool = False,
    resize_to: int | Sequence[int] | None = None,
    grey_to_rgb: bool = False,
    options: dict | None = None,
) -> keras.Model:
    """Any convolutional network of `keras.applications`, by its name there.

    Args:
        image_shape: (height, width, channels) of images in [0, 1]; 3 channels, or 1 with
            `grey_to_rgb`.
        name: name of the network in keras.applications, for example "EfficientNetB0".
        weights: "imagenet" (downloaded by Keras), the path of a local file, or None for random
            ones.
        layer: name of the layer whose feature maps are returned; by default the last layer, after
            the last pooling.
        trainable: whether the network is trained; if it is not, its batch statistics do not move
            either.
        resize_to: size in pixels, or (height, width), to which images are resized inside the model;
            None for no resizing.
        grey_to_rgb: whether images of one channel are repeated to three.
        options: further arguments of the network, as {"alpha": 0.25}.

    Returns:
        Model from float32 images `[batch, *image_shape]` to maps `[batch, h, w, c]`.

    Raises:
        ValueError: an unknown network or layer, images that the network does not take, or weights
            of another network.
        FileNotFoundError: there are no weights at that path.
        OSError: the ImageNet weights cannot be downloaded.

    Example:
        >>> backbone = keras_application((32, 32, 3), "MobileNet", None, options={"alpha": 0.25})
        >>> backbone.output_shape
        (None, 1, 1, 256)
    """
    mode = PREPROCESSING.get(name, "pixels")

    def build_network(shape, downloaded):
        return build_application(name, shape, downloaded, options or {})

    preprocessing = (resize_to, grey_to_rgb)
    gin_name = name.lower()
    return _build(
        gin_name, image_shape, build_network, mode, weights, layer, trainable, preprocessing
    )


def _register_application(gin_name, application_name, reference):
    def build(
        image_shape: Sequence[int],
        weights: str | None = "imagenet",
        layer: str | None = None,
        trainable: bool = False,
        resize_to: int | Sequence[int] | None = None,
        grey_to_rgb: bool = False,
        options: dict | None = None,
    ) -> keras.Model:
        return keras_application(
            image_shape,
            application_name,
            weights,
            layer,
            trainable,
            resize_to,
            grey_to_rgb,
            options,
        )

    build.__name__ = build.__qualname__ = gin_name
    build.__doc__ = f"""{application_name} of `keras.applications`; options as for `keras_application`.

    References:
        {reference}
    """
    return registry.backbone(build)


densenet121 = _register_application(
    "densenet121",
    "DenseNet121",
    'Huang et al. (2017), "Densely Connected Convolutional Networks", CVPR. arXiv:1608.06993.',
)
mobilenet = _register_application(
    "mobilenet",
    "MobileNet",
    'Howard et al. (2017), "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision '
    'Applications". arXiv:1704.04861.',
)
resnet50 = _register_application(
    "resnet50",
    "ResNet50",
    'He et al. (2016), "Deep Residual Learning for Image Recognition", CVPR. arXiv:1512.03385.',
)
_VGG = (
    'Simonyan and Zisserman (2015), "Very Deep Convolutional Networks for Large-Scale Image Recognition", '
    "ICLR. arXiv:1409.1556."
)
vgg16 = _register_application("vgg16", "VGG16", _VGG)
vgg19 = _register_application("vgg19", "VGG19", _VGG)


@registry.backbone
def vgg19_bn(
    image_shape: Sequence[int],
    weights: str | None = "imagenet",
    layer: str | None = None,
    trainable: bool = False,
    resize_to: int | Sequence[int] | None = None,
    grey_to_rgb: bool = False,
) -> keras.Model:
    """VGG19 with batch normalisation, in torchvision's layer order.

    Arguments, return value and errors are those of `keras_application`. The weights "imagenet" are
    not downloaded: convert the published file with bin/convert_weights, and give the path of what
    it writes.

    Example:
        >>> vgg19_bn((64, 64, 3), weights=None).output_shape
        (None, 2, 2, 512)

    References:
        Simonyan and Zisserman (2015), "Very Deep Convolutional Networks for Large-Scale Image
        Recognition", ICLR. arXiv:1409.1556. The weights are torchvision's.
    """

    def build_network(shape, downloaded):
        if downloaded:
            raise OSError(
                "Expected the path of converted weights for vgg19_bn: Keras has none to download. "
                "Received: weights='imagenet'. Fix: bin/convert_weights "
                "--pth=vgg19_bn-c79401a0.pth --output=vgg19_bn.npz, then weights='vgg19_bn.npz'."
            )
        return build_vgg19_bn(shape)

    preprocessing = (resize_to, grey_to_rgb)
    return _build(
        "vgg19_bn", image_shape, build_network, "torch", weights, layer, trainable, preprocessing
    )
