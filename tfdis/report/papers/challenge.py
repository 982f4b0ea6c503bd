"""The challenge's table, of the runs of its study; `bin/challenge` writes the same as `scores.md`."""

import dataclasses
import operator
from collections.abc import Callable, Iterator, Sequence

from tfdis import registry
from tfdis.report.challenge import SCORES, SUM, SYSTEMS, label_of, system_of
from tfdis.report.paper_figures import PaperFigure, groups_of, statistics_table
from tfdis.report.runs import ScoredRun

_COLUMNS = (*SCORES.values(), SUM)


@registry.figures("challenge")
def challenge(runs: Sequence[ScoredRun], describe: Callable) -> Iterator[PaperFigure]:
    """The five scores and their sum, of the method and its controls."""
    scored = [_with_sum(run) for run in runs if {*SCORES.values()} <= {*run.scores}]
    if not scored:
        return
    groups = groups_of(scored, _place, operator.attrgetter("data_set"))
    groups = {(label_of(of[0].folder), data): of for (_, data), of in groups.items()}
    yield PaperFigure(
        name="scores",
        title="Scores of the challenge",
        caption="Means over the seeds of the VAE, which share one extractor; the sum is that of a seed's five "
        "scores.",
        table=statistics_table(groups, ("system", "data set"), _COLUMNS, describe),
        keys=("system", "data set"),
    )


def _with_sum(run: ScoredRun) -> ScoredRun:
    total = sum(run.scores[score] for score in SCORES.values())
    return dataclasses.replace(run, scores=run.scores | {SUM: total})


def _place(run: ScoredRun) -> int:
    """Place of a run's system in the table."""
    return SYSTEMS.index(system_of(run.folder.name))
