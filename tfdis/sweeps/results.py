"""`results.parquet`: one row for every score of every point, with what it depends on."""

import importlib.util
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from absl import logging

from tfdis.configuration import unquoted
from tfdis.export.run import Run
from tfdis.files.json_object import read_object
from tfdis.files.optional import missing, with_extra
from tfdis.files.whole import written_whole
from tfdis.report.scores import metric_name, numbers_of, reference_name
from tfdis.report.study import VERSIONS_FILE
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.jobs import TRAIN_JOB
from tfdis.sweeps.point import SEED_CONSISTENCY, UDR, Point, Step
from tfdis.sweeps.work import Kind, Outcome

FILE = "results.parquet"
_WRITE_SECONDS = 600.0
# Columns of the table, and of what is a number and not text.
_COLUMNS = (
    *("point", "representation", "metric", "score", "value"),
    *("model", "data_set", "provenance", "seed", "metric_seed"),
    *("configuration", "metric_configuration", "versions", "train_seconds", "metric_seconds"),
)


class Results:
    """The table of a study's results, which grows while the study runs; it appears whole each time.

    Called as the engine's `watch`, it notes what is done, and writes it every ten minutes.

    Args:
        folder: folder of the study.
        points: the points that may have results.
    """

    def __init__(self, folder: StudyFolder, points: Sequence[Point]):
        self.path = folder.path / FILE
        self._folder = folder
        self._points = {point.name: point for point in points}
        self._noted: set[str] = set()
        self._written = time.monotonic()

    def __call__(self, outcome: Outcome | None) -> None:
        """Notes an outcome; None says that time has passed."""
        if outcome is not None and outcome.kind is Kind.DONE:
            self._noted.add(outcome.name)
        if self._noted and time.monotonic() - self._written > _WRITE_SECONDS:
            self.write()

    def write(self, changed: Iterable[str] = ()) -> None:
        """Writes rows of what is noted, and of every point whose rows are missing.

        Without pyarrow there is a warning and no table.

        Args:
            changed: names of further points with new scores in place of old ones.
        """
        self._noted.update(changed)
        self._written = time.monotonic()
        if importlib.util.find_spec("pyarrow") is None:
            lack = missing("pyarrow", "writes the table", install=with_extra("study"))
            logging.warning("No %s: %s.", self.path, lack)
            return
        before = (
            pd.read_parquet(self.path) if self.path.exists() else pd.DataFrame(columns=_COLUMNS)
        )
        pairs = before.drop_duplicates(["point", "representation", "metric"])
        scored = pairs.dropna(subset="metric").groupby("point").size()
        known = dict.fromkeys(before["point"], 0) | scored.to_dict()
        names = [
            name
            for name, point in self._points.items()
            if name in self._noted or known.get(name) != self._num_scored(point)
        ]
        rows = list(_rows(self._folder, [self._points[name] for name in names]))
        self._noted.clear()
        if not rows:
            return
        kept = before[~before["point"].isin([row["point"] for row in rows])]
        new = pd.DataFrame(rows, columns=_COLUMNS)
        with written_whole(self.path, overwrite=True) as partial:
            (pd.concat([kept, new]) if len(kept) else new).to_parquet(partial, index=False)
        logging.info("Wrote %s.", self.path)

    def _num_scored(self, point: Point) -> int:
        """Number of a point's metrics that are computed."""
        return sum(self._folder.at(point, step.output_dir).is_dir() for step in _scores_of(point))


def _rows(folder: StudyFolder, points: Iterable[Point]) -> Iterator[dict[str, Any]]:
    """Rows of all scores of points; one without a score for a point that is trained alone."""
    for point in points:
        if point.job != TRAIN_JOB or not folder.is_trained(point.name):
            continue
        training = _of_training(folder.at(point, "model"), folder.at(point, VERSIONS_FILE))
        scored = False
        for step in _scores_of(point):
            results = folder.at(point, step.output_dir, "results", "json")
            if not results.is_dir():
                continue
            for row in _of_metric(results):
                scored = True
                representation = step.input_dir.rpartition("/")[2]
                yield {"point": point.name, "representation": representation} | training | row
        if not scored:
            yield {"point": point.name} | training


def _scores_of(point: Point) -> tuple[Step, ...]:
    """The steps that may have scored a point."""
    return (*point.metrics, UDR, SEED_CONSISTENCY)


def _of_training(model: Path, made_by: Path) -> dict[str, Any]:
    train = Run(model).steps()["train"]
    results, config = train["results"], train["config"]
    return {
        "model": reference_name(config.get("model.model", "")),
        "data_set": unquoted(config.get("dataset.name", "")),
        "provenance": results.get("dataset_provenance", ""),
        "seed": int(config.get("model.random_seed", -1)),
        "configuration": json.dumps(config, sort_keys=True),
        "versions": made_by.read_text("utf-8") if made_by.exists() else "{}",
        "train_seconds": results.get("elapsed_time"),
    }


def _of_metric(folder: Path) -> Iterator[dict[str, Any]]:
    """One row for each number of a metric's results."""
    results = read_object(folder / "evaluation_results.json")
    config = read_object(folder / "evaluation_config.json")
    for score, value in numbers_of(results).items():
        yield {
            "metric": metric_name(config) or folder.parent.parent.name,
            "score": score,
            "value": value,
            "metric_seed": int(config.get("evaluation.random_seed", -1)),
            "metric_configuration": json.dumps(config, sort_keys=True),
            "metric_seconds": results.get("elapsed_time"),
        }
