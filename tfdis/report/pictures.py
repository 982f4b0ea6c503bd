"""Pictures of runs for the page of `bin/report`, found or drawn, as data URIs."""

import base64
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from tfdis.plots.curves import LOG, plot_curves
from tfdis.plots.figure import no_formula, to_png
from tfdis.plots.score_curves import SCORES, plot_score_curves
from tfdis.plots.seed_scores import SeedScores, plot_seed_scores
from tfdis.report.build import Report
from tfdis.report.paper_figures import PaperFigure
from tfdis.report.scores import label
from tfdis.report.tables import group_labels

# Names of pictures, of which the first match is taken: those of `bin/visualize`, then
# disentanglement_lib's.
_FOUND = (
    ("latent traversals", ("traversals.png", "traversals/traversals0.jpg")),
    ("latent traversals, animated", ("animated_traversals/fixed_interval_cycle0.gif",)),
)
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_MOST_LINES = 21
_MOST_GROUPS = 40


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture: its description, and its file as a data URI."""

    caption: str
    uri: str


def to_data_uri(content: bytes) -> str:
    """A PNG, JPEG or GIF file as a data URI.

    Raises:
        ValueError: the file is none of them.

    Example:
        >>> to_data_uri(b"GIF89a")
        'data:image/gif;base64,R0lGODlh'
    """
    for start, kind in _KINDS.items():
        if content.startswith(start):
            return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
    raise ValueError("Expected a PNG, JPEG or GIF file. Received: something else.")


class Album:
    """Gathers pictures up to a total size; those left out or damaged are noted in `notes`.

    Args:
        max_bytes: the most bytes of all files together.
    """

    def __init__(self, max_bytes: int):
        self.max_bytes = self._left = max_bytes
        self.num_left_out = 0
        self.notes: list[str] = []

    def of_run(self, folder: Path) -> list[Picture]:
        """Traversals, training curves and score curves of a run, if there are any.

        Args:
            folder: path of the run's folder, with `visualizations` and, in it or in `model`, the
                logs.
        """
        pictures = []
        for caption, names in _FOUND:
            paths = [folder / "visualizations" / name for name in names]
            pictures += self._try(caption, next(filter(Path.is_file, paths), None), Path.read_bytes)
        pictures += self._try("training curves", log_path(folder, LOG), _training_curves)
        scores = log_path(folder, SCORES)
        return pictures + self._try("scores during training", scores, _score_curves)

    def of_groups(self, report: Report) -> list[Picture]:
        """The scores of every group's runs, with mean and interval; none if there are too many groups."""
        if not report.headlines:
            return []
        if len(report.groups) > _MOST_GROUPS:
            self.notes.append(
                f"More than {_MOST_GROUPS} groups: there is no picture of the scores over seeds."
            )
            return []
        return self._try("scores over seeds", report, _seed_scores)

    def of_paper(self, figure: PaperFigure) -> list[Picture]:
        """The picture of a paper's figure; none of a table."""
        return self._try(figure.title, figure.png, bytes)

    def of_all(self, logs: Mapping[str, Path]) -> list[Picture]:
        """Score curves of several runs in one picture; none if there are too many to tell apart.

        Args:
            logs: paths of the scores during training, by name of run.
        """
        if not 2 <= len(logs) <= _MOST_LINES:
            return []
        return self._try("scores during training", dict(logs), _score_curves)

    def _try(self, caption, source, read):
        if source is None:
            return []
        try:
            content = read(source)
            picture = Picture(caption, to_data_uri(content))
        except (OSError, ValueError) as error:
            where = f"{source}: " if isinstance(source, Path) else ""
            self.notes.append(f"{caption} cannot be shown: {where}{error}")
            return []
        if len(content) > self._left:
            self.num_left_out += 1
            return []
        self._left -= len(content)
        return [picture]


def log_path(folder: Path, name: str) -> Path | None:
    """Path of a log in a run's folder or its `model`; None if there is none."""
    return next((path for path in (folder / name, folder / "model" / name) if path.is_file()), None)


def _training_curves(path):
    return to_png(lambda target: plot_curves(path, target, unit="", title="training"))


def _score_curves(source):
    logs = source if isinstance(source, dict) else {"run": source}
    logs = {no_formula(name): path for name, path in logs.items()}
    return to_png(lambda target: plot_score_curves(logs, target))


def _seed_scores(report):
    panels = {no_formula(label(score)): _by_group(report, score) for score in report.headlines}
    labels = list(map(no_formula, group_labels(report)))
    return to_png(lambda target: plot_seed_scores(panels, labels, target))


def _by_group(report, score):
    runs = report.runs.groupby(report.keys, dropna=False, sort=False)[score]
    statistics = report.groups[[f"{score}/{name}" for name in ("mean", "low", "high")]]
    return [
        SeedScores([value for value in values if value is not None], *row)
        for (_, values), row in zip(runs, statistics.itertuples(index=False), strict=True)
    ]
