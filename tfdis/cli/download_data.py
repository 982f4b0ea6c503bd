"""Downloads the original files of data sets, checks their hashes, unpacks them.

bin/download_data --list
bin/download_data shapes3d cars3d
bin/download_data mpi3d_toy --data_dir=/data --mirror=https://example.org/data

Files go to where the loaders and disentanglement_lib look for them, below --data_dir. Started again,
the command goes on where it was stopped, and does nothing for what is there already. A file with
another hash than the published one is kept beside, under a name that ends in .wrong-hash.
"""

import sys
from pathlib import Path

from absl import flags

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the command's flags."""
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder for the files; $DISENTANGLEMENT_LIB_DATA, or else the current folder, by default.",
    )
    flags.DEFINE_multi_string(
        "mirror",
        [],
        "Address below which the same files lie in the same folders, tried before the published "
        "ones; may be given several times.",
    )
    flags.DEFINE_boolean("check_hash", True, "Refuse a file with another hash than published.")
    flags.DEFINE_boolean("list", False, "List the data sets, their files and what is there.")
    flags.DEFINE_float("timeout", 30, "Longest silence of a server, in seconds.", lower_bound=0.01)
    flags.DEFINE_integer(
        "attempts", 5, "Number of attempts in a row that may bring nothing.", lower_bound=1
    )


def download_names(names: list[str]) -> None:
    """Downloads the data sets that the flags name."""
    from tfdis.data.download.download import download
    from tfdis.data.download.http import Patience

    patience = Patience(timeout_seconds=FLAGS.timeout, num_attempts=FLAGS.attempts)
    for path in download(names, _folder(), FLAGS.mirror, FLAGS.check_hash, patience):
        sys.stdout.write(f"{path}\n")


def list_names(names: list[str]) -> None:
    """Prints the data sets, their files, and whether those are there."""
    from tfdis.data.download.download import published_files

    files = published_files()
    for name in names or files:
        for file in files[name]:
            is_there = "there" if (_folder() / file.wanted).exists() else "missing"
            size = f"{file.num_bytes:,} bytes" if file.num_bytes else "size not published"
            sys.stdout.write(
                f"{name}: {file.wanted} ({is_there}; {size}; {file.hash or 'hash not published'})\n"
            )
            for url in file.urls:
                sys.stdout.write(f"    {url}\n")


def _folder() -> Path:
    from tfdis.data.download.originals import originals_folder

    return Path(FLAGS.data_dir) if FLAGS.data_dir else originals_folder()


def _run(arguments):
    from tfdis.data.download.download import check_names

    names = arguments[1:]
    if names or not FLAGS.list:
        check_names(names)
    list_names(names) if FLAGS.list else download_names(names)


def main() -> None:
    """Entry point of `bin/download_data` and `tfdis_download_data`."""
    run_main(_run, define_flags, takes_names=True)
