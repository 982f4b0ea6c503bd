"""Code for processors with AVX-512, with AVX2 only, and with neither, on whichever of them the tests run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from llvmlite import binding
from one_of_each_kind import case

FOLDER = Path(__file__).parent
AVX2 = "+avx2,+bmi,+bmi2,+popcnt,+sse4.2"
# Name, features, and the instructions that move the keys.
PROCESSORS = {
    "avx512": ("skylake-avx512", f"+avx512f,+avx512vl,{AVX2}", {"vpcompressd", "vpexpandd"}),
    "avx2": ("haswell", AVX2, {"vpermd"}),
    "neither": ("nehalem", "+popcnt,+sse4.2", set()),
}
PROGRAM = """
from numba import types
from tfdis.dlib.scoring.trees.exchange import put, take

keys, number = types.int32[::1], types.int64
for kernel in (take, put):
    kernel.compile((keys, number, number, number, number, keys, number))
    print(*kernel.inspect_asm().values())
"""


def _run(command, processor, tmp_path):
    """Output of a process that compiles for a processor."""
    name, features, _ = PROCESSORS[processor]
    environment = {
        **os.environ,
        "NUMBA_CPU_NAME": name,
        "NUMBA_CPU_FEATURES": features,
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.long
@pytest.mark.parametrize("processor", [case(name != "avx2", name) for name in PROCESSORS])
def test_keys_are_moved_by_instructions_of_the_processor(processor, tmp_path):
    result = _run(["-c", PROGRAM], processor, tmp_path)
    assert result.returncode == 0, result.stderr
    found = {word for word in ("vpcompressd", "vpexpandd", "vpermd") if word in result.stdout}
    assert found == PROCESSORS[processor][2]
    assert "vpmaskmov" not in result.stdout  # Slow on processors of AMD.


@pytest.mark.exhaustive
@pytest.mark.parametrize("processor", ["avx2", "neither"])
def test_trees_are_the_same_on_processors_without_some_instructions(processor, tmp_path):
    if processor == "avx2" and not binding.get_host_cpu_features().get("avx2"):
        pytest.skip("This processor has no AVX2.")
    tests = [
        f"{FOLDER / 'test_kernels.py'}",
        f"{FOLDER / 'test_ties.py'}",
        f"{FOLDER / 'test_boosting.py'}::test_the_model_is_scikit_learns",
    ]
    command = ["-m", "pytest", "-q", "-n", "0", "-k", "not model or (grid and 3)", *tests]
    result = _run(command, processor, tmp_path)
    assert result.returncode == 0, result.stdout
    assert "skipped" not in result.stdout
