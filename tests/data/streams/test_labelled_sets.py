"""Several labelled sets as one: split, labels, streams."""

import numpy as np
import pytest

from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.sets.dummy_data import DummyData
from tfdis.data.splits.correlated import CorrelatedFactors
from tfdis.data.splits.held_out import HeldOut
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.streams.labelled_sets import NO_LABEL, LabelledSets
from tfdis.data.streams.labelled_stream import labelled_stream, validation_stream


class Numbered(EnumerableData):
    """Image i of a set is filled with first + i."""

    def __init__(self, name, factor_names, sizes, first=0, shape=(2, 2, 1)):
        super().__init__(name, factor_names, FactorStateSpace(sizes), shape, "generated")
        self.first = first

    def images_at(self, indices):
        values = (self.first + np.asarray(indices)).astype(np.uint8)
        return np.broadcast_to(values[:, None, None, None], (len(values), *self.image_shape))


def _toy():
    return Numbered("toy", ("shape", "size", "camera"), (5, 2, 3))


def _real():
    return Numbered("real", ("size", "light", "shape"), (4, 5, 1), first=100)


def _sets(**options):
    return LabelledSets([_toy(), _real()], **{"seed": 3} | options)


def _numbers(images):
    return np.asarray(images)[:, 0, 0, 0]


def test_factors_are_matched_by_name_and_missing_ones_have_no_label():
    sets = _sets()
    assert sets.factor_sizes == {"shape": 5, "size": 4, "camera": 3, "light": 5}
    images, labels = sets.batch_at(np.array([47, 29, 0, 31]))
    assert _numbers(images).tolist() == [117, 29, 0, 101]
    # 47 is image 17 of real: size 17 // 5, light 17 % 5, shape 0; 29 the last of toy.
    expected = [[0, 3, -1, 2], [4, 1, 2, -1], [0, 0, 0, -1], [0, 0, -1, 1]]
    assert labels.tolist() == expected


def test_separate_factors_belong_to_one_set_each():
    sets = _sets(separate_factors=["size"])
    assert list(sets.factor_sizes.items()) == [
        ("shape", 5), ("size (toy)", 2), ("camera", 3), ("size (real)", 4), ("light", 5),
    ]  # fmt: skip
    _, labels = sets.batch_at(np.array([47, 29]))
    assert labels.tolist() == [[0, -1, -1, 3, 2], [4, 1, 2, -1, -1]]


@pytest.mark.parametrize("fraction", [0.2, 0.5])
def test_the_split_is_disjoint_complete_and_of_each_set(fraction):
    sets = _sets(validation_fraction=fraction)
    training, validation = sets.training_indices(0), sets.validation_indices
    assert sorted([*training, *validation]) == list(range(50))
    assert (validation < 30).sum() == 30 * fraction
    assert (validation >= 30).sum() == 20 * fraction
    assert (sets.num_training, sets.num_validation) == (len(training), len(validation))


def test_the_split_depends_on_the_seed_and_the_set_alone():
    def validation(sets, start):
        return {int(i) - start for i in sets.validation_indices if start <= i < start + 30}

    toy = validation(_sets(), 0)
    assert toy == validation(_sets(), 0)
    assert toy == validation(LabelledSets([_real(), _toy()], seed=3), 20)
    assert toy == validation(LabelledSets([_toy()], seed=3), 0)
    assert toy != validation(_sets(seed=4), 0)
    # Two sets of one size are not split alike.
    both = LabelledSets([_toy(), Numbered("other", ("a",), (30,))], seed=3)
    assert validation(both, 0) != validation(both, 30)


