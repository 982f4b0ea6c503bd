"""from_files: every combination of image and table format, and every mismatch told."""

import itertools

import gin
import h5py
import numpy as np
import pandas
import pytest
from PIL import Image

from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.sets.from_files import RowsFromFiles, from_files

GRID = list(itertools.product(["cube", "ball"], [10, 2.5, 30], [False, True]))
NAMES = ["shape", "size", "lit"]
ORDER = np.random.RandomState(0).permutation(12)  # Rows come in any order.
# ball < cube, 2.5 < 10 < 30: values are numbered in their order, numbers as numbers.
FACTORS = [[int(s == "cube"), [2.5, 10, 30].index(v), int(lit)] for s, v, lit in GRID]


def _images(channels=3):
    shape = (12, 9, 7, channels) if channels else (12, 9, 7)
    return np.random.RandomState(1).randint(256, size=shape).astype(np.uint8)


def _write_images(folder, kind, images):
    path = folder / f"images.{kind}"
    if kind == "npz":
        np.savez_compressed(path, images=images)
    elif kind == "npy":
        np.save(path, images)
    elif kind == "h5":
        with h5py.File(path, "w") as file:
            file["images"] = images
    else:
        path.mkdir()
        for name, image in zip(_picture_names(), images, strict=True):
            Image.fromarray(np.squeeze(image)).save(path / name)
    return str(path)


def _picture_names():
    return [f"{index:02}.png" for index in range(12)]


def _write_table(folder, kind, with_files=False):
    path = folder / f"factors.{kind}"
    numbers = np.array(FACTORS)[ORDER]
    if kind == "csv":
        header = ["file", *NAMES] if with_files else NAMES
        rows = [list(GRID[index]) for index in ORDER]
        if with_files:
            rows = [[name, *row] for name, row in zip(_picture_names(), rows, strict=True)][::-1]
        path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    elif kind == "npz":
        np.savez(path, factors=numbers)
    elif kind == "npy":
        np.save(path, numbers)
    else:
        with h5py.File(path, "w") as file:
            file["factors"] = numbers
    return str(path)


@pytest.mark.parametrize("image_kind", ["npz", "npy", "h5", "pictures"])
@pytest.mark.parametrize("table_kind", ["csv", "npz", "npy", "h5"])
@pytest.mark.parametrize("channels", [0, 1, 3])
def test_images_have_their_factors(
    originals, image_kind, table_kind, channels, assert_enumerates_itself
):
    images = _images(channels)
    data = from_files(
        _write_images(originals, image_kind, images), _write_table(originals, table_kind)
    )
    assert data.factors_num_values == [2, 3, 2]
    assert data.observation_shape == [9, 7, channels or 1]
    assert data.factor_names == tuple(
        NAMES if table_kind == "csv" else ["factor 0", "factor 1", "factor 2"]
    )
    assert_enumerates_itself(data)
    received = data.images_at(data.factors_to_indices(np.array(FACTORS)[ORDER]))
    np.testing.assert_array_equal(received, images.reshape(12, 9, 7, channels or 1))


def test_a_column_names_the_pictures(originals):
    folder = _write_images(originals, "pictures", _images())
    data = from_files(folder, _write_table(originals, "csv", with_files=True))
    received = data.images_at(data.factors_to_indices(np.array(FACTORS)[ORDER]))
    np.testing.assert_array_equal(received, _images())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["00.png", *_picture_names()[2:], "02.png"],
            "{factors}: pictures of {images} that no row names, which are left out: 1 of 12, the first one "
            "is 01.png; rows that name the picture of another row: 1, the first one names 02.png.",
        ),
        (_picture_names()[::-1], ""),
    ],
)
def test_pictures_that_the_table_leaves_out_or_names_again_are_told(
    originals, caplog, names, message
):
    images = _write_images(originals, "folder", _images())
    rows = [[name, *GRID[index]] for index, name in enumerate(names)]
    path = _write_csv(originals, ["file", *NAMES], rows)
    with caplog.at_level("INFO", logger="absl"):
        assert from_files(images, str(path)).num_factors == 3
    assert message.format(images=images, factors=path) in caplog.text
    assert ("no row names" in caplog.text) == bool(message)


