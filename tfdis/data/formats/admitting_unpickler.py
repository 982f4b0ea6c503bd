"""A pickle is a program; this unpickler runs one that may only call functions of ours."""

import pickle
from collections.abc import Callable, Mapping
from typing import BinaryIO, NoReturn


class Admitted:
    """A function that a pickle may call; it has no attributes that a pickle could set.

    Args:
        function: the function.
    """

    __slots__ = ("_function",)

    def __init__(self, function: Callable) -> None:
        self._function = function

    def __call__(self, *arguments) -> object:
        return self._function(*arguments)

    def __setstate__(self, state) -> NoReturn:
        raise pickle.UnpicklingError("a state for a function")


class AdmittingUnpickler(pickle.Unpickler):  # noqa: S301 (find_class admits given names alone)
    """Reads a pickle without importing anything that it names.

    Args:
        file: the opened file.
        names: what stands for each pair (module, name) that a pickle may use.
        contents: what such a pickle holds, for the message.
        encoding: encoding of the texts of Python 2.

    Raises:
        pickle.UnpicklingError: the pickle uses another name.
    """

    def __init__(
        self,
        file: BinaryIO,
        names: Mapping[tuple[str, str], object],
        contents: str,
        encoding: str = "ASCII",
    ) -> None:
        super().__init__(file, encoding=encoding)
        self._names, self._contents = names, contents

    def find_class(self, module: str, name: str) -> object:
        """What stands for a name in the pickle, if that name is admitted."""
        if (module, name) not in self._names:
            raise pickle.UnpicklingError(
                f"the name {module}.{name}, where only {self._contents} are admitted; nothing of it was "
                "executed"
            )
        return self._names[module, name]
