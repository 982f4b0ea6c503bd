"""Points of a grid: every combination of the values of some gin names."""

import itertools
import re
from collections.abc import Iterator, Sequence

from tfdis.sweeps.point import Point

_RANGE = re.compile(r"(-?\d+):(-?\d+)")
_OPENING, _CLOSING = "([{", ")]}"


def parse_numbers(text: str, flag: str) -> list[int]:
    """The numbers of a list such as `0,1,2`, each once; `FIRST:END` stands for those before the end.

    Args:
        text: text of the list.
        flag: name of the flag that has the text, for messages.

    Raises:
        ValueError: a part of the list is neither a number nor a range with numbers in it.

    Example:
        >>> parse_numbers("0:3", "--seeds"), parse_numbers("7,0:2", "--seeds")
        ([0, 1, 2], [7, 0, 1])
    """
    found: list[int] = []
    for part in text.split(","):
        part = part.strip()
        match = _RANGE.fullmatch(part)
        numbers = range(int(match[1]), int(match[2])) if match else ()
        numbers = (int(part),) if re.fullmatch(r"\d+", part) else numbers
        if not numbers:
            raise ValueError(
                f"Expected {flag} of numbers, as {flag}=0,1,2, or FIRST:END with FIRST below END, as "
                f"{flag}=0:3. Received: {flag}={text}."
            )
        found += numbers
    return list(dict.fromkeys(found))


def parse_axis(text: str, flag: str = "--grid") -> list[str]:
    """The gin lines of one `--grid`, one for each value.

    Args:
        text: `name=value,value,...` or `name=FIRST:END`, values as in gin files.
        flag: name of the flag that has the text, for messages.

    Raises:
        ValueError: there is no name or no value, or a value is there twice.

    Example:
        >>> parse_axis("beta_tc_vae.beta=1,2")
        ['beta_tc_vae.beta = 1', 'beta_tc_vae.beta = 2']
        >>> parse_axis("model.random_seed=0:2")
        ['model.random_seed = 0', 'model.random_seed = 1']
        >>> parse_axis("mlp.sizes=[8, 8],[16]")
        ['mlp.sizes = [8, 8]', 'mlp.sizes = [16]']
    """
    name, equals, values = (part.strip() for part in text.partition("="))
    found = (
        list(map(str, parse_numbers(values, name))) if _RANGE.fullmatch(values) else _split(values)
    )
    if not equals or not name or not all(found):
        raise ValueError(
            f"Expected {flag}=NAME=VALUE,VALUE,... with a gin name and its values, for example "
            f"{flag}=beta_tc_vae.beta=1,2,4. Received: {flag}={text}."
        )
    repeated = [value for value in found if found.count(value) > 1]
    if repeated:
        raise ValueError(
            f"Expected different values in {flag}={text}. Received: {repeated[0]} twice."
        )
    return [f"{name} = {value}" for value in found]


def _split(text: str) -> list[str]:
    """Parts between commas that are in no bracket and in no quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        depth += (not quote) * ((character in _OPENING) - (character in _CLOSING))
        if character == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def grid_points(
    gin_files: Sequence[str], axes: Sequence[str], gin_bindings: Sequence[str] = ()
) -> Iterator[Point]:
    """One point for every combination of the axes' values.

    Args:
        gin_files: gin files of all points.
        axes: texts as `parse_axis` takes them.
        gin_bindings: gin lines of all points, applied before those of the grid.

    Yields:
        Points named after what differs, for example `beta=4,random_seed=0`.

    Raises:
        ValueError: an axis is wrong, or two are of the same name.
    """
    lines = [parse_axis(axis) for axis in axes]
    names = [of_axis[0].partition(" = ")[0] for of_axis in lines]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Expected one --grid of each name. Received: two of {name}.")
    short = [name.rpartition(".")[2] for name in names]
    labels = [s if short.count(s) == 1 else n for s, n in zip(short, names, strict=True)]
    for chosen in itertools.product(*lines):
        yield Point(
            name=_name(labels, chosen),
            gin_files=tuple(gin_files),
            bindings=(*gin_bindings, *chosen),
        )


def _name(labels, lines) -> str:
    """Name of a point, of the labels of its axes and the values in its lines."""
    if not lines:
        return "run"
    values = [line.partition(" = ")[2].strip("'\"@()") for line in lines]
    parts = [f"{label}={value}" for label, value in zip(labels, values, strict=True)]
    return re.sub(r"[^\w.=+,@-]+", "_", ",".join(parts))
