"""Unpickler of PyTorch's files that admits tensors in dictionaries, and executes nothing else."""

import pickle
from collections import OrderedDict
from typing import BinaryIO, NamedTuple

from tfdis.data.formats.admitting_unpickler import Admitted, AdmittingUnpickler

# NumPy's type by name of a storage class.
STORAGE_TYPES = {
    "BoolStorage": "?",
    "ByteStorage": "u1",
    "CharStorage": "i1",
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "IntStorage": "i4",
    "LongStorage": "i8",
    "ShortStorage": "i2",
}


class Storage(NamedTuple):
    """A flat array of a file: its key there, NumPy's type, and the number of elements."""

    key: str
    dtype: str
    num_elements: int


class TensorReference(NamedTuple):
    """Where a tensor's elements lie: storage, first element, shape, and steps in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _StorageType:
    """Stands for torch.FloatStorage and its like; it can neither be called nor changed."""

    __slots__ = ("dtype",)

    def __init__(self, dtype) -> None:
        self.dtype = dtype


def _rebuild_tensor(storage, offset, shape, strides, *_) -> TensorReference:
    """Called in place of torch._utils._rebuild_tensor and _rebuild_tensor_v2."""
    whole = [offset, *shape, *strides]
    if not isinstance(storage, Storage) or not all(type(n) is int and n >= 0 for n in whole):
        raise pickle.UnpicklingError("a tensor without storage, or with a negative size")
    if len(shape) != len(strides):
        raise pickle.UnpicklingError("a tensor with another number of strides than dimensions")
    return TensorReference(storage, offset, tuple(shape), tuple(strides))


def _rebuild_parameter(tensor, *_) -> TensorReference:
    """Called in place of torch._utils._rebuild_parameter."""
    if not isinstance(tensor, TensorReference):
        raise pickle.UnpicklingError("a parameter that is no tensor")
    return tensor


def _admitted() -> dict[tuple[str, str], object]:
    names = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_parameter"): Admitted(_rebuild_parameter),
        ("torch._utils", "_rebuild_tensor"): Admitted(_rebuild_tensor),
        ("torch._utils", "_rebuild_tensor_v2"): Admitted(_rebuild_tensor),
    }
    for name, dtype in STORAGE_TYPES.items():
        names["torch", name] = _StorageType(dtype)
    return names


class TensorUnpickler(AdmittingUnpickler):
    """Reads one pickle of a PyTorch file; tensors come out as `TensorReference`.

    Args:
        file: the opened file.

    Raises:
        pickle.UnpicklingError: the pickle names anything besides OrderedDict, the rebuilding of
            tensors and the storage classes of numbers.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, _admitted(), "tensors in dictionaries")

    def persistent_load(self, identifier: tuple) -> Storage:
        """Returns the `Storage` that a persistent identifier of PyTorch names."""
        kind, storage_type, key, _, num_elements, *view = identifier
        if kind != "storage" or not isinstance(storage_type, _StorageType) or any(view):
            raise pickle.UnpicklingError(f"a persistent identifier of another kind: {kind!r}")
        if type(key) is not str or type(num_elements) is not int or num_elements < 0:
            raise pickle.UnpicklingError("a storage without key and size")
        return Storage(key, storage_type.dtype, num_elements)
