"""disentanglement_lib's evaluation and postprocessing, with folders that are whole or absent."""

import contextlib
import importlib
import os
from collections.abc import Sequence
from pathlib import Path

from absl import logging
from tqdm import tqdm

from tfdis.configuration import warn_of_unused
from tfdis.dlib.scoring.encode_once import encoding_once
from tfdis.dlib.scoring.left_out import LeftOut
from tfdis.dlib.scoring.metric_needs import NotComputableError
from tfdis.dlib.scoring.module_codes import ModuleCodes
from tfdis.dlib.scoring.trees.fitted_by import write_fitted_by
from tfdis.dlib.stack.compat import DLIB
from tfdis.dlib.stack.importing import install
from tfdis.dlib.step import is_done, run_step
from tfdis.export.run import Run
from tfdis.files.whole import check_vacant


def evaluate(
    input_dir: str,
    output_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
    encode_once: bool = True,
    codes: ModuleCodes | None = None,
    keep_codes: bool = True,
) -> None:
    """Scores a representation with disentanglement_lib's own `evaluate`.

    The gin configuration of this process plays no part, and is left as it was.

    Args:
        input_dir: path of a folder with `tfhub` (signature `representation`) and `results`.
        output_dir: path of the folder to write, which gets the `results` of the input and of the
            step "evaluation".
        gin_config_files: gin files of one metric; see `find_config`.
        gin_bindings: further gin lines.
        overwrite: whether an existing folder is replaced, once the new one is complete.
        encode_once: True gives metrics codes in place of images, each image encoded at most once,
            seeds boosted trees with `evaluation.random_seed`, and fits models on all cores. False
            runs disentanglement_lib's driver as it is. The scores are the same.
        codes: codes of this module from earlier metrics; images that those encoded are not encoded
            again.
        keep_codes: whether codes are kept in `<input_dir>/codes`, for other processes to read;
            without effect where `codes` are given, which know it themselves.

    Raises:
        FileExistsError: `output_dir` exists and `overwrite` is False.
        FileNotFoundError: there is no module or no such gin file.
        ValueError: the module is not a representation or has codes that are not finite, a gin name
            is unknown, or the data set or the number of samples do not suffice.

    Example:
        >>> evaluate(
        ...     "runs/btc/postprocessed/mean",
        ...     "runs/btc/metrics/mean/mig",
        ...     ["unsupervised_study_v1/metric_configs/mig.gin"],
        ... )  # doctest: +SKIP
    """
    check_vacant(output_dir, overwrite)
    known = (codes or ModuleCodes(input_dir, keep_codes)) if encode_once else None
    arguments = (gin_config_files, gin_bindings, overwrite, known)
    warn_of_unused(_evaluate(input_dir, output_dir, *arguments))


def _evaluate(
    input_dir, output_dir, gin_config_files, gin_bindings, overwrite, codes
) -> dict[str, list[str]]:
    """Does what `evaluate` does, without codes dlib's driver as it is; returns its unused bindings."""
    install()
    if codes is None:
        # Checked before the data set is read, which may take long.
        Run(Path(input_dir)).signature("representation")
    from disentanglement_lib.evaluation import evaluate as dlib_evaluate

    with contextlib.nullcontext(()) if codes is None else encoding_once(codes) as fitted_here:

        def step(module_dir, folder, overwrite_folder):
            dlib_evaluate.evaluate(module_dir, folder, overwrite_folder)
            write_fitted_by(folder, fitted_here)

        return run_step(step, output_dir, overwrite, gin_config_files, gin_bindings, input_dir)


