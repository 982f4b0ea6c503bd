"""The factors that are a label: by position or by name, and what is refused."""

import pytest

from tfdis.data.label_factors import label_classes

SIZES = (2, 3, 4)


def test_label_factors_by_name():
    assert label_classes(SIZES, ["b"], ["a", "b", "c"]) == [(1, 3)]


@pytest.mark.parametrize("factors", [[], [3], [-1], [0, 0], ["shape"], [True, 1]])
def test_label_factors_that_do_not_exist_are_refused(factors):
    with pytest.raises(ValueError, match="Expected label_factors"):
        label_classes(SIZES, factors, ["a", "b", "c"])
