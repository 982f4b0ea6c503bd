"""Representations of known content, exported the way bin/train exports them."""

import numpy as np
import pytest
from run_helpers import export_matrix

pytest.importorskip("disentanglement_lib")


@pytest.fixture(scope="session")
def export_projection(tmp_path_factory):
    """Exports images -> images @ random matrix as `<folder>/tfhub`, with the results of a step."""

    def export(data_set_name, image_shape=(64, 64, 1), dim=4, signature="representation"):
        folder = tmp_path_factory.mktemp("representation")
        shape = (int(np.prod(image_shape)), dim)
        matrix = np.random.RandomState(5).normal(size=shape).astype(np.float32) / 64.0
        export_matrix(folder, matrix, data_set_name, signature, image_shape)
        return folder

    return export
