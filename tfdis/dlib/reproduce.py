"""A model of one of disentanglement_lib's studies: trained, drawn, postprocessed and scored."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfdis.dlib.model_step import Step
from tfdis.dlib.pipeline import Pipeline, Training, run_pipeline
from tfdis.dlib.studies import model_config
from tfdis.dlib.train import train


def steps_of(study: Any) -> tuple[list[Step], list[Step]]:
    """Postprocessings and metrics of a study with the seeds that disentanglement_lib gives them.

    All seeds are drawn whether or not a step is done already: `RandomState(0)`, first one for every
    postprocessing, then one for every metric on every postprocessing.
    """
    random_state = np.random.RandomState(0)

    def step(kind, input_dir, output_dir, config):
        seed = random_state.randint(2**32)
        bindings = f"{kind}.random_seed = {seed}", f"{kind}.name = '{Path(config).stem}'"
        return Step(output_dir, input_dir, config, bindings)

    configs = sorted(study.get_postprocess_config_files())
    folders = [os.path.join("postprocessed", Path(config).stem) for config in configs]
    postprocessings = [
        step("postprocess", "model", folder, config)
        for folder, config in zip(folders, configs, strict=True)
    ]
    metrics = [
        step(
            "evaluation",
            folder,
            os.path.join("metrics", Path(folder).name, Path(config).stem),
            config,
        )
        for folder in folders
        for config in sorted(study.get_eval_config_files())
    ]
    return postprocessings, metrics


def reproduce(
    study: Any,
    output_dir: str,
    model_num: int = 0,
    model_dir: str | None = None,
    overwrite: bool = False,
    gin_bindings: Sequence[str] = (),
    evaluation_bindings: Sequence[str] = (),
    keep_codes: bool = True,
) -> None:
    """Does all that disentanglement_lib's `dlib_reproduce` does with a model of a study.

    Writes `model`, `visualizations`, `postprocessed/<p>` and `metrics/<p>/<m>`. Every folder
    appears whole; started again with the same arguments, it does not repeat what is complete. The
    gin configuration of this process is cleared.

    Args:
        study: one of disentanglement_lib's study objects; see `tfdis.dlib.studies.find_study`.
        output_dir: path of the folder to write.
        model_num: number of the model in the study.
        model_dir: path of a trained model to use instead of training one.
        overwrite: whether what an earlier call wrote to the folder is deleted.
        gin_bindings: gin lines that override the model's.
        evaluation_bindings: gin lines that override the metrics'.
        keep_codes: whether codes are kept in `postprocessed/<p>/codes`, for later commands.

    Raises:
        FileExistsError: the folder holds something else.
        ValueError: no such model, or a wrong binding; nothing was written then.

    Example:
        >>> from tfdis.dlib.studies import find_study
        >>> study = find_study("unsupervised_study_v1")
        >>> reproduce(study, "output", model_num=600)  # doctest: +SKIP
    """
    bindings, file = model_config(study, model_num)
    postprocessings, metrics = steps_of(study)
    training = Training(train, file, [*bindings, *gin_bindings])
    pipeline = Pipeline(
        training=training if model_dir is None else None,
        model_dir=model_dir,
        postprocessings=postprocessings,
        metrics=metrics,
        evaluation_bindings=evaluation_bindings,
    )
    run_pipeline(pipeline, output_dir, overwrite, keep_codes)
