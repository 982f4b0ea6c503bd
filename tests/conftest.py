"""Fixtures of the whole suite: gin starts empty, data lives in a temporary cache, no GPU, quiet logs."""

import gc
import itertools
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import gin
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from command_server import ROOT, CommandServer  # noqa: E402


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


_tests_since_collection = itertools.count(1)


@pytest.fixture(autouse=True)
def bounded_memory():
    """Collects garbage every few tests: models refer to themselves, and Python waits for too many.

    After every test it would take half of the suite's time.
    """
    yield
    if "keras" in sys.modules and next(_tests_since_collection) % 15 == 0:
        sys.modules["keras"].backend.clear_session()
        gc.collect()


@pytest.fixture(scope="session")
def _command_server():
    server = CommandServer()
    yield server
    server.close()


@pytest.fixture
def start_command(_command_server, tmp_path_factory):
    """Runs a command of bin/ as a user would: `start_command("train", "--help", cwd=tmp_path)`.

    Returns a `subprocess.CompletedProcess` with returncode, stdout and stderr. Keyword `environment`
    adds variables.
    """

    def start(command, *arguments, cwd=ROOT, environment=None):
        return _command_server.run(
            ROOT / "bin" / command,
            [str(argument) for argument in arguments],
            cwd or ROOT,
            os.environ | (environment or {}),
            tmp_path_factory.mktemp("streams"),
        )

    return start
