"""The table of the challenge's scores, as the papers print it."""

import csv
import statistics
from collections.abc import Sequence
from pathlib import Path

from tfdis.configuration import parse_gin_bindings, resolved, unquoted
from tfdis.export.run import Run
from tfdis.registry import METRICS
from tfdis.report.read import read_score
from tfdis.report.study import POINTS_FOLDER
from tfdis.training.run_folder import marked_config

STUDY = "challenge"
# The score in each column of the table.
SCORES = {
    "FactorVAE": "factor_vae/eval_accuracy",
    "DCI": "dci/disentanglement",
    "SAP": "sap/SAP_score",
    "IRS": "irs/IRS",
    "MIG": "mig/discrete_mig",
}
SUM = "sum"
METHOD, RANDOM, PIXELS = "method", "random", "pixels"
# The label of each system, in the order of the table; {} is the method's name, which its gin file gives.
_LABELS = {METHOD: "{}", RANDOM: "{}, random backbone", PIXELS: "beta-VAE on pixels"}
SYSTEMS = tuple(_LABELS)


def system_of(point: str) -> str:
    """The system that a point of the study belongs to, by the point's name.

    Example:
        >>> system_of("random,seed=3"), system_of("method,features")
        ('random', 'method')
    """
    return point.partition(",")[0]


def label_of(point: Path) -> str:
    """The label in the table of a point's system, with the name that its gin files give the method.

    Args:
        point: path of the folder of a point that trains.
    """
    return _LABELS[system_of(point.name)].format(_method_of(point))


def _method_of(point: Path) -> str:
    """Name of the method in the configuration with which a run was started; METHOD if it has none."""
    bindings = resolved(parse_gin_bindings(marked_config(point / "model") or ""))
    return unquoted(bindings.get("challenge.system", METHOD))


def scoring_lines(lines: Sequence[str]) -> dict[str, list[str]]:
    """Gin lines of each metric of the table, by its name, out of `challenge.scoring`.

    Raises:
        ValueError: a line is of no metric of the table.
    """
    functions = {
        name: METRICS[name].evaluation_fn
        for name in dict.fromkeys(score.partition("/")[0] for score in SCORES.values())
    }
    unknown = [line for line in lines if line.partition(".")[0] not in functions.values()]
    if unknown:
        raise ValueError(
            f"Expected lines of challenge.scoring to start with one of {sorted(functions.values())} and "
            f"a dot. Received: {unknown[0]!r}."
        )
    return {
        name: [line for line in lines if line.partition(".")[0] == function]
        for name, function in functions.items()
    }


def read_scores(run: Path) -> dict[str, float] | None:
    """The scores of one seed by column, and their sum; None if it is not scored yet."""
    scores = {name: read_score(run, score) for name, score in SCORES.items()}
    return None if None in scores.values() else scores | {SUM: sum(scores.values())}


def _rows(points: Path) -> list[dict]:
    """One row for each scored seed of each system."""
    rows = []
    for system in SYSTEMS:
        seeds = {int(run.name.partition("=")[2]): run for run in points.glob(f"{system},seed=*")}
        for seed, run in sorted(seeds.items()):
            scores = read_scores(run)
            if scores is None:
                continue
            config = Run(run / "model").steps()["train"]["config"]
            data_set = unquoted(config["dataset.name"])
            rows.append({"system": label_of(run), "dataset": data_set, "seed": seed, **scores})
    return rows


def _markdown(rows: list[dict]) -> str:
    """Means over seeds, with the standard deviation if there are several, one line for each system."""
    from tfdis.report.markdown import markdown_table

    columns, lines = [*SCORES, SUM], []
    for label, data_set in dict.fromkeys((row["system"], row["dataset"]) for row in rows):
        own = [row for row in rows if (row["system"], row["dataset"]) == (label, data_set)]
        means = [_mean([row[column] for row in own]) for column in columns]
        lines.append([label, data_set, len(own), *means])
    return "\n".join(markdown_table(["system", "data set", "seeds", *columns], lines, 2)) + "\n"


def _mean(values):
    text = f"{statistics.mean(values):.3f}"
    return text if len(values) == 1 else f"{text} ± {statistics.stdev(values):.3f}"


def write_table(root: Path) -> str:
    """Writes `scores.md` and `scores.csv` (one row for each seed) of all systems that a study has scored.

    Args:
        root: path of the study's folder.

    Returns:
        The table in Markdown.
    """
    rows = _rows(root / POINTS_FOLDER)
    with open(root / "scores.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["system", "dataset", "seed", *SCORES, SUM])
        writer.writeheader()
        writer.writerows(rows)
    table = _markdown(rows)
    (root / "scores.md").write_text(table, encoding="utf-8")
    return table
