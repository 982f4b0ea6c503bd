"""PyTorch's two formats, written here byte by byte; what is refused; the conversion of VGG19-BN."""

import hashlib
import io
import pickle
import struct
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from tfdis import features
from tfdis.features.convert_vgg import convert_vgg19_bn
from tfdis.features.pytorch_files import check_published_hash, read_state_dict
from tfdis.features.weights import load_weights

TYPES = {"f4": "FloatStorage", "f8": "DoubleStorage", "f2": "HalfStorage", "i8": "LongStorage"}


class Named:
    """Pickled as a bare name: `module name`."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Storage:
    def __init__(self, key, array):
        self.key, self.array = key, array


class Tensor:
    """Pickled as PyTorch does: a call of torch._utils._rebuild_tensor_v2."""

    def __init__(self, storage, offset=0, shape=None, strides=None, rebuild="_rebuild_tensor_v2"):
        shape = storage.array.shape if shape is None else shape
        steps = [s // storage.array.itemsize for s in storage.array.strides]
        self.parts = (storage, offset, tuple(shape), tuple(strides or steps))
        self.rebuild = rebuild


class Pickler(pickle._Pickler):
    """Python's own, taught to write names of modules that are not installed."""

    dispatch = dict(pickle._Pickler.dispatch)

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        kind = Named("torch", TYPES[value.array.dtype.str[1:]])
        return ("storage", kind, value.key, "cpu", value.array.size, *self.view)

    def save_named(self, value):
        self.write(f"c{value.module}\n{value.name}\n".encode())

    def save_tensor(self, value):
        arguments = (*value.parts, False, OrderedDict())
        if value.rebuild == "_rebuild_tensor":
            arguments = value.parts
        self.save(Named("torch._utils", value.rebuild))
        self.save(arguments)
        self.write(pickle.REDUCE)

    dispatch[Named] = save_named
    dispatch[Tensor] = save_tensor


def _pickled(value, view=()):
    stream = io.BytesIO()
    pickler = Pickler(stream, 2)
    pickler.view = view
    pickler.dump(value)
    return stream.getvalue()


def write_stream(path, content, storages):
    """The format until PyTorch 1.5."""
    system = {"protocol_version": 1001, "little_endian": True}
    system["type_sizes"] = {"short": 2, "int": 4, "long": 4}
    head = [pickle.dumps(v, 2) for v in (0x1950A86A20F9469CFC6C, 1001, system)]
    keys = [storage.key for storage in storages]
    with open(path, "wb") as file:
        for part in (*head, _pickled(content, view=(None,)), pickle.dumps(keys, 2)):
            file.write(part)
        for storage in storages:
            file.write(struct.pack("<q", storage.array.size) + storage.array.tobytes())


def write_zip(path, content, storages, byteorder=b"little"):
    """The format since PyTorch 1.6."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", _pickled(content))
        archive.writestr("archive/byteorder", byteorder)
        for storage in storages:
            archive.writestr(f"archive/data/{storage.key}", storage.array.tobytes())
        archive.writestr("archive/version", b"3\n")


WRITERS = pytest.mark.parametrize("write", [write_stream, write_zip])


def _state_dict(arrays):
    storages = [Storage(str(94000 + i), array) for i, array in enumerate(arrays.values())]
    tensors = OrderedDict(zip(arrays, map(Tensor, storages), strict=True))
    # Modules add this attribute to what they return.
    tensors._metadata = OrderedDict({"": {"version": 1}})
    return tensors, storages


@WRITERS
def test_tensors_of_several_types(tmp_path, write):
    rng = np.random.default_rng(0)
    arrays = {
        "features.0.weight": rng.normal(size=(4, 3, 2)).astype("f4"),
        "double": rng.normal(size=5),
        "half": np.float16([1.5, -2]),
        "steps": np.array(7, "i8"),
        "empty": np.zeros((0, 3), "f4"),
    }
    write(tmp_path / "w.pth", *_state_dict(arrays))
    received = read_state_dict(tmp_path / "w.pth")
    assert list(received) == list(arrays)
    for name, array in arrays.items():
        assert received[name].dtype == array.dtype
        np.testing.assert_array_equal(received[name], array)


@WRITERS
def test_views_of_one_storage(tmp_path, write):
    storage = Storage("0", np.arange(12, dtype="f4"))
    content = {
        "rows": Tensor(storage, 2, (2, 3), (3, 1)),
        "transposed": Tensor(storage, 0, (3, 4), (1, 3), "_rebuild_tensor"),
        "repeated": Tensor(storage, 11, (2, 2), (0, 0)),
    }
    write(tmp_path / "w.pth", content, [storage])
    received = read_state_dict(tmp_path / "w.pth")
    np.testing.assert_array_equal(received["rows"], [[2, 3, 4], [5, 6, 7]])
    np.testing.assert_array_equal(received["transposed"], np.arange(12).reshape(4, 3).T)
    np.testing.assert_array_equal(received["repeated"], np.full((2, 2), 11))


@WRITERS
@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [(0, (5,), (1,)), (2, (3,), (1,)), (0, (2, 2), (3, 1)), (-1, (2,), (1,)), (0, (2,), (1, 1))],
)
def test_tensors_beyond_their_storage_are_refused(tmp_path, write, offset, shape, strides):
    storage = Storage("0", np.zeros(4, "f4"))
    write(tmp_path / "w.pth", {"w": Tensor(storage, offset, shape, strides)}, [storage])
    with pytest.raises(ValueError, match="Expected PyTorch weights"):
        read_state_dict(tmp_path / "w.pth")


class Runs:
    """A pickle that would write a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@WRITERS
