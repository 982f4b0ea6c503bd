"""A small study whose points are files, for tests of the engine itself."""

import pytest

from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.point import Point


@pytest.fixture
def study(tmp_path):
    """A study's folder with four points, of which the last needs the first."""
    folder = StudyFolder(tmp_path / "study")
    points = [Point(name) for name in "abc"] + [Point("d", needs=("a",))]
    folder.write("letters", points)
    return folder, points
