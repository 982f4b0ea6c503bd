"""bin/convert_weights: what it writes, and how it refuses."""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

_SOURCE = Path(__file__).parents[1] / "features" / "test_pytorch_files.py"


@pytest.fixture(scope="module")
def pth(tmp_path_factory):
    """A file in the old stream format, with the digits of its hash in its name."""
    spec = importlib.util.spec_from_file_location("pytorch_writers", _SOURCE)
    writers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writers)
    path = tmp_path_factory.mktemp("pth") / "w.pth"
    writers.write_stream(path, *writers._state_dict(writers.vgg19_bn_arrays()))
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    return path.rename(path.with_name(f"vgg19_bn-{digits}.pth"))


@pytest.mark.long
def test_npz(start_command, pth, tmp_path):
    output = tmp_path / "vgg19_bn.npz"
    flags = [f"--pth={pth}", f"--output={output}"]
    result = start_command("convert_weights", *flags, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    with np.load(output) as arrays:
        assert len(arrays.files) == 96 and arrays["block1_conv1/kernel"].shape == (3, 3, 3, 64)
    again = start_command("convert_weights", *flags, cwd=tmp_path)
    assert again.returncode != 0 and "exists" in again.stderr


@pytest.mark.long
def test_refusals(start_command, pth, tmp_path):
    missing = start_command("convert_weights", f"--pth={pth}", cwd=tmp_path)
    assert missing.returncode != 0 and "--output" in missing.stderr
    other = tmp_path / "vgg19_bn-00000000.pth"
    other.symlink_to(pth)
    flags = [f"--pth={other}", "--output=out.npz"]
    wrong = start_command("convert_weights", *flags, cwd=tmp_path)
    assert wrong.returncode != 0 and "begins with 00000000" in wrong.stderr
    assert not (tmp_path / "out.npz").exists()
