"""The folder of a study, which holds all that is known about it: what it asks for, and how far it is."""

import contextlib
import enum
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tfdis.dlib.scoring.left_out import read_left_out
from tfdis.files.folder import held_folder, is_held
from tfdis.files.json_object import read_object
from tfdis.files.lease import is_leased, leased
from tfdis.files.lock import HIDDEN
from tfdis.files.whole import write_text_whole
from tfdis.report.study import POINTS_FOLDER, STUDY_FILE, study_of
from tfdis.sweeps.jobs import JOBS, TRAIN_JOB
from tfdis.sweeps.point import (
    POINTS,
    Point,
    Step,
    checked_points,
    points_from_json,
    points_to_json,
)

LOG_FILE = "log.txt"
LEASE_FILE = HIDDEN + "lease"
FAILURE_FILE = "failed.json"
TRAIN, SCORE, DRAW = "train", "score", "draw"
STEPS = (TRAIN, SCORE, DRAW)


class State(enum.StrEnum):
    """How far a point has come."""

    DONE = enum.auto()
    RUNNING = enum.auto()
    WAITING = enum.auto()
    FAILED = enum.auto()


class StudyFolder:
    """Paths in a study's folder, and the points that were asked for there.

    Args:
        path: path of the folder.

    Attributes:
        path: absolute path of the folder.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path).absolute()

    @property
    def points_dir(self) -> Path:
        """Folder of the points' folders."""
        return self.path / POINTS_FOLDER

    def at(self, point: Point | str, *parts: str) -> Path:
        """Path of a point's folder, or of something in it."""
        return self.points_dir.joinpath(point if isinstance(point, str) else point.name, *parts)

    def bindings_of(self, point: Point) -> list[str]:
        """The gin lines of a point's training, with paths in this folder."""
        return [line.replace(POINTS, str(self.points_dir)) for line in point.bindings]

    def read(self) -> list[Point]:
        """The points that were asked for.

        Raises:
            FileNotFoundError: no study was started in the folder.
            ValueError: the file that lists them is damaged.
        """
        path = self.path / STUDY_FILE
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected the folder of a study, with {STUDY_FILE}. Received: {self.path}. Fix: give the "
                "study as well, by --study or by --gin_file."
            )
        try:
            return points_from_json(read_object(path))
        except (ValueError, TypeError, LookupError) as error:
            raise ValueError(
                f"Expected a list of points in {path}. Received: a damaged file ({error}). Fix: delete it "
                "and start the study's command again; what is done stays done."
            ) from error

    def write(
        self, name: str, points: Sequence[Point], dry: bool = False, command: str = ""
    ) -> list[Point]:
        """Notes points beside those that were asked for before.

        Args:
            name: name of the study.
            points: its points, or some of them.
            dry: whether points are only checked, and nothing is noted.
            command: text of the command that asks for them; it is noted with new points.

        Returns:
            The points, with all steps that were ever asked for.

        Raises:
            FileExistsError: the folder holds another study, or something else.
        """
        known = self._known(name)
        merged = {point.name: _merged(known.get(point.name), point, self.path) for point in points}
        every = checked_points({**known, **merged}.values())
        if every != list(known.values()) and not dry:
            before = study_of(self.path).get("commands", [])
            commands = [*before, *([command] if command else [])]
            content = {"study": name, "commands": commands} | points_to_json(every)
            write_text_whole(self.path / STUDY_FILE, json.dumps(content))
        return [point for point in every if point.name in merged]

    def _known(self, name: str) -> dict[str, Point]:
        """The points by name; none if the folder is empty."""
        study = study_of(self.path)
        if not study:
            there = [] if not self.path.exists() else sorted(os.listdir(self.path))
            there = [entry for entry in there if not entry.startswith(HIDDEN)]
            if there:
                raise FileExistsError(
                    f"Expected a new or empty folder for the study, or one with {STUDY_FILE}. Received: "
                    f"{self.path}, which holds {', '.join(there[:3])}. Choose another --output_dir."
                )
            return {}
        if study["study"] != name:
            raise FileExistsError(
                f"Expected the folder of the study {name!r}. Received: {self.path}, the folder of "
                f"{study['study']!r}. Choose another --output_dir."
            )
        return {point.name: point for point in self.read()}

    def is_trained(self, name: str) -> bool:
        """Whether the model, or the features, of the point of this name are complete."""
        return any(job.is_done(self.at(name)) for job in JOBS.values())

    def lacks(self, point: Point, steps: Sequence[str] = (TRAIN, SCORE)) -> list[str]:
        """What is still to be done of a point: "model" or what it makes, the folders of other steps.

        Args:
            point: the point.
            steps: kinds of steps that are wanted.
        """
        folder = self.at(point)
        wanted = (
            [JOBS[point.job].folder] if TRAIN in steps and not self.is_trained(point.name) else []
        )
        if SCORE in steps:
            of_scores = [*point.postprocessings, *point.metrics]
            wanted += [step.output_dir for step in of_scores if not self._has(point, step)]
        if DRAW in steps and point.job == TRAIN_JOB and not (folder / "visualizations").exists():
            wanted.append("visualizations")
        return wanted

    def _has(self, point: Point, step: Step) -> bool:
        """Whether a step's folder is there, or a note why it never will be."""
        folder = self.at(point, step.output_dir)
        return folder.exists() or folder.name in read_left_out(folder.parent)

    def failure(self, point: Point | str) -> str | None:
        """The error of the point's last attempt, on one line; None if that did not fail."""
        try:
            content = read_object(self.at(point, FAILURE_FILE))
        except FileNotFoundError:
            return None
        except ValueError:
            return "a damaged note of a failure"
        return str(content.get("error", "unknown"))

    @contextlib.contextmanager
    def held(self, point: Point) -> Iterator[None]:
        """Makes a point's folder, in which no other process on any node works while the body runs.

        Raises:
            InUseError: another process works there.
            OSError: the folder cannot be written.
        """
        with held_folder(self.at(point)) as place, leased(place / LEASE_FILE, str(place)):
            yield

    def is_held(self, point: Point | str) -> bool:
        """Whether a process on some node works in a point's folder."""
        return is_held(self.at(point)) or is_leased(self.at(point, LEASE_FILE))

    def state(self, point: Point, steps: Sequence[str] = (TRAIN, SCORE)) -> State:
        """How far a point has come."""
        if not self.at(point).exists():
            return State.WAITING
        if not self.lacks(point, steps):
            return State.DONE
        if self.is_held(point):
            return State.RUNNING
        return State.WAITING if self.failure(point) is None else State.FAILED


