"""download_data, dlib_download_data, dataset_stats, dlib_visualize_dataset, as processes."""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location(
    "file_server", ROOT / "tests" / "data" / "download" / "file_server.py"
)
file_server = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(file_server)


def _error(result):
    assert result.returncode == 1 and "Traceback" not in result.stderr
    return next(line for line in result.stderr.splitlines() if line.startswith("error: "))


@pytest.mark.long
def test_download_from_a_mirror(start_command, tmp_path):
    painting = np.random.RandomState(0).bytes(1000)
    with file_server.FileServer() as server:
        server.files["/m/scream/scream.jpg"] = painting
        server.files["/m/dsprites/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"] = b"npz"
        server.faults["/m/scream/scream.jpg"] = ["truncate"]
        arguments = ("scream_dsprites", f"--mirror={server.address}/m")
        result = start_command(
            "download_data", *arguments, environment={"DISENTANGLEMENT_LIB_DATA": str(tmp_path)}
        )
        assert result.returncode == 0, result.stderr
        paths = result.stdout.split()
        assert paths[-1] == str(tmp_path / "scream" / "scream.jpg")
        assert (tmp_path / "scream" / "scream.jpg").read_bytes() == painting
        again = start_command("download_data", *arguments, f"--data_dir={tmp_path}")
        assert (again.returncode, again.stdout) == (0, result.stdout)
    listing = start_command("download_data", "--list", "scream_dsprites", f"--data_dir={tmp_path}")
    assert listing.returncode == 0 and "scream/scream.jpg (there;" in listing.stdout


def test_a_wrong_hash_is_one_line_that_names_both(start_command, tmp_path):
    with file_server.FileServer() as server:
        server.files["/mpi3d_toy/mpi3d_toy.npz"] = b"another file"
        server.faults["/mpi3d_toy/mpi3d_toy.npz"] = []
        # Nothing but this machine is asked: the published addresses get a proxy that is not there.
        absent = "http://127.0.0.1:9"
        proxies = {"HTTP_PROXY": absent, "HTTPS_PROXY": absent, "NO_PROXY": "127.0.0.1"}
        result = start_command(
            "download_data",
            "mpi3d_toy",
            f"--mirror={server.address}",
            f"--data_dir={tmp_path}",
            "--attempts=1",
            environment=proxies,
        )
    message = result.stderr
    assert _error(result)
    assert "md5:55889cb7c7dfc655d6e0277beee88868" in message
    received = hashlib.md5(b"another file").hexdigest()
    assert received in message
    kept = tmp_path / "mpi3d_toy" / f"mpi3d_toy.npz.{received}.wrong-hash"
    assert kept.read_bytes() == b"another file"


@pytest.mark.long
@pytest.mark.parametrize("arguments", [["nonsense"], []])
def test_bad_names_list_the_known(start_command, arguments, tmp_path):
    message = _error(start_command("download_data", *arguments, f"--data_dir={tmp_path}"))
    assert "cars3d" in message and "smallnorb" in message


def test_disentanglement_lib_s_own_list(start_command, tmp_path):
    result = start_command("dlib_download_data", "--list", f"--data_dir={tmp_path}")
    assert result.returncode == 0
    for file in ("smallnorb-5x01235", "cars (missing", "scream.jpg", "mpi3d_toy.npz", "dsprites_"):
        assert file in result.stdout
    assert "stray" in _error(start_command("dlib_download_data", "stray"))


def test_stats_of_a_data_set(start_command):
    result = start_command("dataset_stats", "--dataset=xysquares", "--num_images=100")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "xysquares (generated)"
    assert lines[1] == "mean 0.015625, 0.015625, 0.015625"
    std = float(lines[2].split()[-1])
    assert std == pytest.approx(np.sqrt(1 / 64 * 63 / 64 * 4096 / 4095), rel=1e-12)
    assert lines[4] == "published std  0.12403473458920855"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "Expected --dataset or --gin_file"),
        (["--dataset=mnist"], "Expected the name of a data set"),
        (["--dataset=dummy_data"], "num_images"),
        (["--gin_file=no.gin"], "no.gin, which does not exist"),
    ],
)
def test_bad_input_of_stats_is_one_line(start_command, arguments, message):
    assert message in _error(start_command("dataset_stats", *arguments))


@pytest.mark.long
def test_pictures_of_a_data_set(start_command, tmp_path):
    pytest.importorskip("disentanglement_lib")
    arguments = ("--name=xyobject", f"--path={tmp_path}")
    result = start_command("dlib_visualize_dataset", *arguments)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "xyobject"
    expected = [f"animation{index}.gif" for index in range(5)] + ["sheet.png"]
    expected += [f"variations_of_factor{index}.png" for index in range(4)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(expected)
    assert [path.name for path in tmp_path.iterdir()] == ["xyobject"]
    with Image.open(folder / "animation0.gif") as animation:
        assert animation.n_frames == 20 and animation.info["duration"] == 100
    with Image.open(folder / "variations_of_factor2.png") as still:
        assert still.size == (256, 256)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert "exists" in _error(start_command("dlib_visualize_dataset", *arguments))
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_pictures_of_an_unknown_data_set(start_command, tmp_path):
    result = start_command("dlib_visualize_dataset", "--name=mnist", f"--path={tmp_path / 'out'}")
    assert "Received: 'mnist'" in _error(result) and not (tmp_path / "out").exists()
