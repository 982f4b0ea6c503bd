"""Fixtures of the whole suite: gin starts empty, data lives in a temporary cache, no GPU, quiet logs."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import gin
import pytest


@pytest.fixture(scope="session", autouse=True)
def data_cache(tmp_path_factory):
    """One cache of rendered and converted data sets for the session, and no original files."""
    folder = tmp_path_factory.mktemp("tfdis_data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDIS_DATA", str(folder))
        patch.delenv("DISENTANGLEMENT_LIB_DATA", raising=False)
        yield folder


@pytest.fixture(autouse=True)
def empty_gin_config():
    """Bindings of one test never reach another."""
    gin.clear_config()
    yield
    gin.clear_config()


@pytest.fixture(scope="module", autouse=True)
def fresh_keras():
    """Keras's graphs are dropped after every file: they grow, and dropping them takes half a second."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
