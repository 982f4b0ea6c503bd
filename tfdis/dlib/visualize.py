"""disentanglement_lib's pictures of a data set."""

import os

from tfdis.dlib.stack.importing import install


def visualize_dataset(name: str, output_path: str) -> str:
    """Writes 16 images for each factor, and animations, to `<output_path>/<name>`.

    Args:
        name: name of a data set.
        output_path: path of an existing folder.

    Returns:
        The folder of the pictures.
    """
    install()
    from disentanglement_lib.visualize import visualize_dataset as module

    module.visualize_dataset(name, output_path)
    return os.path.join(output_path, name)
