"""Fixtures of the whole suite: gin starts empty, data lives in a temporary cache, no GPU, quiet logs."""

import functools
import gc
import inspect
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Ray would let its processes wait for every other one, and so for the tests beside.
os.environ.setdefault("RAY_worker_niceness", "0")

import gin
import pytest

import tfdis  # noqa: F401 - before TensorFlow, which it tells to take oneDNN

sys.path.insert(0, str(Path(__file__).parent))
from command_server import ROOT, CommandClient, CommandServer  # noqa: E402

_SERVER = pytest.StashKey()


def pytest_addoption(parser):
    """Offers --few_cases, for a first look at a change."""
    parser.addoption(
        "--few_cases",
        action="store_true",
        help="Run the first and the last case of each test that has several.",
    )


@pytest.hookimpl(trylast=True)  # After -m has left out cases by their marks.
def pytest_collection_modifyitems(config, items):
    """Leaves out cases between the first and the last for --few_cases."""
    if not config.option.few_cases:
        return
    cases_of = {}
    for item in items:
        cases_of.setdefault(item.nodeid.partition("[")[0], []).append(item)
    chosen = {case for cases in cases_of.values() for case in (cases[0], cases[-1])}
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def pytest_configure(config):
    """Imports make few cycles: to look for them meanwhile takes a tenth of the time.

    All workers share one server of commands, which imports TensorFlow while they collect tests.
    """
    gc.disable()
    if getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput"):
        config.stash[_SERVER] = CommandServer()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tells a worker where the server of commands is."""
    node.workerinput["commands"] = node.config.stash[_SERVER].address


def pytest_unconfigure(config):
    """Ends the server of commands."""
    if _SERVER in config.stash:
        config.stash[_SERVER].close()


def pytest_collection_finish():
    """Leaves what was imported out of every later garbage collection, and looks less often.

    Tracing a graph makes so many objects that Python's own threshold costs a tenth of the suite's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)
    gc.enable()


def pytest_xdist_make_scheduler(config, log):
    """Gives a file whose tests share what a fixture makes to one worker: others would make it again."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::")[0]
            return file if _shares_fixtures(file) else nodeid

    return Scheduling(config, log)


@functools.cache
def _shares_fixtures(file):
    return 'scope="module"' in (ROOT / file).read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def data_cache(tmp_path_factory):
    """One cache of rendered and converted data sets for all workers, and no original files."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "tfdis_data"
    folder.mkdir(exist_ok=True)
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


@pytest.fixture(autouse=True)
def same_draws():
    """Weights and draws without a seed of their own are the same in every run of a test."""
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture
def eagerly():
    """Runs every step without a graph, which for a few steps takes less time than to trace one."""
    from without_graphs import running_eagerly

    with running_eagerly():
        yield


@pytest.fixture
def warnings_given(monkeypatch):
    """The texts that are logged as warnings while a test runs."""
    from absl import logging

    given = []
    monkeypatch.setattr(logging, "warning", lambda text, *values: given.append(text % values))
    return given


@pytest.fixture
def few_filters():
    """Small networks in place of the deep ones: to trace and run those of published size takes seconds."""
    from tfdis.registry import DECODERS, ENCODERS

    for name, network in {**ENCODERS, **DECODERS}.items():
        if "filters" in inspect.signature(network).parameters:
            gin.bind_parameter(f"{name}.filters", (8, 8) if name == "residual_encoder" else (8,))


@pytest.fixture(autouse=True)
def determinism_ends():
    """A run with `runtime.deterministic` leaves TensorFlow so, which refuses draws without a seed."""
    yield
    config = sys.modules.get("tensorflow.python.framework.config")
    if config and config.is_op_determinism_enabled():
        config.disable_op_determinism()


_COLLECT_AFTER_TESTS = 15
_COLLECT_AFTER_BYTES = 300e6
_collected = {"tests": 0, "bytes": 0}


@pytest.fixture(autouse=True)
def bounded_memory():
    """Lets go of the graphs that a test traced, and collects garbage when some has gathered.

    Models refer to themselves, and Python waits for too many before it collects; to collect after every
    test would take half of the suite's time.
    """
    before = set(_custom_gradients())
    yield
    gradients = _custom_gradients()
    for name in set(gradients) - before:
        if name.startswith("CustomGradient-"):
            del gradients[name]
    _collected["tests"] += 1
    grown = _resident_bytes() - _collected["bytes"]
    if _collected["tests"] >= _COLLECT_AFTER_TESTS or grown > _COLLECT_AFTER_BYTES:
        if "keras" in sys.modules:
            sys.modules["keras"].backend.clear_session()
        gc.collect()
        _collected.update(tests=0, bytes=_resident_bytes())


def _resident_bytes():
    """Memory of this process on Linux, 0 elsewhere."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _custom_gradients():
    """TensorFlow's table of the gradients of `tf.custom_gradient`, by name.

    An entry keeps the graph it was traced in until the process ends, and with it the model's variables.
    Every traced training step makes some: an optimiser sums the gradients of replicas by such a function.
    """
    ops = sys.modules.get("tensorflow.python.framework.ops")
    registry = ops.gradient_registry._registry if ops else {}
    return registry if isinstance(registry, dict) else {}


@pytest.fixture(scope="session")
def _command_client(pytestconfig):
    if not hasattr(pytestconfig, "workerinput"):
        pytestconfig.stash[_SERVER] = CommandServer()
        client = CommandClient(pytestconfig.stash[_SERVER].address)
    else:
        client = CommandClient(pytestconfig.workerinput["commands"])
    yield client
    client.close()


@pytest.fixture(scope="session")
def start_command(_command_client, tmp_path_factory):
    """Runs a command of bin/ as a user would: `start_command("train", "--help", cwd=tmp_path)`.

    Returns a `subprocess.CompletedProcess` with returncode, stdout and stderr. Keyword `environment`
    adds variables.
    """

    def start(command, *arguments, cwd=ROOT, environment=None):
        return _command_client.run(
            ROOT / "bin" / command,
            [str(argument) for argument in arguments],
            cwd or ROOT,
            os.environ | (environment or {}),
            tmp_path_factory.mktemp("streams"),
        )

    return start