@pytest.mark.parametrize("place", ["value", "beside", "alone"])
def test_nothing_is_executed(tmp_path, write, place):
    witness, storage = Runs(tmp_path / "written"), Storage("0", np.zeros(1, "f4"))
    content = {"value": {"w": witness}, "beside": {"w": Tensor(storage), "x": witness}}
    write(tmp_path / "w.pth", content.get(place, witness), [storage])
    with pytest.raises(ValueError, match=r"the name \w+\.open, where only tensors.*nothing"):
        read_state_dict(tmp_path / "w.pth")
    assert not (tmp_path / "written").exists()


@WRITERS
@pytest.mark.parametrize(
    "named",
    [
        ("torch", "load"),
        ("torch.nn", "Linear"),
        ("os", "system"),
        ("builtins", "eval"),
        ("torch", "FloatTensor"),
    ],
)
def test_other_names_are_refused(tmp_path, write, named):
    write(tmp_path / "w.pth", {"w": Named(*named)}, [])
    with pytest.raises(ValueError, match=f"the name {named[0]}.{named[1]}"):
        read_state_dict(tmp_path / "w.pth")


def test_admitted_names_cannot_be_changed(tmp_path):
    """BUILD with a state, on the function that rebuilds tensors."""
    code = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}q\x00X\x01\x00\x00\x00aK\x01sb."
    with zipfile.ZipFile(tmp_path / "w.pth", "w") as archive:
        archive.writestr("archive/data.pkl", code)
    with pytest.raises(ValueError, match="a state for a function"):
        read_state_dict(tmp_path / "w.pth")


@WRITERS
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"epoch": 3}, "a int under 'epoch'"),
        ([1, 2], "a list instead of a dictionary"),
        ({"state_dict": {}}, "a dict under 'state_dict'"),
    ],
)
def test_anything_but_tensors_is_refused(tmp_path, write, content, message):
    write(tmp_path / "w.pth", content, [])
    with pytest.raises(ValueError, match=message):
        read_state_dict(tmp_path / "w.pth")


@WRITERS
def test_files_that_are_cut_off(tmp_path, write):
    write(tmp_path / "w.pth", *_state_dict({"w": np.ones((3, 4))}))
    whole = (tmp_path / "w.pth").read_bytes()
    for length in range(0, len(whole) - 1, 7):
        (tmp_path / "cut.pth").write_bytes(whole[:length])
        with pytest.raises(ValueError, match="Expected PyTorch weights.*cut.pth"):
            read_state_dict(tmp_path / "cut.pth")


def test_other_files(tmp_path):
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(ValueError, match="Expected PyTorch weights"):
        read_state_dict(tmp_path / "text.pth")
    (tmp_path / "pickle.pth").write_bytes(pickle.dumps({"w": 1}))
    with pytest.raises(ValueError, match="another beginning"):
        read_state_dict(tmp_path / "pickle.pth")
    with zipfile.ZipFile(tmp_path / "zip.pth", "w") as archive:
        archive.writestr("a.txt", "b")
    with pytest.raises(ValueError, match="zip file of another kind"):
        read_state_dict(tmp_path / "zip.pth")
    with pytest.raises(FileNotFoundError, match="not there"):
        read_state_dict(tmp_path / "none.pth")


def test_big_endian_files(tmp_path):
    storage = Storage("0", np.arange(3, dtype=">f4"))
    write_zip(tmp_path / "w.pth", {"w": Tensor(storage)}, [storage], b"big")
    received = read_state_dict(tmp_path / "w.pth")["w"]
    np.testing.assert_array_equal(received, [0, 1, 2])
    assert received.dtype.isnative


