"""The metrics that a command is asked for, with the gin lines that disentanglement_lib's driver needs."""

import os
from collections.abc import Sequence

from tfdis.evaluation.metric import Metric, find_metric
from tfdis.registry import METRICS


def metrics_by_name(
    names: Sequence[str],
    output_dir: str,
    num_train: int = 10000,
    gin_bindings: Sequence[str] = (),
) -> list[tuple[str | None, str, list[str]]]:
    """Returns metrics, given by their names, in the form that `commands.evaluate_all` takes.

    Args:
        names: names of metrics; "all" stands for those of disentanglement_lib's study, irs, and
            tfdis's.
        output_dir: path of the folder in which each metric gets a folder of its name.
        num_train: number of samples for metrics without a file of disentanglement_lib.
        gin_bindings: further gin lines, for all metrics.

    Returns:
        A tuple (gin file or None, output folder, gin bindings) for each metric.

    Raises:
        ValueError: there is no such metric.
    """
    return [
        (
            metric.gin_file,
            os.path.join(output_dir, metric.folder),
            [*bindings_of(metric, num_train), *gin_bindings],
        )
        for metric in chosen_metrics(names)
    ]


def chosen_metrics(names: Sequence[str]) -> list[Metric]:
    """Rows of the table of metrics, each once; "all" stands for those that `in_all` says.

    Raises:
        ValueError: there is no such metric.
    """
    chosen = _all() if "all" in names else [find_metric(name) for name in names]
    return list({metric.name: metric for metric in chosen}.values())


def _all() -> list[Metric]:
    """All metrics, those that need most images first, so that the others find these encoded."""
    metrics = [metric for metric in METRICS.values() if metric.in_all]
    return sorted(metrics, key=lambda m: (not m.needs_grid, m.gin_file is None, m.folder))


def bindings_of(metric: Metric, num_train: int) -> list[str]:
    """Gin lines of a metric beside those of its file.

    Args:
        metric: row of the table of metrics.
        num_train: number of samples, for a metric without a file of disentanglement_lib.
    """
    name = [f"evaluation.name = '{metric.folder}'"]
    if metric.gin_file:
        return name
    return [
        *name,
        f"evaluation.evaluation_fn = @{metric.evaluation_fn}",
        "evaluation.random_seed = 0",
        "dataset.name = 'auto'",
        f"{metric.evaluation_fn}.num_train = {num_train}",
    ]
