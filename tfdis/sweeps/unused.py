"""Gin bindings without effect in a study, whose points share lines that only some of them use."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfdis.files.whole import write_text_whole
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.point import Point

_NOTE_FILE = "unused.json"


def note_unused(place: Path, unused: Mapping[str, list[str]]) -> None:
    """Notes in a point's folder what its training left unused; see `tfdis.configuration`."""
    if unused:
        write_text_whole(place / _NOTE_FILE, json.dumps(unused))


def unused_by_all(folder: StudyFolder, points: Sequence[Point]) -> dict[str, list[str]]:
    """Bindings that every point which has them left unused, with the names that were probably meant.

    Points that are not trained yet, or were before there were notes, count as if they used theirs.

    Args:
        folder: folder of the study.
        points: the points.
    """
    noted = [_read(folder.at(point, _NOTE_FILE)) for point in points]
    bound = [{*map(_name, point.bindings)} for point in points]
    by_files: dict[tuple, set[str]] = {}
    for point, own, unused in zip(points, bound, noted, strict=True):
        by_files.setdefault(point.gin_files, set()).update({*unused} - own)
    # A macro is given to the training as well, of which only a score makes use.
    used = {_name(line) for point in points for step in point.metrics for line in step.bindings}
    for point, own, unused in zip(points, bound, noted, strict=True):
        used |= (own | by_files[point.gin_files]) - {*unused}
    found: dict[str, list[str]] = {}
    for unused in noted:
        found |= {n: meant or found.get(n, []) for n, meant in unused.items() if n not in used}
    return found


def _read(path: Path) -> dict[str, list[str]]:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _name(line: str) -> str:
    """Name of a binding as `tfdis.configuration.unused_bindings` has it: without gin's modules."""
    scope, slash, name = line.partition("=")[0].strip().rpartition("/")
    return scope + slash + ".".join(name.split(".")[-2:])
