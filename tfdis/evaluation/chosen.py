"""The metrics that a command is asked for, as what `tfdis.dlib.commands.evaluate_all` takes."""

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
    """What `commands.evaluate_all` takes, for metrics by name.

    Args:
        names: names of metrics; "all" stands for those of disentanglement_lib's study, irs, and tfdis's.
        output_dir: folder in which each metric gets a folder of its name.
        num_train: samples that metrics without a file of disentanglement_lib draw.
        gin_bindings: further gin lines, for all of them.

    Returns:
        (gin file or None, output folder, gin bindings) for each metric.

    Raises:
        ValueError: there is no such metric.
    """
    chosen = _all() if "all" in names else [find_metric(name) for name in names]
    return [
        (
            metric.gin_file,
            os.path.join(output_dir, metric.folder),
            [*_bindings(metric, num_train), *gin_bindings],
        )
        for metric in {metric.name: metric for metric in chosen}.values()
    ]


def _all() -> list[Metric]:
    """Those that need most images come first: the others find these encoded."""
    metrics = [metric for metric in METRICS.values() if metric.in_all]
    return sorted(metrics, key=lambda m: (not m.needs_grid, m.gin_file is None, m.folder))


def _bindings(metric, num_train):
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
