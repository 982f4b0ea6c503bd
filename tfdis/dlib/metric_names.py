"""Metrics by name: the gin files of disentanglement_lib's study, and what else gin knows."""

import difflib
import os
from collections.abc import Sequence

from tfdis.dlib.commands import find_config, find_configs

_FOLDER = "unsupervised_study_v1/metric_configs"
_FURTHER_FILES = ("sample/irs/irs.gin", "fairness_study_v1/metric_configs/fairness.gin")
# As papers and `tfdis.evaluation.score` call them -> disentanglement_lib's file.
_SHORT = {
    "beta_vae": "beta_vae_sklearn",
    "factor_vae": "factor_vae_metric",
    "modularity": "modularity_explicitness",
    "sap": "sap_score",
}
# In `all` these come first: they need most images, and the others then find them encoded.
_FIRST = ("beta_vae_sklearn", "factor_vae_metric")
_NOT_IN_ALL = ("fairness",)


def metric_files() -> dict[str, str]:
    """Name -> gin file of each metric that disentanglement_lib ships.

    Example:
        >>> os.path.basename(metric_files()["mig"])
        'mig.gin'
    """
    paths = find_configs(f"{_FOLDER}/*.gin")
    paths += [find_config(path) for path in _FURTHER_FILES]
    return {os.path.splitext(os.path.basename(path))[0]: path for path in sorted(paths)}


def metrics_by_name(
    names: Sequence[str],
    output_dir: str,
    others: Sequence[str] = (),
    num_train: int = 10000,
    gin_bindings: Sequence[str] = (),
) -> list[tuple[str | None, str, list[str]]]:
    """What `commands.evaluate_all` takes, for metrics by name.

    Args:
        names: of metrics; "all" are those of disentanglement_lib's study, irs, and `others`.
        output_dir: folder in which each metric gets a folder of its name.
        others: gin names of further metrics, which draw `num_train` samples.
        num_train: samples for these.
        gin_bindings: further gin lines, for all of them.

    Returns:
        (gin file or None, output folder, gin bindings) for each metric.

    Raises:
        ValueError: if there is no such metric.
    """
    files = metric_files()
    if "all" in names:
        names = [*files, *others]
        names = [*_FIRST, *(name for name in names if name not in (*_FIRST, *_NOT_IN_ALL))]
    names = list(dict.fromkeys(_SHORT.get(name, name) for name in names))
    known = [*files, *others]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, [*known, *_SHORT], n=1)
            hint = f" Fix: did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"Expected names of metrics, of {', '.join(sorted(known))}, or all. "
                f"Received: {name!r}.{hint}"
            )

    def bindings(name):
        own = [f"evaluation.name = '{name}'"]
        if name not in files:
            own += [f"evaluation.evaluation_fn = @{name}", "evaluation.random_seed = 0"]
            own += ["dataset.name = 'auto'", f"{name}.num_train = {num_train}"]
        return [*own, *gin_bindings]

    return [(files.get(name), os.path.join(output_dir, name), bindings(name)) for name in names]
