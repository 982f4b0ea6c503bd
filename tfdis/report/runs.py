"""Reads runs with their scores from results folders."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from tfdis.configuration import unquoted
from tfdis.dlib.scoring.left_out import FILE_NAME, read_left_out
from tfdis.export.run import Run
from tfdis.files.json_object import DamagedFileError
from tfdis.report.read import Unreadable, find_results
from tfdis.report.scores import metric_name, numbers_of, reference_name

NOT_STATED = "not stated"
_REPRESENTATIONS = {"mean_representation": "mean", "sampled_representation": "sampled"}


@dataclasses.dataclass
class ScoredRun:
    """A trained model with one of its representations and the scores of that.

    Attributes:
        folder: path of the run's folder, the one that has `metrics`.
        name: name of the run in tables: its folder, below the folder that all runs share.
        config: gin bindings of training and postprocessing, as text.
        data_set: data set that the run was scored on, or trained on if it was not scored.
        trained_on: data set that the run was trained on.
        provenance: provenance of the images: "original", "re-rendered", "generated", or "not
            stated", as in results that disentanglement_lib wrote.
        representation: "mean", "sampled", or another name; empty if there is none.
        seed: seed of the training.
        train_uuid: uuid of the training; empty if not stated.
        scores: values by `<metric>/<score>`.
        settings: gin bindings of each metric, by its name.
        evaluations: uuids of the evaluations.
    """

    folder: Path
    config: dict[str, str]
    data_set: str = NOT_STATED
    trained_on: str = NOT_STATED
    provenance: str = NOT_STATED
    representation: str = ""
    seed: str = NOT_STATED
    train_uuid: str = ""
    name: str = ""
    scores: dict[str, float] = dataclasses.field(default_factory=dict)
    settings: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    evaluations: set[str] = dataclasses.field(default_factory=set)

    @property
    def model(self) -> str:
        """Name of the model."""
        return reference_name(self.config.get("model.model", "")) or NOT_STATED


def collect_runs(
    roots: Sequence[str | os.PathLike],
) -> tuple[list[ScoredRun], list[Unreadable], list[str]]:
    """Reads every run at or below some folders.

    Evaluations belong to the same run if they hold the same training (its uuid), representation and
    data set; so a copy of a run is not counted twice.

    Args:
        roots: paths of folders of runs.

    Returns:
        Runs, what could not be read, and what else a reader has to know.

    Raises:
        FileNotFoundError, NotADirectoryError: a root is missing, or is no folder.
        ValueError: there are no results at all, or none that can be read.
    """
    unreadable: list[Unreadable] = []
    runs: dict[tuple, ScoredRun] = {}
    trained: list[ScoredRun] = []
    notes: list[str] = []
    folders = find_results(roots, unreadable)
    for folder in folders:
        try:
            steps = Run(folder.parent).steps()
            if not steps:
                notes.append(
                    f"{folder} has no results of train, postprocess or evaluation: left out."
                )
                continue
            run = _run_of(folder, steps)
            if "evaluation" in steps:
                identity = (run.train_uuid or run.folder, run.representation, run.data_set)
                run = runs.setdefault(identity, run)
                _add_scores(run, folder, steps["evaluation"], notes)
            elif "postprocess" not in steps and "model.model" in run.config:
                trained.append(run)
        except DamagedFileError as error:
            unreadable.append(Unreadable(error.path, error.reason))
    found = [*runs.values(), *_unscored(runs.values(), trained, notes)]
    _note_left_out(runs.values(), unreadable, notes)
    if not found:
        raise ValueError(_nothing(roots, unreadable))
    _name(found)
    return found, unreadable, notes


def _note_left_out(runs, unreadable, notes):
    """Notes why metrics of scored runs have no score."""
    for folder in dict.fromkeys(run.folder / "metrics" / run.representation for run in runs):
        try:
            for metric, reason in read_left_out(folder).items():
                notes.append(f"{folder / metric} is left out: {reason}")
        except (OSError, ValueError) as error:
            unreadable.append(Unreadable(folder / FILE_NAME, str(error)))


def _nothing(roots, unreadable):
    where = ", ".join(map(str, roots))
    expected = "Expected folders with results of bin/train, bin/evaluate or disentanglement_lib"
    if unreadable:
        first = unreadable[0]
        return (
            f"{expected}. Received: {where}, in which none of {len(unreadable)} can be read, first "
            f"{first.path} ({first.reason})."
        )
    return f"{expected} (.../results/json/*.json). Received: {where}, without any."


def run_folder(results: Path) -> tuple[Path, str]:
    """Folder of the run of a results folder, and name of the representation or "".

    Example:
        >>> run_folder(Path("runs/btc/metrics/mean/mig/results"))[0].as_posix()
        'runs/btc'
        >>> run_folder(Path("runs/0/model/results"))[0].as_posix()
        'runs/0'
    """
    step = results.parent
    if step.parent.parent.name == "metrics":
        return step.parent.parent.parent, step.parent.name
    if step.parent.name == "postprocessed":
        return step.parent.parent, step.name
    return (step.parent if step.name == "model" else step), ""


def _run_of(folder, steps):
    root, representation = run_folder(folder)
    train, postprocess, evaluation = (
        steps.get(step, {"config": {}, "results": {}})
        for step in ("train", "postprocess", "evaluation")
    )
    config = {**train["config"], **postprocess["config"]}
    config = {_option_name(str(binding)): str(value) for binding, value in config.items()}
    function = reference_name(config.get("postprocess.postprocess_fn", ""))
    trained_on = unquoted(train["config"].get("dataset.name", NOT_STATED))
    data_set = unquoted(evaluation["config"].get("dataset.name", trained_on))
    data_set = trained_on if data_set == "auto" else data_set
    provenance = train["results"].get("dataset_provenance", NOT_STATED)
    return ScoredRun(
        folder=root,
        config=config,
        data_set=data_set,
        trained_on=trained_on,
        provenance=str(provenance) if data_set == trained_on else NOT_STATED,
        representation=_REPRESENTATIONS.get(function, function) or representation,
        seed=unquoted(train["config"].get("model.random_seed", NOT_STATED)),
        train_uuid=str(train["results"].get("uuid", "")),
    )


def _option_name(binding):
    """One name for a training option that gin files give under its own name or as `runtime`."""
    root, dot, option = binding.partition(".")
    return f"model.{option}" if dot and root == "runtime" else binding


def _add_scores(run, folder, evaluation, notes):
    config = {str(name): str(value) for name, value in evaluation["config"].items()}
    uuid = str(evaluation["results"].get("uuid", folder))
    if uuid in run.evaluations:
        return
    numbers = numbers_of(evaluation["results"])
    if not numbers:
        raise DamagedFileError(folder / "json" / "evaluation_results.json", "holds no scores")
    run.evaluations.add(uuid)
    metric = metric_name(config) or folder.parent.name
    if metric in run.settings:
        seeds = [found.get("evaluation.random_seed") for found in (config, run.settings[metric])]
        again = f"{metric} (seed {seeds[0]})"
        if seeds[0] == seeds[1] or again in run.settings:
            notes.append(f"{folder.parent} scores {metric} of {run.folder} again: left out.")
            return
        metric = again
    run.settings[metric] = config
    run.scores |= {f"{metric}/{name}": value for name, value in numbers.items()}


def _unscored(scored, trained, notes):
    """Trained runs without scores; notes which others were trained again since they were scored."""
    known = {run.train_uuid for run in scored if run.train_uuid}
    by_folder = {run.folder.resolve(): run for run in scored}
    for run in trained:
        other = by_folder.get(run.folder.resolve())
        if other is None and (not run.train_uuid or run.train_uuid not in known):
            yield run
        elif other is not None and other.train_uuid != run.train_uuid:
            notes.append(f"{run.folder} was trained again since it was scored.")


def _name(runs):
    folders = [str(run.folder.resolve()) for run in runs]
    shared = os.path.commonpath(folders)
    if shared in folders:
        shared = os.path.dirname(shared)
    for run, folder in zip(runs, folders, strict=True):
        run.name = Path(os.path.relpath(folder, shared)).as_posix()
