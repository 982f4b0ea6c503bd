"""Files and folders that appear whole or not at all."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator


def _remove(path: str) -> None:
    """Removes a file or a folder, if there is one."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def check_vacant(path: str, overwrite: bool = False) -> None:
    """Refuses a path that holds something.

    Args:
        path: where a file or folder is about to be written.
        overwrite: whether what is there may be replaced.

    Raises:
        FileExistsError: if the path exists and `overwrite` is False.
    """
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(
            f"Expected a path that does not exist yet. Received: {path}, which exists. Nothing was "
            "changed; choose another path or allow overwriting (overwrite=True, --overwrite)."
        )


@contextlib.contextmanager
def written_whole(path: str, overwrite: bool = False) -> Iterator[str]:
    """Gives the body a sibling path to write to, and renames it to `path` if the body succeeds.

    If the body fails, whatever it wrote is removed and what was at `path` is still there.

    Args:
        path: where the finished file or folder shall be.
        overwrite: whether an existing `path` is replaced (after the body succeeded, never before).

    Yields:
        The path of the file or folder that the body has to create. It ends like `path`.

    Raises:
        FileExistsError: if `path` exists and `overwrite` is False.
        FileNotFoundError: if the body did not create anything.

    Example:
        >>> import tempfile
        >>> target = os.path.join(tempfile.mkdtemp(), "numbers.txt")
        >>> with written_whole(target) as path, open(path, "w") as file:
        ...     _ = file.write("1 2 3")
        >>> open(target).read()
        '1 2 3'
    """
    path = os.path.abspath(path)
    check_vacant(path, overwrite)
    parent, name = os.path.split(path)
    os.makedirs(parent, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    partial = os.path.join(parent, f".partial-{mark}-{name}")
    replaced = os.path.join(parent, f".replaced-{mark}-{name}")
    try:
        yield partial
        if not os.path.lexists(partial):
            raise FileNotFoundError(f"Expected {partial} to have been written. Received nothing.")
        check_vacant(path, overwrite)
        if os.path.lexists(path):
            os.rename(path, replaced)
        try:
            os.rename(partial, path)
        except BaseException:
            if os.path.lexists(replaced):
                os.rename(replaced, path)
            raise
    finally:
        _remove(partial)
    _remove(replaced)