def evaluate_all(
    input_dir: str,
    metrics: Sequence[tuple[str | None, str, Sequence[str]]],
    overwrite: bool = False,
    encode_once: bool = True,
    go_on: bool = False,
    keep_codes: bool = True,
) -> dict[str, str]:
    """Scores a representation with many metrics; no image is encoded twice.

    A metric that has no value for these codes and factors (for example the gap between the two best
    latents if there is a single latent) is left out: nothing is written, and the reason is logged
    and kept in the file `left_out.json` beside the metrics' folders.

    Args:
        input_dir: path of a folder with `tfhub` (signature `representation`) and `results`.
        metrics: tuples (gin file or None, output folder, gin bindings), one for each metric; see
            `metric_runs`.
        overwrite: whether existing folders are replaced.
        encode_once: whether metrics get codes in place of images; see `evaluate`.
        go_on: whether to skip metrics that already have the scores of this representation and of
            the same settings.
        keep_codes: whether codes are kept for other processes; see `evaluate`.

    Returns:
        The reason for each metric that is left out, by its name.

    Raises:
        NotComputableError: no metric has a value.
        FileExistsError: an output folder exists and `overwrite` is False; nothing is done then.
        FileNotFoundError: as for `evaluate`.
        ValueError: as for `evaluate`. The metrics before the one that fails are written.
    """
    if go_on and not overwrite:
        metrics = _without_finished(input_dir, metrics)
    for _, output_dir, _ in metrics:
        check_vacant(output_dir, overwrite)
    if not metrics:
        return {}
    codes = ModuleCodes(input_dir, keep_codes) if encode_once else None
    left_out = LeftOut()
    unused = []
    with tqdm(metrics, desc="metrics", unit="metric") as progress:
        for path, output_dir, bindings in progress:
            progress.set_postfix_str(os.path.basename(output_dir))
            files = [] if path is None else [path]
            try:
                arguments = (files, bindings, overwrite, codes)
                unused.append(_evaluate(input_dir, output_dir, *arguments))
                reason = None
            except NotComputableError as error:
                # The first line alone: gin adds lines about its call.
                reason = str(error).splitlines()[0]
                logging.warning("%s is left out: %s", os.path.basename(output_dir), reason)
                # The metric that failed may be the one that needed these bindings.
                unused.append({})
            left_out.note(output_dir, reason)
    warn_of_unused(unused_by_all(unused))
    if len(left_out.reasons) == len(metrics):
        raise NotComputableError(
            "Expected codes and factors that a metric can be computed on. Received for "
            + "; for ".join(f"{name}: {reason}" for name, reason in left_out.reasons.items())
        )
    return left_out.reasons


def _without_finished(input_dir, metrics):
    """The metrics that have not been computed before; logs which ones were."""
    install()
    importlib.import_module(f"{DLIB}.evaluation.evaluate")  # Imported so that gin knows its names.
    left = [
        (path, output_dir, bindings)
        for path, output_dir, bindings in metrics
        if not is_done(input_dir, output_dir, [path] if path else [], bindings)
    ]
    done = [os.path.basename(run[1]) for run in metrics if run not in left]
    if done:
        logging.info("Computed before, with the same settings: %s.", ", ".join(done))
    return left


def unused_by_all(unused: Sequence[dict[str, list[str]]]) -> dict[str, list[str]]:
    """Bindings that no metric used, since all metrics get them."""
    if not unused:
        return {}
    return {
        name: meant for name, meant in unused[0].items() if all(name in other for other in unused)
    }


def postprocess(
    model_dir: str,
    output_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Extracts a representation with disentanglement_lib's own `postprocess`.

    The gin configuration of this process plays no part, and is left as it was.

    Args:
        model_dir: path of a folder with `tfhub` (signature `gaussian_encoder`) and `results`.
        output_dir: path of the folder to write: `tfhub` with the signature `representation`, and
            `results`.
        gin_config_files: gin files of one postprocessing; see `find_config`.
        gin_bindings: further gin lines.
        overwrite: whether an existing folder is replaced, once the new one is complete.

    Raises:
        FileExistsError: `output_dir` exists and `overwrite` is False.
        FileNotFoundError: there is no module or no such gin file.
        ValueError: the module has no Gaussian encoder, or a gin name is unknown.
    """
    install()
    check_vacant(output_dir, overwrite)
    Run(Path(model_dir)).signature("gaussian_encoder")
    from disentanglement_lib.postprocessing import postprocess as dlib_postprocess

    step = dlib_postprocess.postprocess
    arguments = (output_dir, overwrite, gin_config_files, gin_bindings, model_dir)
    warn_of_unused(run_step(step, *arguments))
