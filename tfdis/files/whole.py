"""Files and folders that appear whole or not at all."""

import contextlib
import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tfdis.files.lock import HIDDEN, locked

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Messages for a full disk of libraries that do not keep the error's number.
_FULL_TEXTS = ("No space left on device", "Disk quota exceeded", "File too large", "errno = 28")


def remove(path: str | os.PathLike) -> None:
    """Removes a file, a link or a folder, if there is one."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def check_vacant(path: str, overwrite: bool = False) -> None:
    """Refuses a path that holds something.

    Args:
        path: path to which a file or folder is about to be written.
        overwrite: whether an existing file or folder may be replaced.

    Raises:
        FileExistsError: the path exists and `overwrite` is False.
    """
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(
            f"Expected a path that does not exist yet. Received: {path}, which exists. Nothing was "
            "changed; choose another path or allow overwriting (overwrite=True, --overwrite)."
        )


@contextlib.contextmanager
def written_whole(path: str | os.PathLike, overwrite: bool = False) -> Iterator[str]:
    """Gives the body another path to write to, and renames it to `path` if the body succeeds.

    If the body fails, whatever it wrote is removed and what was at `path` is still there. The next
    process that writes to `path` clears up after a killed one: it removes what that one left or, if
    that one was about to replace `path`, puts the earlier content back.

    Args:
        path: path of the finished file or folder.
        overwrite: whether an existing `path` is replaced (after the body has succeeded, never
            before).

    Yields:
        The path of the file or folder that the body has to create; its last part is that of `path`.

    Raises:
        FileExistsError: `path` exists and `overwrite` is False, or `path` is no earlier output of
            the same kind: a folder that shares no name with the new one.
        FileNotFoundError: the body did not create anything.
        InUseError: another process is writing to `path`.
        OSError: the disk is full, or the place is not writable.

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
    with _workshop(path) as workshop:
        check_vacant(path, overwrite)
        partial = os.path.join(workshop, name)
        with explaining_a_full_disk(path):
            yield partial
        if not os.path.lexists(partial):
            raise FileNotFoundError(f"Expected {partial} to have been written. Received nothing.")
        check_vacant(path, overwrite)
        _check_same_kind(path, partial)
        _put_in_place(partial, path)


def _check_same_kind(path: str, partial: str) -> None:
    """Refuses to replace a folder by one that has no name in common with it, and a file by a folder.

    Digits in names do not count, since there may be fewer pictures than before.
    """
    if not os.path.lexists(path) or not (os.path.isdir(path) or os.path.isdir(partial)):
        return
    if os.path.isdir(path) and os.path.isdir(partial):
        new = {_without_numbers(name) for name in os.listdir(partial)}
        there = [name for name in os.listdir(path) if not name.startswith(HIDDEN)]
        is_foreign = there and new.isdisjoint(map(_without_numbers, there))
        received = f"it has {', '.join(sorted(there)[:5])}"
    else:
        is_foreign = True
        received = "it is a file" if os.path.isfile(path) else "it is a folder"
    if is_foreign:
        raise FileExistsError(
            f"Expected {path} to be an earlier output of the same kind, to overwrite it. Received: "
            f"{received}. Nothing was changed; choose another path, or delete it yourself."
        )


def _without_numbers(name: str) -> str:
    return re.sub(r"\d+", "", name)


def _put_in_place(partial: str, path: str) -> None:
    """Renames; what is in the way is first moved aside if it cannot be replaced in one step."""
    if not os.path.isdir(partial) and not os.path.isdir(path):
        os.replace(partial, path)
        return
    replaced = _replaced(os.path.dirname(partial))
    try:
        if os.path.lexists(path):
            os.rename(path, replaced)
        os.rename(partial, path)
    except BaseException:
        _put_back(replaced, path)
        raise


def _replaced(workshop: str) -> str:
    return f"{workshop}-replaced"


def _put_back(replaced: str, path: str) -> None:
    """Undoes a replacement that was not completed."""
    if os.path.lexists(replaced) and not os.path.lexists(path):
        os.rename(replaced, path)


@contextlib.contextmanager
def _workshop(path: str) -> Iterator[str]:
    """An empty hidden folder beside a path, always the same, which one process at a time has."""
    parent, name = os.path.split(path)
    # A digest instead of the name itself, which could become too long with something before it.
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
    workshop = os.path.join(parent, f"{HIDDEN}{digest}")
    replaced = _replaced(workshop)
    with locked(f"{workshop}-lock", path):
        _put_back(replaced, path)
        remove(workshop)
        os.mkdir(workshop)
        try:
            yield workshop
        finally:
            remove(workshop)
            if os.path.lexists(path):
                remove(replaced)


@contextlib.contextmanager
def explaining_a_full_disk(path: str) -> Iterator[None]:
    """Says what could not be written, and what to do: the system's own error says neither.

    Args:
        path: path that the body writes to.

    Raises:
        OSError: the disk is full.
    """
    try:
        yield
    except Exception as error:  # TensorFlow raises errors of its own kinds.
        number = getattr(error, "errno", None)
        said = [text for text in _FULL_TEXTS if text in str(error)]
        if number not in _FULL and not said:
            raise
        received = getattr(error, "strerror", None) or said[0]
        raise OSError(
            number or errno.ENOSPC,
            f"Expected to write {path}. Received: {received}. Nothing half written is "
            "left; free some space and start again",
        ) from error


def write_text_whole(path: str | os.PathLike, text: str) -> None:
    """Writes or replaces a text file; readers see the old text or the new one, never a part.

    Args:
        path: path of the file.
        text: the content, written in UTF-8.
    """
    with written_whole(path, overwrite=True) as partial:
        Path(partial).write_text(text, encoding="utf-8", newline="")
