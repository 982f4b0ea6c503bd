"""What of TensorFlow's start a user of a command sees; a stand-in writes as TensorFlow 2.21 does."""

import os
import subprocess
import sys

import pytest

from tfdis.cli import quiet_start

CHATTER = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795692855.3 2416 port.cc:153] oneDNN custom operations are on. You may see slightly ...
E0000 00:00:1795692855.3 2416 cuda_fft.cc:477] Unable to register cuFFT factory: Attempting to ...
W0000 00:00:1795692855.3 2416 computation_placer.cc:177] computation placer already registered ...
"""
NO_CARD = """\
I0000 00:00:1795692855.3 2416 cudart_stub.cc:31] Could not find cuda drivers on your machine, ...
E0000 00:00:1795692855.3 2416 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)
"""
NEWS = "W0000 00:00:1795692855.3 2416 gpu_device.cc:2431] Cannot dlopen some GPU libraries.\n"
WRITE = f"import os\nos.write(2, {CHATTER + NEWS!r}.encode())\n"
LIST_DEVICES = (
    f"class config:\n    def list_physical_devices():\n        os.write(2, {NO_CARD!r}.encode())\n"
)
COMMAND = """
import sys
from tfdis.cli import quiet_start
quiet_start._has_card = lambda: sys.argv[1] == "card"
quiet_start.quiet_tensorflow()
import tensorflow
assert tensorflow.__spec__.name == "tensorflow"
sys.stderr.write("ours\\n")
"""


@pytest.fixture
def start(tmp_path):
    """Runs a command on a machine with or without a card, with a stand-in for TensorFlow."""

    def run(stand_in, card="none", level=None):
        (tmp_path / "tensorflow").mkdir()
        (tmp_path / "tensorflow" / "__init__.py").write_text(stand_in)
        environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
        environment.pop("TF_CPP_MIN_LOG_LEVEL")
        if level is not None:
            environment["TF_CPP_MIN_LOG_LEVEL"] = level
        command = [sys.executable, "-c", COMMAND, card]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    return run


@pytest.mark.parametrize(
    ("card", "level", "shown"),
    [
        ("none", None, NEWS),
        ("none", "2", NEWS),
        ("none", "0", CHATTER + NEWS),
        ("card", None, NEWS + NO_CARD),
    ],
)
def test_only_news_is_shown(card, level, shown, start):
    result = start(WRITE + LIST_DEVICES, card, level)
    assert (result.returncode, result.stderr) == (0, shown + "ours\n")


@pytest.mark.parametrize(
    ("end", "last_line"),
    [
        ("os.write(2, b'F0000 no AVX\\n'); os.abort()", "F0000 no AVX"),
        ("raise ImportError('no libstdc++')", "ImportError: no libstdc++"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_a_start_that_fails_says_why(end, last_line, start):
    result = start(WRITE + end)
    assert result.returncode
    assert result.stderr.startswith(NEWS)
    assert result.stderr.endswith(last_line + "\n")


def test_a_card_that_is_hidden_is_none(monkeypatch):
    monkeypatch.setattr(quiet_start.glob, "glob", lambda pattern: ["/dev/nvidia0"])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert quiet_start._has_card()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert not quiet_start._has_card()
