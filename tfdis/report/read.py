"""Finds and reads results folders of disentanglement_lib's layout: old or new, whole or damaged."""

import dataclasses
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfdis.registry import METRICS

STEPS = ("train", "postprocess", "evaluation")
_PARTS = ("config", "results")
# Folders that lie beside results and never hold any.
_SKIPPED = frozenset(("tfhub", "saved_model", "checkpoints", "tensorboard", "visualizations"))


@dataclasses.dataclass(frozen=True)
class Unreadable:
    """A file or folder that could not be read, and the reason."""

    path: Path
    reason: str


def find_results(
    roots: Sequence[str | os.PathLike], unreadable: list[Unreadable] | None = None
) -> list[Path]:
    """All `results` folders at or below some folders, each once, in the order of their paths.

    Args:
        roots: paths of the folders to search.
        unreadable: list that gets an entry for each folder that cannot be listed.

    Returns:
        Folders called `results` with a folder `json` or `aggregate`.

    Raises:
        FileNotFoundError: a root does not exist.
        NotADirectoryError: a root is a file.
    """
    for root in map(Path, roots):
        if not root.exists():
            raise FileNotFoundError(
                f"Expected a folder of runs. Received: {root}, which does not exist."
            )
        if not root.is_dir():
            raise NotADirectoryError(
                f"Expected a folder of runs. Received: {root}, which is a file."
            )

    def refused(error):
        if unreadable is not None:
            unreadable.append(Unreadable(Path(error.filename), str(error.strerror)))

    found = {}
    for root in map(Path, roots):
        real, length = os.path.realpath(root), len(os.fspath(root))
        for folder in _results_below(root, real, refused):
            # No link below a root is followed, so the rest of the path is real.
            found.setdefault(real + folder[length:], Path(folder))
    return sorted(found.values())


def _results_below(root: Path, real: str, refused) -> Iterator[str]:
    for folder, names, _ in os.walk(root, onerror=refused):
        own = real if folder == os.fspath(root) else folder
        if os.path.basename(own) == "results" and {"json", "aggregate"} & {*names}:
            yield folder
            names.clear()
        names[:] = [name for name in names if name not in _SKIPPED and not name.startswith(".")]


def read_results(folder: Path) -> dict[str, dict[str, dict]]:
    """Reads all steps of a results folder: `json/*.json`, or if there is none `aggregate/*.json`.

    Args:
        folder: path of a folder called `results`.

    Returns:
        For each step that is there, {"config": gin bindings as text, "results": its results};
        nothing if the folder has other results only.

    Raises:
        DamagedFileError: a file cannot be read, or one of a step's two is missing.
    """
    steps, place = {}, folder / "json"
    try:
        present = {*os.listdir(place)}
    except FileNotFoundError:
        present = set()
    except OSError as error:
        raise DamagedFileError(place, error.strerror or type(error).__name__) from error
    for step in STEPS:
        names = {part: f"{step}_{part}.json" for part in _PARTS}
        if not present.isdisjoint(names.values()):
            for name in names.values():
                if name not in present:
                    raise DamagedFileError(place / name, "is missing")
            steps[step] = {part: read_object(place / name) for part, name in names.items()}
    return steps or _read_aggregate(folder)


class DamagedFileError(ValueError):
    """A results file that cannot be used."""

    def __init__(self, path: Path, reason: str):
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def read_object(path: Path) -> dict:
    """Reads a JSON file that holds one object; raises DamagedFileError if it does not."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedFileError(path, error.strerror or type(error).__name__) from error
    except UnicodeDecodeError as error:
        raise DamagedFileError(path, f"is not UTF-8 text (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(path, f"is not JSON ({error})") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise DamagedFileError(path, f"expected an object of results, received a {kind}")
    return content


def _read_aggregate(folder):
    """Reads the last step's aggregate, which holds all steps before it, with keys `<step>_<part>.<key>`."""
    for last in reversed(STEPS):
        path = folder / "aggregate" / f"{last}.json"
        if path.exists():
            break
    else:
        return {}
    steps = {}
    for key, value in read_object(path).items():
        file, _, name = key.partition(".")
        step, _, part = file.rpartition("_")
        if step in STEPS and part in _PARTS:
            steps.setdefault(step, {known: {} for known in _PARTS})[part][name] = value
    if last not in steps:
        raise DamagedFileError(path, f"holds nothing of the step {last}")
    return steps


def read_score(run: Path, score: str) -> float | None:
    """One score of a run's mean representation, where `bin/demo` and `bin/challenge` have it.

    Args:
        run: path of a folder that has `metrics`.
        score: name of the score, `<metric>/<score>`.

    Returns:
        The score; None if it is not computed yet.
    """
    metric, _, key = score.partition("/")
    folder = run / "metrics" / "mean" / METRICS[metric].folder / "results" / "json"
    path = folder / "evaluation_results.json"
    return float(read_object(path)[key]) if path.is_file() else None
