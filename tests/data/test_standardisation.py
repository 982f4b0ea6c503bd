"""Standardisation: closed forms, the published constants."""

import numpy as np
import pytest

from tfdis.data.image_statistics import compute_image_statistics
from tfdis.data.named import data_set_names, get_named_ground_truth_data
from tfdis.data.standardisation import published_standardisation
from tfdis.registry import DATA_SETS


@pytest.mark.long
def test_statistics_are_means_over_images_of_each_image_s_own():
    data = get_named_ground_truth_data("xyobject")
    images = data.images_at(np.arange(0, 75000, 50)) / 255.0
    subset = type("Subset", (type(data),), {"num_images": 1500})()
    subset.images_at = lambda indices: data.images_at(50 * indices)
    mean, std = compute_image_statistics(subset)
    np.testing.assert_allclose(mean, images.mean(axis=(0, 1, 2)), rtol=1e-10)
    expected = images.reshape(len(images), -1, 3).std(axis=1, ddof=1).mean(axis=0)
    np.testing.assert_allclose(std, expected, rtol=1e-10)


def test_xysquares_has_its_closed_form():
    data = get_named_ground_truth_data("xysquares")
    share = 1 / 64  # Every image has the same: a sample tells it exactly.
    mean, std = compute_image_statistics(data, num_images=1000)
    np.testing.assert_allclose(mean, [share] * 3, rtol=1e-12)
    np.testing.assert_allclose(std, np.sqrt(share * (1 - share) * 4096 / 4095), rtol=1e-12)
    published = published_standardisation("xysquares")
    np.testing.assert_allclose((mean[0], std[0]), (published.mean[0], published.std[0]), rtol=1e-8)


def test_drawn_images_are_measured_too():
    mean, std = compute_image_statistics(get_named_ground_truth_data("dummy_data"), 200)
    assert mean[0] == pytest.approx(0.5, abs=1e-3)
    assert std[0] == pytest.approx(12**-0.5, abs=1e-3)


@pytest.mark.parametrize("name, num_images", [("dummy_data", None), ("xysquares", 0)])
def test_impossible_numbers_are_refused(name, num_images):
    with pytest.raises(ValueError, match=f"num_images of at least 1 for {name}"):
        compute_image_statistics(get_named_ground_truth_data(name), num_images)


# Mean, then deviation, digit by digit as the paper's authors publish them in their configuration.
PUBLISHED_DIGITS = {
    "dsprites_full": ".042494423521889584 .19516645880626055",
    "shapes3d": ".502584966788819 .5787597566089667 .6034499731859578 "
    ".2940814043555559 .3443979087517214 .3661685981524748",
    "cars3d": ".8976676149976628 .8891658020067508 .885147515814868 "
    ".22503195531503034 .2399461278981261 .24792106319684404",
    "smallnorb": ".7520918401088603 .09563879016827262",
    "mpi3d_toy": ".22437325567325045 .22141877351640138 .22625457849943273 "
    ".0690013611690731 .06343387069571882 .07607519758722009",
    "mpi3d_realistic": ".17986945797157425 .20474678611954758 .18148154235228137 "
    ".08746476487506775 .09330995331830938 .09242232801328121",
    "mpi3d_real": ".12848577057593918 .1648033279246875 .13971583058948006 "
    ".09329210572942123 .09203401520672466 .10322983729706256",
    "xysquares": ".015625 .12403473458920855",
    "xyobject": ".009818761549013288 .05263236372524585",
}


@pytest.mark.parametrize("name", PUBLISHED_DIGITS)
def test_every_digit_is_the_published_one(name):
    constants = published_standardisation(name)
    assert [*constants.mean, *constants.std] == [float(n) for n in PUBLISHED_DIGITS[name].split()]


def test_variants_share_their_constants():
    same = {"dsprites_noshape": "dsprites_full", "xyobject_shaded": "xyobject"}
    assert set(DATA_SETS.facts("standardisation")) == {*PUBLISHED_DIGITS, *same}
    for variant, original in same.items():
        assert (
            DATA_SETS.facts("standardisation")[variant]
            == DATA_SETS.facts("standardisation")[original]
        )


def test_constants_fit_their_data_sets():
    assert set(DATA_SETS.facts("standardisation")) <= set(data_set_names())
    for constants in DATA_SETS.facts("standardisation").values():
        assert len(constants.mean) == len(constants.std) in (1, 3)
        assert 0 < min(constants.mean) <= max(constants.mean) < 1 and min(constants.std) > 0


def test_unknown_constants_name_the_command():
    with pytest.raises(ValueError, match="bin/dataset_stats --dataset=dummy_data"):
        published_standardisation("dummy_data")


def test_the_constants_of_one_chunk_are_not_given_for_both():
    assert published_standardisation("smallnorb", 24_300).mean == (0.7520918401088603,)
    with pytest.raises(ValueError, match="24300 images. Received: 48600 images"):
        published_standardisation("smallnorb", 48_600)
