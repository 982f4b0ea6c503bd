"""Reads PyTorch's files of weights, in the old stream format and the newer zip, without PyTorch."""

import hashlib
import os
import pickle
import re
import zipfile
from collections.abc import Mapping

import numpy as np

from tfdis.features.pytorch_unpickler import Storage, TensorReference, TensorUnpickler

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_MALFORMED = (
    *(pickle.UnpicklingError, zipfile.BadZipFile, EOFError, OSError, AttributeError),
    *(ImportError, IndexError, KeyError, NotImplementedError, OverflowError, RecursionError),
    *(TypeError, ValueError, MemoryError),
)


def read_state_dict(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads the tensors of a file that `torch.save(module.state_dict(), path)` wrote.

    The file's pickle is read by an unpickler that knows tensors and dictionaries only: nothing in the
    file is executed.

    Args:
        path: path of the `.pth` or `.pt` file.

    Returns:
        NumPy arrays by name, in the order of the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is of another kind, is damaged, or holds anything but tensors.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"Expected a file of PyTorch weights. Received: {path!r}: not there."
        )
    try:
        content, storages = _read_zip(path) if zipfile.is_zipfile(path) else _read_stream(path)
        return _tensors(content, storages)
    except _MALFORMED as error:
        raise ValueError(
            "Expected PyTorch weights: a dictionary of tensors, as torch.save(model.state_dict(), "
            f"path) writes. Received: {path}, which has {str(error) or type(error).__name__}."
        ) from error


def check_published_hash(path: str | os.PathLike) -> None:
    """Checks the SHA-256 of a file whose name ends in its first digits, as `vgg19_bn-c79401a0.pth`.

    Raises:
        ValueError: the hash is another, or the name has no digits.
    """
    name = os.path.basename(os.fspath(path))
    digits = re.search(r"-([0-9a-f]{8,64})\.\w+$", name)
    if not digits:
        raise ValueError(
            "Expected a file name that ends in digits of its SHA-256, as vgg19_bn-c79401a0.pth. "
            f"Received: {name}. Rename the file, or switch the check off (--nocheck_hash)."
        )
    with open(path, "rb") as file:
        received = hashlib.file_digest(file, "sha256").hexdigest()
    if not received.startswith(digits[1]):
        raise ValueError(
            f"Expected a SHA-256 that begins with {digits[1]}. Received: {received[:16]}... for {path}: "
            "the file is damaged or was changed. Download it again, or switch the check off "
            "(--nocheck_hash)."
        )


def _read_stream(path) -> tuple[object, dict[str, np.ndarray]]:
    """Old format: magic, protocol, system, pickle, keys, then (number of elements, bytes) by key."""
    with open(path, "rb") as file:
        magic = TensorUnpickler(file).load()
        if magic != _MAGIC:
            raise ValueError("another beginning")
        protocol = TensorUnpickler(file).load()
        if protocol != _PROTOCOL:
            raise ValueError(f"the protocol {protocol!r} instead of {_PROTOCOL}")
        system = TensorUnpickler(file).load()
        order = "<" if system["little_endian"] else ">"
        unpickler = TensorUnpickler(file)
        content = unpickler.load()
        wanted = _storages(content)
        storages = {}
        for key in TensorUnpickler(file).load():
            # A storage that no tensor refers to has an unknown type: nothing can follow it.
            storage = wanted[key]
            num_elements = int.from_bytes(file.read(8), "little" if order == "<" else "big")
            if num_elements != storage.num_elements:
                raise ValueError(f"{num_elements} elements instead of {storage.num_elements}")
            num_bytes = num_elements * np.dtype(storage.dtype).itemsize
            storages[key] = _array(file.read(num_bytes), storage, order)
    return content, storages


def _read_zip(path) -> tuple[object, dict[str, np.ndarray]]:
    """Newer format: `<name>/data.pkl`, and the bytes of each storage in `<name>/data/<key>`."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"[^/]+/data\.pkl", name)]
        if len(names) != 1:
            raise ValueError("no data.pkl: a zip file of another kind")
        folder = names[0].removesuffix("data.pkl")
        order = "<"
        if f"{folder}byteorder" in archive.namelist():
            order = {b"little": "<", b"big": ">"}[archive.read(f"{folder}byteorder")]
        with archive.open(names[0]) as file:
            content = TensorUnpickler(file).load()
        storages = {
            key: _array(archive.read(f"{folder}data/{key}"), storage, order)
            for key, storage in _storages(content).items()
        }
    return content, storages


def _storages(content) -> dict[str, Storage]:
    """The storages of all tensors, after a check that there is nothing else."""
    if not isinstance(content, Mapping):
        raise ValueError(f"a {type(content).__name__} instead of a dictionary")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, TensorReference):
            raise ValueError(f"a {type(value).__name__} under {name!r} instead of a tensor")
    return {tensor.storage.key: tensor.storage for tensor in content.values()}


def _array(data: bytes, storage: Storage, order: str) -> np.ndarray:
    dtype = np.dtype(storage.dtype).newbyteorder(order)
    if len(data) != storage.num_elements * dtype.itemsize:
        raise ValueError(f"{len(data)} bytes for {storage.num_elements} elements: it is cut off")
    return np.frombuffer(data, dtype)


def _tensors(content, storages) -> dict[str, np.ndarray]:
    return {name: _tensor(tensor, storages[tensor.storage.key]) for name, tensor in content.items()}


def _tensor(tensor: TensorReference, values: np.ndarray) -> np.ndarray:
    """Copies a tensor's elements out of its storage."""
    steps = zip(tensor.shape, tensor.strides, strict=True)
    last = tensor.offset + sum((size - 1) * step for size, step in steps)
    if 0 not in tensor.shape and last >= len(values):
        raise ValueError("a tensor that reaches beyond its storage")
    native = values.dtype.newbyteorder("=")
    if 0 in tensor.shape:
        return np.zeros(tensor.shape, native)
    strides = [step * values.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(
        values[tensor.offset :], tensor.shape, strides, writeable=False
    )
    return view.astype(native)
