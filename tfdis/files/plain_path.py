r"""Paths for functions of TensorFlow that read `*`, `?`, `[` and `\` in a path as a pattern."""

import os
import shutil
import tempfile
import weakref

_SPECIAL = set("*?[\\") - {os.sep}


class PlainPath:
    """Another path to a folder, without special characters; the folder's own path if it has none.

    TensorFlow finds the files of a checkpoint by matching its name as a pattern: below a folder called
    `beta[4]` it finds none, and below `a*` it would delete those of other folders too.

    Args:
        folder: any folder; it has to exist when something is written through the path.

    Attributes:
        path: a path that leads to the same folder as long as this object lives.
    """

    def __init__(self, folder: str | os.PathLike):
        self.path = os.path.abspath(folder)
        if _SPECIAL.intersection(self.path):
            home = tempfile.mkdtemp(prefix="tfdis-")
            weakref.finalize(self, shutil.rmtree, home, ignore_errors=True)
            link = os.path.join(home, "folder")
            os.symlink(self.path, link, target_is_directory=True)
            self.path = link
