"""The challenge's protocol as a study: seeds share one finetuning and one extraction, controls are beside."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tfdis import registry
from tfdis.report.challenge import METHOD, PIXELS, RANDOM, STUDY, scoring_lines
from tfdis.sweeps.jobs import EXTRACT_JOB, FINETUNE_JOB
from tfdis.sweeps.point import POINTS, Point

if TYPE_CHECKING:
    from tfdis.runs.challenge import ChallengeConfig

# Gin lines of the method, and of the control with random weights.
_ON_FEATURES = {METHOD: (), RANDOM: ("WEIGHTS = None",)}


@registry.study(STUDY)
def challenge(
    gin_files: Sequence[str] = (), gin_bindings: Sequence[str] = (), seeds: Sequence[int] = (0,)
) -> Iterator[Point]:
    """The method of a gin file of the challenge, and both of its controls.

    Args:
        gin_files: gin files that bind `challenge`, such as `gin/papers/stage2/arm3d.gin`.
        gin_bindings: further gin lines, for all steps.
        seeds: seeds of the VAE.

    Raises:
        ValueError: no gin file, a wrong binding, or a data set with a factor that does not vary.

    References:
        As for `paper_stage1` and `paper_stage2`.
    """
    from tfdis.runs.challenge import check_factors, read_challenge_config, step_bindings

    if not gin_files:
        raise ValueError(
            "Expected --study=challenge with a --gin_file of the challenge, for example "
            "gin/papers/stage1/arm3d.gin. Received: none."
        )
    config = read_challenge_config(gin_files, gin_bindings)
    check_factors([*config.data, *gin_files], gin_bindings)
    lines = tuple(step_bindings(gin_bindings))
    for system, own in _ON_FEATURES.items():
        yield from system_points(system, config, gin_files, (*lines, *own), seeds)
    on_pixels = Point(PIXELS, (*config.pixels, *config.data, *gin_files), lines)
    yield from _seeds(on_pixels, seeds, config.scoring)


def system_points(
    name: str,
    config: "ChallengeConfig",
    gin_files: Sequence[str],
    lines: Sequence[str],
    seeds: Sequence[int],
) -> Iterator[Point]:
    """What one system trains: its finetuning, if there is one, its extraction, and a VAE for each seed.

    Args:
        name: name of the system, with which the names of its points begin.
        config: gin files of each step.
        gin_files: gin files of the challenge, which every step parses after its own.
        lines: gin lines of every step.
        seeds: seeds of the VAE.
    """
    before = list(_shared(name, config, gin_files, tuple(lines)))
    yield from before
    features = before[-1].name
    trained = Point(
        name,
        (*config.vae, *gin_files),
        (*lines, f"FEATURES = '{POINTS}/{features}/features'"),
        needs=(features,),
    )
    yield from _seeds(trained, seeds, config.scoring)


def _shared(
    system: str, config: "ChallengeConfig", gin_files: Sequence[str], lines: Sequence[str]
) -> Iterator[Point]:
    """The finetuning, if there is one, and the extraction."""
    needs = ()
    if config.finetune:
        tuned = Point(
            f"{system},finetuned", (*config.finetune, *gin_files), tuple(lines), job=FINETUNE_JOB
        )
        yield tuned
        needs = (tuned.name,)
        lines = (*lines, f"extraction.extractor = '{POINTS}/{tuned.name}/finetuned'")
    yield Point(
        f"{system},features",
        (*config.data, *config.extractor, *gin_files),
        tuple(lines),
        needs=needs,
        job=EXTRACT_JOB,
    )


def _seeds(point: Point, seeds: Sequence[int], scoring: Sequence[str]) -> Iterator[Point]:
    """A point for each seed, scored as the challenge scores."""
    for name, lines in scoring_lines(scoring).items():
        point = point.with_metrics([name], lines)
    for seed in seeds:
        yield dataclasses.replace(
            point,
            name=f"{point.name},seed={seed}",
            bindings=(*point.bindings, f"model.random_seed = {seed}"),
        )
