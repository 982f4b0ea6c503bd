"""Where the published files can be downloaded, and what their hashes are."""

import dataclasses

_MPI3D_MIRRORS = (
    "https://huggingface.co/datasets/waleedgondal/mpi3d/resolve/main/",
    "https://storage.googleapis.com/disentanglement_dataset/Final_Dataset/",
    "https://storage.googleapis.com/mpi3d_disentanglement_dataset/data/",
)
_NORB = "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/"
_NORB_TRAINING = "smallnorb-5x46789x9x18x6x2x96x96-training"
_NORB_TESTING = "smallnorb-5x01235x9x18x6x2x96x96-testing"


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
      path: where it goes, below the data folder; disentanglement_lib's places.
      urls: where it comes from, tried in order.
      hash: "sha256:..." or "md5:..." of the downloaded file; empty if none is published.
      num_bytes: its size, 0 if unknown.
      unpacked: what is made of it, below the data folder: of a `.gz` a file, of a `.tar.gz` a
        folder; empty to use it as it is.
      unpacked_bytes: the most that unpacking may write.
    """

    path: str
    urls: tuple[str, ...]
    hash: str = ""
    num_bytes: int = 0
    unpacked: str = ""
    unpacked_bytes: int = 0

    @property
    def wanted(self) -> str:
        """What is there when all is done, below the data folder."""
        return self.unpacked or self.path


def _norb(name: str, md5: str, unpacked_bytes: int) -> RemoteFile:
    return RemoteFile(
        path=f"small_norb/{name}.mat.gz",
        urls=(f"{_NORB}{name}.mat.gz",),
        hash=f"md5:{md5}",
        unpacked=f"small_norb/{name}.mat",
        unpacked_bytes=unpacked_bytes,
    )


def _mpi3d(name: str, md5: str, last_mirror_name: str = "") -> tuple[RemoteFile]:
    names = (f"{name}.npz", f"{name}.npz", last_mirror_name or f"{name}.npz")
    return (
        RemoteFile(
            path=f"{name}/{name}.npz",
            urls=tuple(mirror + file for mirror, file in zip(_MPI3D_MIRRORS, names, strict=True)),
            hash=f"md5:{md5}",
        ),
    )


_DSPRITES = RemoteFile(
    path="dsprites/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
    urls=(
        "https://github.com/deepmind/dsprites-dataset/raw/master/"
        "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
    ),
)
_SCREAM = RemoteFile(
    path="scream/scream.jpg",
    urls=("https://upload.wikimedia.org/wikipedia/commons/f/f4/The_Scream.jpg",),
)
_DAT_BYTES = 24 + 24300 * 2 * 96 * 96
_CAT_BYTES = 20 + 24300 * 4
_INFO_BYTES = 20 + 24300 * 4 * 4

# Data set -> its files. No hash of dSprites' npz or of the painting is published; the loaders check
# what is in them. mpi3d_real was corrected in 2025: a newer file may have another md5.
SOURCES: dict[str, tuple[RemoteFile, ...]] = {
    "cars3d": (
        RemoteFile(
            path="nips2015-analogy-data.tar.gz",
            urls=("http://www.scottreed.info/files/nips2015-analogy-data.tar.gz",),
            hash="md5:4e866a7919c1beedf53964e6f7a23686",
            unpacked="cars",
            unpacked_bytes=2**31,
        ),
    ),
    "color_dsprites": (_DSPRITES,),
    "dsprites_full": (_DSPRITES,),
    "dsprites_noshape": (_DSPRITES,),
    "mpi3d_real": _mpi3d("mpi3d_real", "0f33f609918fb5c97996692f91129802", "real.npz"),
    "mpi3d_real_complex": (
        RemoteFile(
            path="mpi3d_real_complex/mpi3d_real_complex.npz",
            urls=(
                f"{_MPI3D_MIRRORS[0]}real3d_complicated_shapes_ordered.npz",
                f"{_MPI3D_MIRRORS[1]}real3d_complicated_shapes_ordered.npz",
            ),
        ),
    ),
    "mpi3d_realistic": _mpi3d("mpi3d_realistic", "59a6225b88b635365f70c91b3e52f70f"),
    "mpi3d_toy": _mpi3d("mpi3d_toy", "55889cb7c7dfc655d6e0277beee88868"),
    "noisy_dsprites": (_DSPRITES,),
    "scream_dsprites": (_DSPRITES, _SCREAM),
    "shapes3d": (
        RemoteFile(
            path="3dshapes/3dshapes.h5",
            urls=("https://storage.googleapis.com/3d-shapes/3dshapes.h5",),
            hash="sha256:0a0f6ed98baff276a50f3a081a7434d788da63cb135a98189b2a5b5769be1785",
            num_bytes=267573662,
        ),
    ),
    "smallnorb": (
        _norb(f"{_NORB_TRAINING}-dat", "66054832f9accfe74a0f4c36a75bc0a2", _DAT_BYTES),
        _norb(f"{_NORB_TRAINING}-cat", "23c8b86101fbf0904a000b43d3ed2fd9", _CAT_BYTES),
        _norb(f"{_NORB_TRAINING}-info", "51dee1210a742582ff607dfd94e332e3", _INFO_BYTES),
        _norb(f"{_NORB_TESTING}-dat", "e4ad715691ed5a3a5f138751a4ceb071", _DAT_BYTES),
        _norb(f"{_NORB_TESTING}-cat", "5aa791cd7e6016cf957ce9bdb93b8603", _CAT_BYTES),
        _norb(f"{_NORB_TESTING}-info", "a9454f3864d7fd4bb3ea7fc3eb84924e", _INFO_BYTES),
    ),
}
# What disentanglement_lib's own command downloads.
DLIB_NAMES = ("smallnorb", "cars3d", "dsprites_full", "scream_dsprites", "mpi3d_toy")
