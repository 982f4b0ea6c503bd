"""A published file: where it can be downloaded, and what its hash is."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        path: place of the file below the data folder; these are disentanglement_lib's places.
        urls: addresses of the file, tried in order.
        hash: "sha256:..." or "md5:..." of the downloaded file; empty if none is published.
        num_bytes: size of the file in bytes, 0 if unknown.
        unpacked: place below the data folder of what the file is unpacked to: a file for a `.gz`, a
            folder for an archive with `members`; empty to use the file as it is.
        unpacked_bytes: the most bytes that unpacking may write.
        members: function for an archive of several files that gives name and content of each wanted
            one.
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
        """Path below the data folder of what is there when all is done."""
        return self.unpacked or self.path
