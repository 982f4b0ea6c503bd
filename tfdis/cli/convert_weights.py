"""Converts torchvision's published weights of VGG19-BN for the backbone `vgg19_bn`.

bin/convert_weights --pth=vgg19_bn-c79401a0.pth --output=vgg19_bn.npz
bin/convert_weights --pth=vgg19_bn-c79401a0.pth --output=vgg19_bn.weights.h5

PyTorch is not needed, and nothing in the file is executed: anything but tensors is refused. The first
digits of the file's SHA-256 have to be those at the end of its name. Then, in a gin file:
vgg19_bn.weights = 'vgg19_bn.npz'
"""

import sys

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS
_ENDINGS = (".npz", ".weights.h5")


def define_flags() -> None:
    """Defines the command's flags."""
    flags.DEFINE_string("pth", None, "The published file, of PyTorch's old or newer format.")
    flags.DEFINE_string("output", None, "File to write, .npz or .weights.h5.")
    flags.DEFINE_boolean("check_hash", True, "Refuse a file whose hash is not that of its name.")
    flags.DEFINE_boolean("overwrite", False, "Replace the output if it is there.")


def _run(_):
    if not FLAGS.pth or not FLAGS.output:
        raise ValueError(
            "Expected --pth and --output, for example --pth=vgg19_bn-c79401a0.pth --output=vgg19_bn.npz."
        )
    if not FLAGS.output.endswith(_ENDINGS):
        raise ValueError(
            f"Expected an --output that ends in {' or '.join(_ENDINGS)}. Received: {FLAGS.output}."
        )
    from tfdis.features.convert_vgg import convert_vgg19_bn
    from tfdis.features.pytorch_files import check_published_hash, read_state_dict
    from tfdis.files.whole import check_vacant, written_whole

    check_vacant(FLAGS.output, FLAGS.overwrite)
    state_dict = read_state_dict(FLAGS.pth)
    if FLAGS.check_hash:
        check_published_hash(FLAGS.pth)
    arrays = convert_vgg19_bn(state_dict)
    with written_whole(FLAGS.output, FLAGS.overwrite) as path:
        _write(arrays, path)
    sys.stdout.write(f"{FLAGS.output}: {len(arrays)} arrays\n")


def _write(arrays, path):
    import numpy as np

    if path.endswith(".npz"):
        np.savez(path, **arrays)
        return
    from tfdis.features.vgg19_bn import build_vgg19_bn
    from tfdis.features.weights import weighted_layers

    network = build_vgg19_bn((32, 32, 3))
    for layer in weighted_layers(network):
        for weight in layer.weights:
            weight.assign(arrays[f"{layer.name}/{weight.name}"])
    network.save_weights(path)


def main() -> None:
    """Entry point of `bin/convert_weights` and `tfdis_convert_weights`."""
    run_main(_run, define_flags)
