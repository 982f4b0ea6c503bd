"""from_tfds and from_huggingface: files written in each format, orders of factors, partial grids, damage."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from tfdis.data.sets.labelled_pictures import from_huggingface, from_tfds

# Alphabetical, as both libraries have the columns of dSprites.
COLUMNS = ("orientation", "scale", "shape", "x_position", "y_position")
ORDER = ("shape", "scale", "orientation", "x_position", "y_position")
SIZES = dict(zip(ORDER, (2, 3, 2, 2, 1), strict=True))
GRID = [
    dict(zip(ORDER, row, strict=True)) for row in itertools.product(*map(range, SIZES.values()))
]
SHUFFLED = [GRID[row] for row in np.random.RandomState(0).permutation(len(GRID))]


def _image(labels, white=255):
    """Pixel 0 is white, the others say the factors."""
    image = np.zeros([4, 6], np.uint8)
    image.flat[0] = white
    for place, name in enumerate(ORDER):
        image.flat[1 + 4 * place : 1 + 4 * place + labels[name]] = white
    return image


def _png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "png")
    return file.getvalue()


def _write_tfds(folder, rows, white=255, key="image"):
    import tensorflow as tf

    def integer(value):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    halves = np.array_split(np.arange(len(rows)), 2)
    for shard, numbers in enumerate(halves):
        path = folder / f"dsprites-train.tfrecord-0000{shard}-of-00002"
        with tf.io.TFRecordWriter(str(path)) as writer:
            for number in numbers:
                picture = tf.train.BytesList(value=[_png(_image(rows[number], white))])
                features = {f"label_{name}": integer(rows[number][name]) for name in COLUMNS}
                features |= {"id": integer(int(number)), key: tf.train.Feature(bytes_list=picture)}
                value = tf.train.FloatList(value=[0.5])
                features["value_scale"] = tf.train.Feature(float_list=value)
                example = tf.train.Example(features=tf.train.Features(feature=features))
                writer.write(example.SerializeToString())
    return folder


def _write_parquet(folder, rows, white=255, key="image"):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    pictures = [{"bytes": _png(_image(row, white)), "path": None} for row in rows]
    table = {key: pictures} | {f"label_{n}": [row[n] for row in rows] for n in COLUMNS}
    half = len(rows) // 2
    for shard, part in enumerate((slice(None, half), slice(half, None))):
        columns = {name: column[part] for name, column in table.items()}
        path = folder / f"train-0000{shard}-of-00002.parquet"
        parquet.write_table(pyarrow.table(columns), path)
    return folder


KINDS = {"tfds": (from_tfds, _write_tfds), "huggingface": (from_huggingface, _write_parquet)}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


@pytest.mark.parametrize("white", [1, 255])
def test_pictures_have_their_factors_in_the_order_of_the_grid(
    kind, white, originals, assert_enumerates_itself
):
    build, write = kind
    data = build(str(write(originals, SHUFFLED, white)))
    assert data.factor_names == ORDER and data.categorical_factors == ("shape",)
    assert data.factors_num_values == list(SIZES.values())
    assert_enumerates_itself(data)
    expected = np.stack([_image(row) for row in GRID])[..., None]
    np.testing.assert_array_equal(data.images_at(np.arange(len(GRID))), expected)


def test_factors_are_chosen_by_name_and_others_of_one_value_left_out(kind, originals):
    build, write = kind
    chosen = ("x_position", "scale", "shape", "orientation")
    data = build(str(write(originals, SHUFFLED)), factors=chosen)
    assert data.factor_names == chosen and data.factors_num_values == [2, 3, 2, 2]
    with pytest.raises(ValueError, match="label columns"):
        build(str(originals), factors=["colour"])


def test_a_part_of_the_grid_is_drawn_as_it_occurs(kind, originals):
    build, write = kind
    data = build(str(write(originals, SHUFFLED[:15])))
    factors, images = data.sample(60, np.random.RandomState(0))
    assert images.dtype == np.float32
    for row, image in zip(factors, images, strict=True):
        labels = dict(zip(ORDER, row, strict=True))
        np.testing.assert_array_equal(image[..., 0], _image(labels) / np.float32(255))
    occurring = {tuple(row) for row in factors}
    missing = next(row for row in GRID if tuple(row.values()) not in occurring)
    with pytest.raises(ValueError, match="no grid"):
        given = np.array([list(missing.values())])
        data.sample_observations_from_factors(given, np.random.RandomState(0))


def test_missing_and_damaged_files_are_refused(kind, originals, cached):
    build, write = kind
    with pytest.raises(ValueError, match=r"path.*Received: None"):
        build()
    with pytest.raises(FileNotFoundError, match="Received: none"):
        build(str(originals))
    write(originals, SHUFFLED)
    with pytest.raises(FileNotFoundError):
        build(str(originals), split="test")
    with pytest.raises(ValueError, match="Expected .* to hold"):
        build(str(originals), image_key="picture")
    file = sorted(originals.iterdir())[0]
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ValueError, match="Expected .* to hold"):
        build(str(originals))
    assert cached() == []
