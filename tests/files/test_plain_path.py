"""Checkpoints in folders whose names TensorFlow would read as patterns."""

import os

import pytest
import tensorflow as tf

from tfdis.files.plain_path import PlainPath

NAMES = ["plain", "beta[4]", "a*b", "q?", "{x}", "sp ace", "ünï", "back\\slash", "n" * 255]


@pytest.mark.parametrize("name", NAMES)
def test_checkpoints_are_found_and_only_own_ones_deleted(tmp_path, name):
    (tmp_path / name).mkdir()
    # A neighbour that the pattern `a*b` matches.
    (tmp_path / "a-b").mkdir()
    (tmp_path / "a-b" / "ckpt-1.index").write_text("of another run")
    plain = PlainPath(tmp_path / name)
    variable = tf.Variable(1.0)
    checkpoint = tf.train.Checkpoint(v=variable)
    manager = tf.train.CheckpointManager(checkpoint, plain.path, max_to_keep=1)
    manager.save(checkpoint_number=1)
    variable.assign(2.0)
    manager.save(checkpoint_number=2)
    variable.assign(3.0)
    latest = tf.train.latest_checkpoint(plain.path)
    checkpoint.restore(latest).assert_consumed()
    assert float(variable) == 2.0
    assert not (tmp_path / name / "ckpt-1.index").exists()
    assert (tmp_path / "a-b" / "ckpt-1.index").exists()


def test_a_plain_path_is_itself_and_links_do_not_outlive_their_object(tmp_path):
    assert PlainPath(tmp_path).path == str(tmp_path)
    plain = PlainPath(tmp_path / "[")
    link = plain.path
    assert os.path.islink(link)
    del plain
    assert not os.path.lexists(os.path.dirname(link))
