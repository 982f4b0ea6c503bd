"""Representations of a trained VAE as TF Hub modules: its posterior's mean, or a sample of it."""

import os
import time
from collections.abc import Callable, Mapping

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tfdis.export.frozen import Signature, export_frozen
from tfdis.export.model import sample_gaussian
from tfdis.export.results import FROZEN_FOLDER, read_data_set_name, write_results
from tfdis.files.whole import check_vacant, written_whole


def _mean_representation(mean: tf.Tensor, logvar: tf.Tensor) -> tf.Tensor:
    del logvar
    return mean


# Function of the encoder's outputs by name of the representation.
REPRESENTATIONS = {"mean": _mean_representation, "sampled": sample_gaussian}


def load_signature(module_path: str, name: str) -> Signature:
    """Takes one signature out of an exported module, frozen or not.

    Args:
        module_path: path of the module's folder, e.g. `<run>/tfhub`.
        name: name of the signature.

    Returns:
        The signature, to be called or exported again.

    Raises:
        FileNotFoundError: there is no module.
        ValueError: the module has no such signature.
    """
    if not os.path.isfile(os.path.join(module_path, "saved_model.pb")):
        raise FileNotFoundError(
            f"Expected a TF Hub module (a folder with saved_model.pb) at {module_path}. "
            "Received a path without one."
        )
    module = _load(module_path)
    if name not in module.signatures:
        raise ValueError(
            f"Expected the signature {name!r} in the module {module_path}. Received the signatures "
            f"{sorted(module.signatures)}. Fix: give the folder of a model for 'gaussian_encoder', and for "
            "'representation' one that dlib_postprocess or bin/evaluate wrote, such as postprocessed/mean."
        )
    function = module.signatures[name]
    # The module owns its variables: it has to live as long as the function does.
    function._tfdis_module = module
    return Signature(function, function.structured_input_signature[1])


def _load(module_path: str):
    """Loads a module; takes the inference graph of those that the old tensorflow-hub wrote with two."""
    with open(os.path.join(module_path, "saved_model.pb"), "rb") as file:
        num_graphs = len(saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs)
    return tf.saved_model.load(module_path, tags=[] if num_graphs > 1 else None)


def append_to_signature(
    signature: Signature, transform: Callable[..., tf.Tensor | Mapping[str, tf.Tensor]]
) -> Signature:
    """Feeds the outputs of a signature to a function.

    Args:
        signature: the first signature; its inputs are the new inputs.
        transform: function that is called with the signature's outputs by keyword. A single tensor
            that it returns is named `default`.

    Returns:
        The signature that does both.
    """

    def both(**inputs):
        outputs = transform(**signature.function(**inputs))
        return outputs if isinstance(outputs, Mapping) else {"default": outputs}

    return Signature(both, signature.inputs)


def _postprocess_gin_config(data_set_name: str, representation: str, random_seed: int) -> str:
    """The gin config with which disentanglement_lib does the same."""
    return (
        "# Parameters for dataset:\n"
        f"dataset.name = {data_set_name!r}\n\n"
        "# Parameters for postprocess:\n"
        f"postprocess.name = {representation!r}\n"
        f"postprocess.postprocess_fn = @{representation}_representation\n"
        f"postprocess.random_seed = {random_seed}\n"
    )


def export_representation(
    model_dir: str, output_dir: str, representation: str = "mean", overwrite: bool = False
) -> None:
    """Does what `dlib_postprocess` does, without disentanglement_lib.

    Args:
        model_dir: path of a run folder with `tfhub` (signature `gaussian_encoder`) and `results` of
            a step "train" that names its data set.
        output_dir: path of the folder to write, e.g. `<run>/postprocessed/mean`: `tfhub` with the
            signature `representation` {images} -> {default}, and `results` with the step
            "postprocess" added.
        representation: "mean", or "sampled", which is drawn anew at every call.
        overwrite: whether an existing folder is replaced.

    Raises:
        ValueError: another representation, or a module without `gaussian_encoder`.
    """
    if representation not in REPRESENTATIONS:
        raise ValueError(
            f"Expected one of {sorted(REPRESENTATIONS)}. Received: representation="
            f"{representation!r}."
        )
    check_vacant(output_dir, overwrite)
    start = time.time()
    results_dir = os.path.join(model_dir, "results")
    data_set_name = read_data_set_name(results_dir, "train")
    encoder = load_signature(os.path.join(model_dir, FROZEN_FOLDER), "gaussian_encoder")

    def represent(mean, logvar):
        return REPRESENTATIONS[representation](mean, logvar)

    with written_whole(output_dir, overwrite) as folder:
        signature = append_to_signature(encoder, represent)
        export_frozen({"representation": signature}, os.path.join(folder, FROZEN_FOLDER))
        write_results(
            os.path.join(folder, "results"),
            "postprocess",
            {"elapsed_time": time.time() - start},
            _postprocess_gin_config(data_set_name, representation, random_seed=0),
            previous_results_dir=results_dir,
        )
