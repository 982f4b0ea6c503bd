"""Data sets by name: the registry, gin's `dataset`, and the laws every registered set keeps."""

import subprocess
import sys

import gin
import numpy as np
import pytest
from one_of_each_kind import case

from tfdis import registry
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.named import data_set_names, get_named_ground_truth_data

NAMES = data_set_names()
# Others whose images processes draw, from the same grid and by the same functions.
DRAWN_LIKE_ANOTHER = {"arm3d_real", "arm3d_real_difficult", "arm3d_realistic"}


@pytest.fixture(params=[case(name not in DRAWN_LIKE_ANOTHER, name) for name in NAMES])
def data(request):
    """Every set that needs no original file; those that do are tested with small ones elsewhere."""
    gin.bind_parameter("arm3d.factor_sizes", (2, 2, 2, 2, 2, 2, 2))
    try:
        return get_named_ground_truth_data(request.param)
    except (FileNotFoundError, ValueError) as error:
        reasons = ("Expected the original files", "from_", "features.path")
        if not any(reason in str(error) for reason in reasons):
            raise
        pytest.skip("needs original files")
    except ImportError as error:
        if "tfdis[arm]" not in str(error):
            raise
        pytest.skip("needs the extra arm")


def test_the_sets_are_there():
    assert {
        "abstract_dsprites",
        "cars3d",
        "color_dsprites",
        "dsprites_full",
        "dsprites_hearts",
        "dsprites_noshape",
        "dummy_data",
        "from_files",
        "mpi3d_real",
        "mpi3d_real_complex",
        "mpi3d_realistic",
        "mpi3d_toy",
        "noisy_dsprites",
        "scream_dsprites",
        "shapes3d",
        "smallnorb",
        "sprites",
        "xyobject",
        "xyobject_shaded",
        "xysquares",
    } <= set(NAMES)


@pytest.mark.parametrize(
    "name, file",
    [
        ("cars3d", "cars"),
        ("mpi3d_real", "mpi3d_real/mpi3d_real.npz"),
        ("mpi3d_real_complex", "mpi3d_real_complex/mpi3d_real_complex.npz"),
        ("mpi3d_realistic", "mpi3d_realistic/mpi3d_realistic.npz"),
        ("mpi3d_toy", "mpi3d_toy/mpi3d_toy.npz"),
        ("scream_dsprites", "scream/scream.jpg"),
        ("shapes3d", "3dshapes/3dshapes.h5"),
        ("smallnorb", "small_norb/smallnorb-5x46789x9x18x6x2x96x96-training-dat.mat"),
        ("sprites", "sprites/npy/walk_front_frames_train.npy"),
    ],
)
def test_missing_originals_are_named_with_the_way_to_get_them(name, file, monkeypatch, tmp_path):
    monkeypatch.setenv("DISENTANGLEMENT_LIB_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError) as caught:
        get_named_ground_truth_data(name)
    command = f"bin/download_data {name} --data_dir={tmp_path}"
    for part in (str(tmp_path / file), command if name != "sprites" else "frame_to_npy.py"):
        assert part in str(caught.value)


def test_describes_itself(data):
    assert data.name in NAMES
    assert data.provenance in ("original", "re-rendered", "generated")
    assert len(data.factor_names) == len(data.factors_num_values) == data.num_factors
    assert len(set(data.factor_names)) == data.num_factors


def test_draws_are_in_range_and_follow_the_seed(data):
    factors, observations = data.sample(6, np.random.RandomState(2))
    assert factors.shape == (6, data.num_factors) and factors.dtype == np.int64
    assert np.all(factors >= 0) and np.all(factors < data.factors_num_values)
    assert observations.shape == (6, *data.observation_shape)
    assert 0 <= observations.min() < observations.max() <= 1
    again = data.sample_observations(6, np.random.RandomState(2))
    np.testing.assert_array_equal(again, observations)
    assert np.any(data.sample_observations(6, np.random.RandomState(3)) != observations)


def test_indices_factors_and_images_agree(data):
    if not isinstance(data, EnumerableData):
        pytest.skip("draws images that it does not enumerate")
    indices = np.random.RandomState(0).randint(data.num_images, size=50)
    images = data.images_at(indices)
    assert images.dtype == np.uint8 and images.shape == (50, *data.observation_shape)
    factors = data.indices_to_factors(indices)
    np.testing.assert_array_equal(
        data.indices_to_factors(data.factors_to_indices(factors)), factors
    )
    states = [np.random.RandomState(1) for _ in range(2)]
    drawn = data.sample_indices_from_factors(factors, states[0])
    np.testing.assert_array_equal(
        data.sample_observations_from_factors(factors, states[1]),
        data.to_observations(data.images_at(drawn)),
    )
    assert states[0].randint(10**9) == states[1].randint(10**9)


@pytest.mark.parametrize("name", ["dsprites_ful", "DSPRITES_FULL", "mnist", "", None])
def test_unknown_names_list_the_known(name):
    with pytest.raises(ValueError, match="dsprites_full, .*xysquares") as caught:
        get_named_ground_truth_data(name)
    assert repr(name) in str(caught.value)
    if name == "dsprites_ful":
        assert "did you mean 'dsprites_full'?" in str(caught.value)


def test_gin_chooses_the_set():
    gin.parse_config("dataset.name = 'xysquares'\nxysquares.grid_spacing = 3")
    assert get_named_ground_truth_data().grid_spacing == 3


@pytest.mark.parametrize("name", NAMES)
def test_each_set_has_its_gin_file(name):
    gin.parse_config_file(f"gin/data/{name}.gin")
    assert gin.query_parameter("dataset.name") == name


def test_one_name_one_builder():
    with pytest.raises(ValueError, match="dummy_data.*tfdis.data.sets.dummy_data"):
        registry.data_set("dummy_data")(lambda: None)


def test_importing_the_room_does_not_import_tensorflow():
    program = "import sys, tfdis.data.named; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
