"""Narrows a study to points with some values of its gin names."""

import ast
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from tfdis.sweeps.grid import parse_axis
from tfdis.sweeps.point import Point

_FILE = "gin_file"


def only(points: Sequence[Point], axes: Sequence[str]) -> list[Point]:
    """The points that have one of the given values of each given name, and those that these need.

    Args:
        points: the points of a study.
        axes: `name=value,value,...` or `name=FIRST:END` of gin names that points bind, values as in
            gin files; `gin_file=name,...` for the names of the points' gin files, without folder and
            ending.

    Raises:
        ValueError: no point has such a name or value, or none has all of them together.

    Example:
        >>> points = [Point(f"{n}", bindings=(f"BETA = {n}.0",)) for n in range(4)]
        >>> [point.name for point in only(points, ["BETA=1,3"])]
        ['1', '3']
    """
    kept = list(points)
    for axis in axes:
        lines = parse_axis(axis, "--only")
        name = lines[0].partition(" = ")[0]
        values = [_value(line.partition(" = ")[2]) for line in lines]
        there = [value for point in points for value in _values(point, name)]
        missing = [value for value in values if value not in there]
        if missing:
            raise ValueError(_unknown(points, name, missing[0], there))
        kept = [point for point in kept if any(value in values for value in _values(point, name))]
    if not kept:
        raise ValueError(
            f"Expected values of --only that some point has together. Received: {' '.join(axes)}."
        )
    return _with_needed(points, {point.name for point in kept}) if axes else kept


def _with_needed(points, names):
    by_name = {point.name: point for point in points}
    left = list(names)
    while left:
        needed = {*by_name[left.pop()].needs} - names
        names |= needed
        left += needed
    return [point for point in points if point.name in names]


def _values(point: Point, name: str) -> list[Any]:
    """Names of a point's gin files, or the value that it binds to a name: the last one, as in gin."""
    if name == _FILE:
        return [PurePath(path).stem for path in point.gin_files]
    return [_value(value) for bound, value in map(_split, point.bindings) if bound == name][-1:]


def _split(line):
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def _value(text: str) -> Any:
    """A value by which 1 and 1.0, and 'a' and "a", are the same; text that is no literal is itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text.strip()


def _unknown(points, name, value, there):
    if there:
        shown = ", ".join(list(dict.fromkeys(map(repr, there)))[:12])
        return f"Expected --only={name} of values that points have: {shown}. Received: {value!r}."
    values: dict[str, set[str]] = {}
    for bound, text in (_split(line) for point in points for line in point.bindings):
        values.setdefault(bound, set()).add(text)
    varied = [bound for bound, found in values.items() if len(found) > 1]
    return f"Expected --only of a name that points bind: {', '.join([*varied[:12], _FILE])}. Received: {name}."