def _merged(before: Point | None, point: Point, folder: Path) -> Point:
    """A point with the steps that it had before, too."""
    if before is None:
        return point
    if before.training != point.training:
        raise FileExistsError(
            f"Expected the same training of the point {point.name} as before. Received: another one: "
            f"{_difference(before, point)}. Choose another --output_dir than {folder}."
        )
    steps = {}
    for step in (*before.postprocessings, *before.metrics):
        steps[step.output_dir] = step
    for step in (*point.postprocessings, *point.metrics):
        if steps.setdefault(step.output_dir, step) != step:
            raise FileExistsError(
                f"Expected the same settings of {step.output_dir} of the point {point.name} as before. "
                f"Received: {', '.join(step.bindings)}. Choose another --output_dir than {folder}."
            )
    kinds = {step.output_dir for step in (*before.postprocessings, *point.postprocessings)}
    return Point(
        point.name,
        *(point.gin_files, point.bindings),
        tuple(step for step in steps.values() if step.output_dir in kinds),
        tuple(step for step in steps.values() if step.output_dir not in kinds),
        point.needs,
        point.steps_as_dlib,
        point.job,
    )


def _difference(before: Point, point: Point) -> str:
    old, new = (
        {*p.gin_files, *p.bindings, *(f"needs {name}" for name in p.needs)} for p in (before, point)
    )
    parts = [f"- {text}" for text in sorted(old - new)] + [
        f"+ {text}" for text in sorted(new - old)
    ]
    return "; ".join(parts) or "another order"
