"""The paper's table as it stands in the source."""

from tfdis.analysis.published import published_distances
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.xysquares import XYSquares


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
