"""The paper's table as it stands in the source."""

import types

from tfdis.analysis.published import published_distances
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.xysquares import XYSquares


def test_rows_belong_to_their_factors():
    table = published_distances(get_named_ground_truth_data("dsprites_full"))["paper_mean"]
    assert table.to_dict() == {
        "random": 0.0754,
        "position y": 0.0584,
        "position x": 0.0559,
        "scale": 0.0250,
        "shape": 0.0214,
        "orientation": 0.0172,
    }
    assert published_distances(XYSquares())["paper_mean"].tolist() == [0.0308] + [0.0104] * 6
    assert published_distances(get_named_ground_truth_data("dsprites_hearts")) is None


def test_smallnorbs_table_is_that_of_its_training_chunk():
    names = ["category", "instance", "elevation", "azimuth", "lighting"]
    training, dlibs = (
        types.SimpleNamespace(name="smallnorb", num_factors=len(factors), factor_names=factors)
        for factors in (names, ["category", "elevation", "azimuth", "lighting"])
    )
    table = published_distances(training)
    assert table.to_dict("list") == {
        "paper_mean": [0.0535, 0.0113, 0.0068, 0.0034, 0.0090, 0.0531],
        "paper_std": [0.0529, 0.0066, 0.0048, 0.0030, 0.0071, 0.0563],
    }
    assert table.index.tolist() == ["random", *names]
    assert published_distances(dlibs) is None
