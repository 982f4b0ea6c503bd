"""A published file: where it can be downloaded, and what its hash is."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        path: where it goes, below the data folder; disentanglement_lib's places.
        urls: where it comes from, tried in order.
        hash: "sha256:..." or "md5:..." of the downloaded file; empty if none is published.
        num_bytes: its size, 0 if unknown.
        unpacked: what is made of it, below the data folder: of a `.gz` a file, of an archive with
            `members` a folder; empty to use it as it is.
        unpacked_bytes: the most that unpacking may write.
        members: of an archive of several files: gives name and content of each that is wanted.
    """

    path: str
    urls: tuple[str, ...]
    hash: str = ""
    num_bytes: int = 0
    unpacked: str = ""
    unpacked_bytes: int = 0
    members: Callable[[Path], Iterator[tuple[str, bytes]]] | None = None

    @property
    def wanted(self) -> str:
        """What is there when all is done, below the data folder."""
        return self.unpacked or self.path
