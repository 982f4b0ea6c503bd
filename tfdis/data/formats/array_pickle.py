"""Pickles of NumPy arrays in lists and dictionaries, read without executing anything that they name."""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from tfdis.data.formats.admitting_unpickler import Admitted, AdmittingUnpickler
from tfdis.data.formats.errors import archive_error

# Modules under which NumPy 1 and 2 pickle the functions that rebuild arrays.
_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_KINDS = "biuf"


class _Name:
    """Stands for a class that a pickle may name but not call."""

    __slots__ = ()


class _Type:
    """The type of an array of numbers, in NumPy's notation without byte order, e.g. f4."""

    __slots__ = ("code", "order")

    def __init__(self, code, *_) -> None:
        if type(code) is not str or code[:1] not in _KINDS or not code[1:].isdigit():
            raise pickle.UnpicklingError(f"an array of {code!r}, where numbers are admitted")
        self.code, self.order = code, "<"

    def __setstate__(self, state) -> None:
        order = state[1]
        if order not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError(f"the byte order {order!r}")
        self.order = order

    def dtype(self) -> np.dtype:
        return np.dtype(self.order + self.code)


class _Array:
    """What a pickle says of an array, before it is made."""

    __slots__ = ("data", "is_fortran", "shape", "type")

    def __init__(self) -> None:
        self.data = None

    def __setstate__(self, state) -> None:
        _, self.shape, self.type, self.is_fortran, self.data = state

    def build(self) -> np.ndarray:
        is_shape = type(self.shape) is tuple and all(type(n) is int and n >= 0 for n in self.shape)
        is_data = type(self.data) in (bytes, bytearray)
        if not is_shape or not isinstance(self.type, _Type) or not is_data:
            raise pickle.UnpicklingError("an array without shape, type or numbers")
        flat = np.frombuffer(self.data, self.type.dtype())
        if flat.size != np.prod(self.shape, dtype=np.int64):
            raise pickle.UnpicklingError(f"{flat.size} numbers for an array of shape {self.shape}")
        return flat.reshape(self.shape, order="F" if self.is_fortran else "C")


def _from_buffer(data, type_, shape, order):
    """In place of numpy._core.numeric._frombuffer, of protocol 5."""
    array = _Array()
    array.__setstate__((1, shape, type_, order == "F", bytes(data)))
    return array


def _encode(text, encoding):
    """In place of _codecs.encode, by which old protocols write bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in {encoding!r}")
    return text.encode("latin1")


def _admitted():
    names = {
        ("numpy", "ndarray"): _Name(),
        ("numpy", "dtype"): Admitted(_Type),
        ("_codecs", "encode"): Admitted(_encode),
    }
    for module in _MULTIARRAY:
        names[module, "_reconstruct"] = Admitted(lambda *_: _Array())
    for module in _NUMERIC:
        names[module, "_frombuffer"] = Admitted(_from_buffer)
    return names


def read_array_pickle(path: str | os.PathLike) -> Any:
    """Reads arrays of numbers in lists, tuples and dictionaries, as `pickle.dump` writes them.

    Classes and functions that the pickle names are never imported: what rebuilds NumPy's arrays is
    replaced by code of this file, everything else is refused.

    Args:
        path: the file.

    Raises:
        ValueError: the file is no pickle, or names anything but arrays of numbers.
    """
    try:
        with open(path, "rb") as file:
            names, contents = _admitted(), "arrays of numbers"
            return _built(AdmittingUnpickler(file, names, contents, encoding="latin1").load())
    except (
        pickle.UnpicklingError,
        AttributeError,
        EOFError,
        ImportError,
        IndexError,
        KeyError,
        RecursionError,
        TypeError,
        UnicodeError,
        ValueError,
    ) as error:
        raise archive_error(Path(path), "a pickle of arrays of numbers", str(error)) from error


def _built(value):
    """The value with its arrays made."""
    if isinstance(value, _Array):
        return value.build()
    if type(value) in (list, tuple):
        return type(value)(_built(item) for item in value)
    if type(value) is dict:
        return {_built(key): _built(item) for key, item in value.items()}
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    raise pickle.UnpicklingError(f"a {type(value).__name__}, where arrays of numbers are admitted")
