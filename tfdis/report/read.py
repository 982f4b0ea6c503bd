"""Finds results folders of disentanglement_lib's layout below other folders."""

import dataclasses
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfdis.export.results import FROZEN_FOLDER
from tfdis.export.run import Run
from tfdis.registry import METRICS

# Folders that lie beside results and never hold any.
_SKIPPED = frozenset((FROZEN_FOLDER, "saved_model", "checkpoints", "tensorboard", "visualizations"))


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


def read_score(run: Path, score: str) -> float | None:
    """One score of a run's mean representation, where `bin/demo` and `bin/challenge` have it.

    Args:
        run: path of a folder that has `metrics`.
        score: name of the score, `<metric>/<score>`.

    Returns:
        The score; None if it is not computed yet.
    """
    metric, _, key = score.partition("/")
    scored = Run(run / "metrics" / "mean" / METRICS[metric].folder)
    try:
        return float(scored.results("evaluation")[key])
    except FileNotFoundError:
        return None