def test_the_hash_in_the_name(tmp_path):
    digits = hashlib.sha256(b"weights").hexdigest()
    good = tmp_path / f"vgg19_bn-{digits[:8]}.pth"
    good.write_bytes(b"weights")
    check_published_hash(good)
    bad = good.rename(tmp_path / "vgg19_bn-c79401a0.pth")
    with pytest.raises(ValueError, match=f"c79401a0. Received: {digits[:16]}"):
        check_published_hash(bad)
    with pytest.raises(ValueError, match="digits of its SHA-256"):
        check_published_hash(bad.rename(tmp_path / "vgg19_bn.pth"))


def vgg19_bn_arrays():
    """torchvision's names and shapes, written out from its layer list."""
    plan = [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M"]
    rng = np.random.default_rng(0)
    arrays, index, channels = {}, 0, 3
    for filters in [*plan, 512, 512, 512, 512, "M"]:
        if filters == "M":
            index += 1
            continue
        scale = np.sqrt(2 / (9 * channels))
        kernel = rng.standard_normal((filters, channels, 3, 3), "f4") * np.float32(scale)
        arrays[f"features.{index}.weight"] = kernel
        arrays[f"features.{index}.bias"] = rng.standard_normal(filters, "f4")
        for name in ("weight", "bias", "running_mean", "running_var"):
            values = rng.uniform(0.5, 1.5, filters).astype("f4")
            arrays[f"features.{index + 1}.{name}"] = values
        arrays[f"features.{index + 1}.num_batches_tracked"] = np.array(1, "i8")
        index, channels = index + 3, filters
    arrays["classifier.0.weight"] = np.zeros((2, 3), "f4")
    return arrays


@pytest.fixture(scope="module")
def vgg_arrays():
    return vgg19_bn_arrays()


def _first_block(images, arrays):
    """Two convolutions with batch normalisation and relu, then the maximum of 2x2, in float64."""
    x = images.astype("float64")
    for index in (0, 3):
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        kernel = arrays[f"features.{index}.weight"]
        height, width = x.shape[1:3]
        x = arrays[f"features.{index}.bias"] + sum(
            padded[:, i : i + height, j : j + width] @ kernel[:, :, i, j].T.astype("float64")
            for i, j in np.ndindex(3, 3)
        )
        names = ("weight", "bias", "running_mean", "running_var")
        gamma, beta, mean, variance = (arrays[f"features.{index + 1}.{n}"] for n in names)
        x = np.maximum((x - mean) / np.sqrt(variance + 1e-5) * gamma + beta, 0)
    return x.reshape(len(x), height // 2, 2, width // 2, 2, -1).max(axis=(2, 4))


@pytest.mark.long
def test_converted_weights_compute_what_torchvision_does(tmp_path, vgg_arrays):
    np.savez(tmp_path / "w.npz", **convert_vgg19_bn(vgg_arrays))
    images = np.random.default_rng(1).uniform(size=(2, 32, 32, 3)).astype("float32")
    backbone = features.vgg19_bn((32, 32, 3), str(tmp_path / "w.npz"), "block1_pool")
    inputs = (images - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    expected = _first_block(inputs, vgg_arrays)
    np.testing.assert_allclose(backbone(images), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.long
def test_every_converted_array_has_a_place(tmp_path, vgg_arrays):
    converted = convert_vgg19_bn(vgg_arrays)
    assert len(converted) == 16 * 6
    np.savez(tmp_path / "w.npz", **converted)
    network = features.vgg19_bn((32, 32, 3), None).get_layer("vgg19_bn_layers")
    load_weights(network, tmp_path / "w.npz")
    last = network.get_layer("block5_bn4")
    for name, theirs in zip(
        ("gamma", "beta", "moving_mean", "moving_variance"),
        ("weight", "bias", "running_mean", "running_var"),
        strict=True,
    ):
        np.testing.assert_array_equal(getattr(last, name), vgg_arrays[f"features.50.{theirs}"])
    kernel = network.get_layer("block5_conv4").kernel.numpy()
    assert kernel[2, 0, 5, 7] == vgg_arrays["features.49.weight"][7, 5, 2, 0]


def test_another_networks_tensors_are_refused(vgg_arrays):
    fewer = {name: a for name, a in vgg_arrays.items() if name != "features.24.running_mean"}
    with pytest.raises(ValueError, match=r"'features.24.*no such tensor"):
        convert_vgg19_bn(fewer)
    wider = {**vgg_arrays, "features.3.weight": np.zeros((64, 32, 3, 3), "f4")}
    with pytest.raises(ValueError, match=r"'features.3.weight'.*Received: \(64, 32, 3, 3\)"):
        convert_vgg19_bn(wider)
    with pytest.raises(ValueError, match="the further tensor 'features.53.weight'"):
        convert_vgg19_bn({**vgg_arrays, "features.53.weight": np.zeros(3, "f4")})
