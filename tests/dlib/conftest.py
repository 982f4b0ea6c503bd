"""Representations of known content, exported the way bin/train exports them."""

import numpy as np
import pytest

pytest.importorskip("disentanglement_lib")


@pytest.fixture(scope="session")
def export_projection(tmp_path_factory):
    """Exports images -> images @ random matrix as `<folder>/tfhub`, with the results of a step."""
    import tensorflow as tf

    from tfdis.export import Signature, export_frozen, write_results

    def export(data_set_name, image_shape=(64, 64, 1), dim=4, signature="representation"):
        folder = tmp_path_factory.mktemp("representation")
        size = int(np.prod(image_shape))
        matrix = np.random.RandomState(5).normal(size=(size, dim)).astype(np.float32) / 64.0

        def project(images):
            codes = tf.reshape(images, [-1, size]) @ matrix
            if signature == "representation":
                return {"default": codes}
            return {"mean": codes, "logvar": tf.zeros_like(codes)}

        spec = tf.TensorSpec([None, *image_shape], tf.float32)
        export_frozen({signature: Signature(project, {"images": spec})}, str(folder / "tfhub"))
        step = "postprocess" if signature == "representation" else "train"
        config = f"dataset.name = '{data_set_name}'\n"
        write_results(str(folder / "results"), step, {}, config)
        project.matrix = matrix
        return folder

    return export
