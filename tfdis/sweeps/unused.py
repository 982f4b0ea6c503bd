"""Gin bindings without effect in a study, whose points share lines that only some of them use."""

import functools
import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from tfdis.dlib.configs import find_config
from tfdis.files.json_object import read_object
from tfdis.files.whole import write_text_whole
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.point import Point

_NOTE_FILE = "unused.json"
_BINDING = re.compile(r"^([\w./-]+)\s*=", re.MULTILINE)


def note_unused(place: Path, unused: Mapping[str, list[str]]) -> None:
    """Notes in a point's folder what its training left unused; see `tfdis.configuration`."""
    if unused:
        write_text_whole(place / _NOTE_FILE, json.dumps(unused))


def unused_by_all(
    folder: StudyFolder, points: Sequence[Point], offered: Collection[str] = ()
) -> dict[str, list[str]]:
    """Bindings that every point which has them left unused, with the names that were probably meant.

    Points that are not trained yet, or were before there were notes, count as if they used theirs.

    Args:
        folder: folder of the study.
        points: the points.
        offered: names of macros that the gin files of other points offer, which never count.
    """
    noted = [_read(folder.at(point, _NOTE_FILE)) for point in points]
    # A macro is given to the training as well, of which only a score makes use.
    used = {_name(line) for point in points for step in point.metrics for line in step.bindings}
    used.update(offered)
    for point, unused in zip(points, noted, strict=True):
        bound = {*map(_name, point.bindings)}.union(*map(_bound_in, point.gin_files))
        used |= bound - {*unused}
    found: dict[str, list[str]] = {}
    for unused in noted:
        found |= {n: meant or found.get(n, []) for n, meant in unused.items() if n not in used}
    return found


def _read(path: Path) -> dict[str, list[str]]:
    try:
        return read_object(path)
    except (OSError, ValueError):
        return {}


@functools.cache
def _bound_in(gin_file: str) -> frozenset[str]:
    """Names that a gin file itself binds; what it includes are defaults, which no training notes."""
    try:
        text = Path(find_config(gin_file)).read_text("utf-8")
    except (OSError, ValueError):
        return frozenset()
    return frozenset(map(_name, _BINDING.findall(text)))


def _name(line: str) -> str:
    """Name of a binding as `tfdis.configuration.unused_bindings` has it: without gin's modules."""
    scope, slash, name = line.partition("=")[0].strip().rpartition("/")
    return scope + slash + ".".join(name.split(".")[-2:])
