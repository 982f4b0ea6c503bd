"""Downloads the data sets that disentanglement_lib's command of this name downloads.

dlib_download_data

SmallNORB, Cars3D, dSprites, the painting of scream_dsprites and mpi3d_toy go to the current folder, or
to $DISENTANGLEMENT_LIB_DATA if that is set. Unlike disentanglement_lib's, the command checks hashes,
goes on where it was stopped, and never takes a part for the whole. Today's mpi3d_toy has 6 colours and
6 shapes; the file of the time of the challenge, with 4 and 4, is no longer published.
"""

from tfdis.cli import download_data
from tfdis.cli.run import run_main

_NAMES = ["smallnorb", "cars3d", "dsprites_full", "scream_dsprites", "mpi3d_toy"]


def _run(_):
    if download_data.FLAGS.list:
        download_data.list_names(_NAMES)
    else:
        download_data.download_names(_NAMES)


def main() -> None:
    """Entry point of `bin/dlib_download_data` and `dlib_download_data`."""
    run_main(_run, download_data.define_flags)