def test_every_epoch_shows_every_training_image_once_in_a_new_order():
    sets = _sets()
    epochs = [sets.training_indices(epoch) for epoch in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert epochs[0].tolist() != epochs[1].tolist()
    batches = list(labelled_stream(sets, 16).take(6))
    shown = np.concatenate([np.rint(_numbers(images) * 255) for images, _ in batches])
    for epoch, indices in enumerate(epochs):
        expected = _numbers(sets.batch_at(indices)[0])
        ours = shown[epoch * 48 : epoch * 48 + 40]
        assert ours.tolist() == expected.tolist()
        # The last batch is filled up from the start.
        assert shown[epoch * 48 + 40 : epoch * 48 + 48].tolist() == expected[:8].tolist()


def test_the_stream_is_a_pure_function_of_seed_and_step():
    whole = list(labelled_stream(_sets(), 16).take(5))
    parts = list(labelled_stream(_sets(), 16, start_step=2).take(3))
    for (images, labels), (other_images, other_labels) in zip(whole[2:], parts, strict=True):
        np.testing.assert_array_equal(images, other_images)
        np.testing.assert_array_equal(labels, other_labels)
    (images, _), = labelled_stream(_sets(seed=4), 16).take(1)  # fmt: skip
    assert _numbers(images).tolist() != _numbers(whole[0][0]).tolist()
    assert whole[0][0].dtype == "float32" and whole[0][1].dtype == "int64"


def test_a_batch_may_be_larger_than_the_sets():
    ((images, _),) = labelled_stream(_sets(), 100).take(1)
    assert len(np.unique(_numbers(images))) == 40


def test_validation_shows_every_image_once_and_fills_up_without_labels():
    sets = _sets()
    batches = list(validation_stream(sets, 4))
    labels = np.concatenate([labels for _, labels in batches])
    images = np.concatenate([_numbers(images) for images, _ in batches])
    assert len(labels) == 12
    assert (labels[10:] == NO_LABEL).all() and (labels[:10] != NO_LABEL).any(axis=1).all()
    expected = _numbers(sets.batch_at(sets.validation_indices)[0])
    assert np.rint(images[:10] * 255).tolist() == expected.tolist()
    assert len(list(validation_stream(sets, 4, num_batches=2))) == 2
    assert len(list(validation_stream(sets, 4, num_batches=9))) == 3


def test_a_factor_of_one_value_is_left_out_with_a_warning(warnings_given):
    sets = LabelledSets([Numbered("toy", ("shape", "colour"), (5, 1))], seed=0)
    assert sets.factor_sizes == {"shape": 5}
    assert warnings_given == ["The factor 'colour' has one value: it is left out."]
    _sets()
    assert "'shape' has different numbers of values: {'toy': 5, 'real': 1}" in warnings_given[1]


def test_what_a_split_holds_out_is_in_neither_part():
    split = HeldOut([("shape", 0.5, 1), ("camera", 0, 0)])
    sets = LabelledSets([split(_toy()), _real()], seed=3)
    images, labels = sets.batch_at(np.r_[sets.training_indices(0), sets.validation_indices])
    # Shapes 2, 3, 4 of 5 with camera 0: 6 of 30 images of toy.
    assert len(np.unique(_numbers(images))) == len(images) == 24 + 20
    of_toy = labels[_numbers(images) < 100]
    assert not np.any((of_toy[:, 0] >= 2) & (of_toy[:, 2] == 0))
    assert sets.splits == {"toy": split.describe()} and _sets().splits == {}


@pytest.mark.parametrize(
    ("data_sets", "options", "message"),
    [
        ([], {}, "Expected one data set"),
        ([_toy(), _toy()], {}, r"several different ones.*\['toy', 'toy'\]"),
        ([DummyData()], {}, "dummy_data, which draws"),
        ([_toy(), Numbered("big", ("a",), (2,), shape=(3, 3, 1))], {}, r"'toy': \(2, 2, 1\), 'big': \(3"),
        ([Numbered("flat", ("a", "b"), (1, 1))], {}, r"more than one value.*'a': 1, 'b': 1"),
        ([_toy()], {"validation_fraction": 0.0}, "both parts of toy, which has 30. Received: 0.0"),
        ([_toy()], {"validation_fraction": 1.0}, "Received: 1.0"),
        ([CorrelatedFactors([(0, 1)])(_toy())], {}, "holds combinations out.*CorrelatedFactors.* of toy"),
        ([_toy()], {"separate_factors": ["sise"]}, r"\['camera', 'shape', 'size'\].*'sise'"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(data_sets, options, message):
    with pytest.raises(ValueError, match=message):
        LabelledSets(data_sets, **{"seed": 0} | options)


def test_streams_refuse_sizes_below_one():
    for make in (
        lambda: labelled_stream(_sets(), 0),
        lambda: labelled_stream(_sets(), 1, start_step=-1),
        lambda: validation_stream(_sets(), 0),
        lambda: validation_stream(_sets(), 1, num_batches=0),
    ):
        with pytest.raises(ValueError, match="Expected"):
            make()
