"""What a report reads of the folder of a study: name, commands, how far its points are, what made them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tfdis.files.json_object import read_object

STUDY_FILE = "study.json"
POINTS_FOLDER = "points"
# In the folder of each point.
VERSIONS_FILE = "versions.json"


def read_study(folder: Path) -> tuple[str, dict[str, bool]]:
    """Name of a study, and whether each point that is to be scored has all of its scores.

    Args:
        folder: folder of the study.

    Raises:
        OSError, ValueError: the study's list of points cannot be read.
    """
    content = read_object(folder / STUDY_FILE)
    try:
        steps = [step["output_dir"] for step in content["steps"]]
        points = {
            point["name"]: [steps[number] for number in point["metrics"]]
            for point in content["points"]
        }
        name = content["study"]
    except (LookupError, TypeError) as error:
        raise ValueError(f"it describes no points ({error!r})") from error
    place = folder / POINTS_FOLDER
    return name, {
        point: all((place / point / metric).is_dir() for metric in metrics)
        for point, metrics in points.items()
        if metrics
    }


def study_of(folder: str | Path) -> dict[str, Any]:
    """Name and commands of the study whose folder this is, as `study` and `commands`; {} if it is none.

    Raises:
        DamagedFileError: the file that says so cannot be read.
    """
    path = Path(folder) / STUDY_FILE
    if not path.is_file():
        return {}
    found = read_object(path)
    return {"study": str(found.get("study", "")), "commands": list(found.get("commands", []))}


def made_with(folders: Iterable[Path]) -> dict[str, str]:
    """What the runs in some folders were made with; several values of one package are joined by commas.

    Args:
        folders: folders of points of a study; those of other runs say nothing.
    """
    values: dict[str, dict[str, None]] = {}
    for folder in dict.fromkeys(folders):
        path = folder / VERSIONS_FILE
        for name, value in read_object(path).items() if path.is_file() else ():
            values.setdefault(name, {})[str(value)] = None
    return {name: ", ".join(found) for name, found in values.items()}
