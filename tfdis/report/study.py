"""What a report reads of the folder of a study: its name, and how far its points are."""

import json
from pathlib import Path

STUDY_FILE = "study.json"
POINTS_FOLDER = "points"


def read_study(folder: Path) -> tuple[str, dict[str, bool]]:
    """Name of a study, and whether each point that is to be scored has all of its scores.

    Args:
        folder: folder of the study.

    Raises:
        OSError, ValueError: the study's list of points cannot be read.
    """
    content = json.loads((folder / STUDY_FILE).read_text("utf-8"))
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
