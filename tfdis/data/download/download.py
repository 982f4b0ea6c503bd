"""Downloads the published files of data sets to where the loaders look for them."""

import difflib
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from absl import logging

from tfdis import registry
from tfdis.data.download.http import DownloadError, Patience, fetch
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.download.unpack import unpack
from tfdis.files.lock import locked


def published_files() -> Mapping[str, tuple[RemoteFile, ...]]:
    """The files of every data set that can be downloaded, by the set's name."""
    return registry.DATA_SETS.facts("files")


def check_names(names: Sequence[str]) -> Sequence[str]:
    """Raises ValueError unless there are names, and all name data sets with published files."""
    known = published_files()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        close = difflib.get_close_matches(str(unknown[:1]), known, n=1, cutoff=0.5)
        hint = f" Fix: did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"Expected names of data sets that can be downloaded, of {', '.join(known)}. "
            f"Received: {', '.join(map(str, unknown)) or 'none'}.{hint}"
        )
    return names


class WrongHashError(DownloadError):
    """A whole file arrived, but it is not the published one."""


def download(
    names: Sequence[str],
    folder: str | os.PathLike,
    mirrors: Sequence[str] = (),
    check_hash: bool = True,
    patience: Patience | None = None,
) -> list[Path]:
    """Downloads, checks and unpacks the files of data sets that are not there yet.

    A file is called `<name>.part` until it is whole and its hash is right; started again, the
    download goes on from there. A file with a wrong hash is renamed to
    `<name>.<its hash>.wrong-hash`, never removed, and the next address is tried.

    Args:
        names: names of data sets, out of `published_files()`.
        folder: the data folder, `$DISENTANGLEMENT_LIB_DATA`.
        mirrors: addresses below which the same files lie in the same folders; tried first.
        check_hash: whether a file whose hash is not the published one is refused.
        patience: how long to wait, and how often to try again.

    Returns:
        Paths of the files and folders that are there now.

    Raises:
        ValueError: a name is unknown, or an archive is damaged.
        DownloadError: no address has the file; `WrongHashError` if one has another file.
        OSError: the folder cannot be written, or the disk is full.
    """
    files = dict.fromkeys(file for name in check_names(names) for file in published_files()[name])
    folder = Path(folder)
    return [_provide(file, folder, mirrors, check_hash, patience or Patience()) for file in files]


def _provide(
    file: RemoteFile, folder: Path, mirrors: Sequence[str], check_hash: bool, patience: Patience
) -> Path:
    wanted, path = folder / file.wanted, folder / file.path
    try:
        if wanted.exists():
            logging.info("%s is there already.", wanted)
            return wanted
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.name}.lock"), str(path), wait=True):
            if wanted.exists():
                return wanted
            was_there = path.exists()
            if not was_there:
                _download_file(file, path, mirrors, check_hash, patience)
            elif check_hash:
                _check_hash(file, path)
            if file.unpacked:
                unpack(path, wanted, file.unpacked_bytes, file.members)
                if not was_there:
                    path.unlink()  # Our own copy, of which everything is unpacked.
    except DownloadError:
        raise
    except OSError as error:
        raise type(error)(
            error.errno,
            f"Expected to write {wanted}. Received: {error}. What has come so far is kept. "
            "Fix: free some space or choose a writable --data_dir, and start again",
        ) from error
    return wanted


def _download_file(
    file: RemoteFile, path: Path, mirrors: Sequence[str], check_hash: bool, patience: Patience
) -> None:
    urls = [f"{mirror.rstrip('/')}/{file.path}" for mirror in mirrors] + list(file.urls)
    errors = []
    for url in urls:
        try:
            _download_from(url, file, path, check_hash, patience)
            return
        except DownloadError as error:
            logging.warning("%s", error)
            errors.append(error)
    is_wrong = any(isinstance(error, WrongHashError) for error in errors)
    raise (WrongHashError if is_wrong else DownloadError)(
        f"Expected to download {path}. Received: {'; '.join(map(str, errors))}. "
        f"Fix: start again later, name a --mirror, or put the file there yourself"
    )


def _download_from(
    url: str, file: RemoteFile, path: Path, check_hash: bool, patience: Patience
) -> None:
    partial = path.with_name(f"{path.name}.part")
    # Without a hash, nothing would tell whether the parts belong to one file.
    is_resumed = bool(file.hash) and partial.exists()
    fetch(url, partial, file.num_bytes, is_resumed, patience)
    received = _hash(file, partial)
    if is_resumed and received != file.hash:
        logging.warning("%s: wrong hash after going on from a part; starting anew.", url)
        fetch(url, partial, file.num_bytes, False, patience)
        received = _hash(file, partial)
    if file.hash and received != file.hash:
        message = f"{url}: expected the hash {file.hash}. Received: {received}"
        if check_hash:
            aside = path.with_name(f"{path.name}.{received.partition(':')[2]}.wrong-hash")
            partial.rename(aside)
            raise WrongHashError(f"{message}; kept as {aside}. If you trust it: --nocheck_hash")
        logging.warning("%s; used all the same.", message)
    partial.rename(path)


def _check_hash(file: RemoteFile, path: Path) -> None:
    received = _hash(file, path)
    if file.hash and received != file.hash:
        raise WrongHashError(
            f"{path}: expected the hash {file.hash}. Received: {received}. The file was left as "
            "it is. Fix: move it away, or --nocheck_hash if you trust it"
        )


def _hash(file: RemoteFile, path: Path) -> str:
    kind = file.hash.partition(":")[0] or "sha256"
    with open(path, "rb") as opened:
        return f"{kind}:{hashlib.file_digest(opened, kind).hexdigest()}"