def test_hidden_factors_are_drawn_with_every_image(originals):
    paths = _write_images(originals, "npz", _images()), _write_table(originals, "csv")
    data = from_files(*paths, hidden_factors=["size"])
    assert data.factor_names == ("shape", "lit")
    drawn = data.sample_indices_from_factors(np.tile([1, 0], (60, 1)), np.random.RandomState(0))
    assert set(drawn) == {6, 8, 10}
    for hidden in (["colour"], NAMES):
        with pytest.raises(ValueError, match="hidden_factors among"):
            from_files(*paths, hidden_factors=hidden)


@pytest.mark.parametrize("kind", ["npz", "npy", "h5", "pictures"])
@pytest.mark.parametrize(
    "images",
    [_images(0) > 127, (_images(0) > 127).astype(np.uint8), np.float64(_images(0) > 127)],
    ids=["bool", "uint8", "float64"],
)
def test_one_is_white_in_masks(originals, images, kind):
    if kind == "pictures" and images.dtype != np.uint8:
        pytest.skip("Pictures are uint8.")
    data = from_files(_write_images(originals, kind, images), _write_table(originals, "npy"))
    received = data.images_at(data.factors_to_indices(np.array(FACTORS)[ORDER]))[..., 0]
    np.testing.assert_array_equal(received, np.where(images, 255, 0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_numbers_become_bytes(originals, dtype):
    scale = 1 if dtype == np.int64 else 255
    images = (_images() / scale).astype(dtype)
    data = from_files(_write_images(originals, "npz", images), _write_table(originals, "npy"))
    received = data.images_at(data.factors_to_indices(np.array(FACTORS)[ORDER]))
    np.testing.assert_array_equal(received, _images())


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_one_bright_pixel_far_back_makes_bytes_of_zeros_and_ones(originals, monkeypatch, dtype):
    monkeypatch.setattr("tfdis.data.sets.from_files.images_a_batch", lambda shape: 5)
    images = (_images(0) > 127).astype(np.uint8)
    images[11, 0, 0] = 2
    written = images.astype(dtype) / dtype(255) if dtype == np.float32 else images.astype(dtype)
    data = from_files(_write_images(originals, "npy", written), _write_table(originals, "npy"))
    received = data.images_at(data.factors_to_indices(np.array(FACTORS)[ORDER]))[..., 0]
    np.testing.assert_array_equal(received, images)


@pytest.mark.parametrize(
    "kind", ["index", "semicolons", "decimal commas", "tabs", "numpy", "pandas names"]
)
def test_tables_as_other_programs_write_them(originals, kind):
    numbers = np.array(FACTORS)[ORDER]
    frame = pandas.DataFrame(numbers / [1, 2, 4], columns=NAMES)
    path, names = originals / "factors.csv", tuple(NAMES)
    if kind == "numpy":
        np.savetxt(path, numbers)
        names = ("factor 0", "factor 1", "factor 2")
    elif kind == "pandas names":
        pandas.DataFrame(numbers).to_csv(path)
        names = ("0", "1", "2")
    elif kind == "index":
        frame.to_csv(path)
    else:
        decimal = "," if kind == "decimal commas" else "."
        frame.to_csv(path, sep="\t" if kind == "tabs" else ";", decimal=decimal, index=False)
    data = from_files(_write_images(originals, "npy", _images()), str(path))
    assert data.factor_names == names and data.factors_num_values == [2, 3, 2]
    received = data.images_at(data.factors_to_indices(numbers))
    np.testing.assert_array_equal(received, _images())


@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
def test_a_table_without_a_header_loses_no_row(originals, separator):
    numbers = np.array(FACTORS)[ORDER]
    path = originals / "factors.csv"
    np.savetxt(path, numbers, fmt="%d", delimiter=separator)
    data = from_files(_write_images(originals, "npy", _images()), str(path), factor_names=NAMES)
    assert data.factor_names == tuple(NAMES) and data.factors_num_values == [2, 3, 2]
    received = data.images_at(data.factors_to_indices(numbers))
    np.testing.assert_array_equal(received, _images())


def test_numbers_with_decimal_commas_are_numbered_as_numbers(originals):
    path = originals / "factors.csv"
    values = ["10,5", "9", "100,25"]
    rows = [
        f"{values[index % 3]};{'red, dark' if index < 6 else 'red'};{index // 3 % 2}"
        for index in range(12)
    ]
    path.write_text("size;colour;lit\n" + "\n".join(rows))
    data = from_files(_write_images(originals, "npy", _images()), str(path))
    assert data.factors_num_values == [3, 2, 2]
    received = data.images_at(data.factors_to_indices(np.array([[0, 1, 0], [2, 1, 0]])))
    np.testing.assert_array_equal(received, _images()[[1, 2]])


def test_gin_names_the_files(originals):
    images, factors = _write_images(originals, "npz", _images()), _write_table(originals, "csv")
    gin.parse_config_file("gin/data/from_files.gin")
    gin.parse_config(f"IMAGES = '{images}'\nFACTORS = '{factors}'")
    assert get_named_ground_truth_data().num_images == 12


def test_files_must_be_named():
    with pytest.raises(ValueError, match="from_files.images.*Fix: set them"):
        from_files()


def test_images_alone_are_drawn_all_alike_and_have_no_factors(originals):
    images = _images()
    data = from_files(_write_images(originals, "pictures", images))
    assert data.num_factors == 0 and data.num_images == 12 and data.factor_names == ()
    np.testing.assert_array_equal(data.images_at(range(12)), images)
    factors, drawn = data.sample(500, np.random.RandomState(0))
    assert factors.shape == (500, 0)
    found = {image.tobytes() for image in np.round(drawn * 255).astype(np.uint8)}
    assert found == {image.tobytes() for image in images}
    with pytest.raises(ValueError, match="Expected from_files.factors for names"):
        from_files(_write_images(originals, "npy", images), factor_names=["a"])


def test_images_alone_have_scores_of_the_codes_alone(originals):
    import tfdis
    from tfdis.dlib import NotComputableError

    data = from_files(_write_images(originals, "npy", _images()))
    with pytest.raises(NotComputableError, match="factors are known.*Fix: .*from_files.factors"):
        tfdis.evaluate(lambda images: images[:, :3, 0, 0], data, ["mig"], num_train=20)
    scores = tfdis.evaluate(lambda images: images[:, :3, 0, 0], data, ["unsupervised"])
    assert scores["unsupervised/gaussian_total_correlation"] >= 0


@pytest.mark.parametrize(
    "table, message",
    [
        ("", "a table with a header"),
        ("shape,size\n", "a value in every cell"),
        ("shape\ncube\n", "a row in .* for each of the 12 images.*1 rows"),
        ("shape\n" + "cube\n" * 12, "two or more values of every factor.*one of shape, in 12"),
        ("a,b\n" + "".join(f"{i},{i}\n" for i in range(12)), "a, which has another value in every"),
        ("a,b\n" + "".join(f"{i % 2},{i % 2 or ''}\n" for i in range(12)), "one of a, in 6 comp"),
        ("a,b\n" + "".join(f"{i},\n" for i in range(12)), "a value in every cell"),
        ("a,file\n" + "".join(f"{i},\n" for i in range(12)), "the name of a picture in every row"),
        ("a,b\n1,2,3\n", "a header and a value in every cell"),
        ("a,b\n1,2\n1,2,3\n", "separated by commas"),
        ("cube,3\n" * 11, "each of the 12 images.*11 rows"),
        (
            "cube,small\n" + "a,b\n" * 11,
            r"11 rows. Fix: give it a header; \['cube', 'small'\] was taken",
        ),
        (
            "id,a\n" + "".join(f"{i},{i % 2}\n" for i in range(12)),
            "id, which has.*Fix: leave it out",
        ),
        ("file,a\n" + "".join(f"{i}.png,{i}\n" for i in range(12)), "0.png, named in the"),
        ("file,a\n" + "".join(f"../../x.png,{i}\n" for i in range(12)), "inside this folder"),
        ("file,a\n" + "".join(f"/etc/passwd,{i}\n" for i in range(12)), "inside this folder"),
    ],
)
def test_wrong_tables_are_refused(originals, cached, table, message):
    folder = _write_images(originals, "pictures", _images())
    path = originals / "factors.csv"
    path.write_text(table)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        from_files(folder, str(path))
    assert cached() == [] and path.read_text() == table


@pytest.mark.parametrize(
    "numbers, message",
    [
        (np.full((12, 2), np.nan), "a row with a value in every cell"),
        (np.full((12, 2), np.inf), "finite numbers"),
        (np.zeros(12), r"numbers \[num_images, num_factors\]"),
        (np.array([["a"]] * 12), r"numbers \[num_images, num_factors\]"),
        (np.array([[{}]] * 12), "pickle"),
    ],
)
def test_wrong_arrays_of_factors_are_refused(originals, numbers, message):
    np.savez(originals / "f.npz", factors=numbers)
    with pytest.raises(ValueError, match=message):
        from_files(_write_images(originals, "npz", _images()), str(originals / "f.npz"))


@pytest.mark.parametrize(
    "images, message",
    [
        (np.zeros((12, 8, 8, 3), np.complex64), "complex64|plain numbers"),
        (np.zeros((12, 3, 8, 8), np.float32), r"channels first.*np.moveaxis\(images, 1, -1\)"),
        (
            np.full((12, 8, 8), 200.0),
            r"values from 200 to 200 in images 0 to 11 of .*images.np.*255 for bytes",
        ),
        (np.full((12, 8, 8), -0.5), r"\(images \+ 1\) / 2"),
        (
            np.full((12, 8, 8), 1000),
            "integers from 0 to 255.*values from 1000 to 1000 in images 0 to 11",
        ),
        (np.arange(-6, 6)[:, None, None] * np.ones([8, 8], int), "values from -6 to 5"),
        (np.full((12, 8, 8), np.nan), "NaN or infinity in 12 of images 0 to 11"),
        (np.zeros((12, 64), np.uint8), r"shape \(12, 64\)"),
        (np.zeros((11, 8, 8, 3), np.uint8), "each of the 11 images.*12 rows"),
        (np.array([{}] * 12), "pickle|Python objects"),
    ],
)
@pytest.mark.parametrize("kind", ["npz", "npy"])
def test_wrong_images_are_refused(originals, cached, images, message, kind):
    path = _write_images(originals, kind, images)
    with pytest.raises(ValueError, match=message):
        from_files(path, _write_table(originals, "csv"))
    assert cached() == []


@pytest.mark.parametrize(
    "damage, message",
    [
        ("size", r"\(9, 7\) pixels, as 00.png.*Received: \(5, 5\)"),
        ("half", "a complete picture"),
        ("html", "a complete picture"),
        ("bomb", "sensible size"),
    ],
)
def test_wrong_pictures_are_refused(originals, cached, monkeypatch, damage, message):
    folder = _write_images(originals, "pictures", _images())
    picture = originals / "images.pictures" / "05.png"
    if damage == "size":
        Image.new("RGB", (5, 5)).save(picture)
    elif damage == "bomb":
        Image.new("RGB", (300, 300)).save(picture)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    else:
        data = picture.read_bytes()
        picture.write_bytes(data[: len(data) // 2] if damage == "half" else b"<html>")
    with pytest.raises(ValueError, match=message) as caught:
        from_files(folder, _write_table(originals, "csv"))
    assert "05.png" in str(caught.value) and cached() == []


def test_an_empty_folder_and_unknown_files_are_refused(originals):
    table = _write_table(originals, "csv")
    (originals / "none").mkdir()
    (originals / "images.txt").write_text("x")
    with pytest.raises(ValueError, match="pictures"):
        from_files(str(originals / "none"), table)
    with pytest.raises(ValueError, match="ends in .npz"):
        from_files(str(originals / "images.txt"), table)
    for paths in ((str(originals / "no.npz"), table), (str(originals / "none"), "no.csv")):
        with pytest.raises(FileNotFoundError, match="no such file"):
            from_files(*paths)
    with pytest.raises(FileNotFoundError, match="Expected a folder of pictures, or a file"):
        from_files(str(originals / "nowhere"))
    with pytest.raises(FileNotFoundError, match="Expected a factor table.*Received: a folder"):
        from_files(table, str(originals))


def _write_csv(folder, header, rows):
    path = folder / "table.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    return str(path)


def test_combinations_without_images_and_rows_without_values_are_no_grid(originals, caplog):
    rows = [[f"{i:02}.png", i % 3, "red" if i % 2 else "blue"] for i in range(12)]
    rows[4][1] = rows[7][2] = ""
    table = _write_csv(originals, ["image_id", "size", "colour"], rows)
    with caplog.at_level("INFO", logger="absl"):
        data = from_files(_write_images(originals, "pictures", _images()), table)
    assert isinstance(data, RowsFromFiles) and data.factor_names == ("size", "colour")
    assert data.factors_num_values == [3, 2] and data.num_images == 10 and data.num_missing == 0
    kept = [0, 1, 2, 3, 5, 6, 8, 9, 10, 11]
    np.testing.assert_array_equal(data.images_at(np.arange(10)), _images()[kept])
    np.testing.assert_array_equal(data.labels, [[i % 3, i % 2] for i in kept])
    assert "2 of 12 rows lack a value, the first one is row 4" in caplog.text
    factors, drawn = data.sample(50, np.random.RandomState(0))
    by_image = {image.tobytes(): [i % 3, i % 2] for i, image in enumerate(_images()) if i in kept}
    for row, image in zip(factors, np.rint(drawn * 255).astype(np.uint8), strict=True):
        assert by_image[image.tobytes()] == list(row)


def test_continuous_columns_are_put_into_bins(originals):
    angle = np.random.RandomState(0).uniform(-3, 3, size=12)
    days = np.arange(12) * 100
    rows = [[i % 2, angle[i], days[i]] for i in range(12)]
    images = _write_images(originals, "npy", _images())
    table = _write_csv(originals, ["lit", "angle", "days"], rows)
    with pytest.raises(ValueError, match="days, which has another value in every row.*continuous"):
        from_files(images, table)
    data = from_files(images, table, continuous_factors=["days"], num_bins=4)
    assert data.factors_num_values == [2, 4, 4]
    np.testing.assert_array_equal(data.labels[:, 2], np.repeat([0, 1, 2, 3], 3))
    np.testing.assert_allclose(data.values[:, 1], angle)
    assert set(data.labels[:, 1]) <= set(range(4)) and data.labels[angle.argmax(), 1] == 3
    with pytest.raises(ValueError, match=r"continuous_factors among \['lit', 'angle', 'days'\]"):
        from_files(images, table, continuous_factors=["day"])


@pytest.mark.parametrize("ending", ["txt", "csv"])
def test_lists_of_attributes_are_factors(originals, ending):
    attributes = np.where(np.random.RandomState(0).uniform(size=[12, 5]) < 0.5, -1, 1)
    names = [f"Attribute_{i}" for i in range(5)]
    rows = [[name, *row] for name, row in zip(_picture_names(), attributes, strict=True)]
    path = originals / f"list_attr.{ending}"
    if ending == "csv":
        lines = [",".join(map(str, row)) for row in [["image_id", *names], *rows]]
    else:
        lines = ["12", " ".join(names), *("  ".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    data = from_files(_write_images(originals, "pictures", _images()), str(path))
    assert data.factor_names == tuple(names) and data.factors_num_values == [2] * 5
    np.testing.assert_array_equal(data.labels, (attributes + 1) // 2)
    assert data.num_missing == 32 - len(np.unique(attributes, axis=0))


def test_metrics_of_pairs_score_what_is_no_grid_and_others_say_why(originals, caplog):
    import tfdis

    rows = [[i % 3, i % 2, i // 4] for i in range(12)]
    table = _write_csv(originals, ["a", "b", "c"], rows)
    data = from_files(_write_images(originals, "npy", _images()), table)
    assert data.num_missing == 18 - 12

    def encode(images):
        return images[:, :3, 0, 0]

    scores = tfdis.evaluate(encode, data, ["factor_vae", "beta_vae", "omes", "mig", "sap"])
    assert {name.partition("/")[0] for name in scores} == {"mig", "sap"}
    for metric in ("factor_vae", "beta_vae", "omes"):
        assert f"{metric} is left out: Expected images of every combination" in caplog.text
