"""left_out.json: why some metrics of a representation have no folder."""

import json
import os

from tfdis.files.json_object import read_object
from tfdis.files.whole import write_text_whole

FILE_NAME = "left_out.json"


def read_left_out(folder: str | os.PathLike) -> dict[str, str]:
    """Reasons by metric, for those left out in a folder `metrics/<representation>`.

    Raises:
        DamagedFileError: the file is damaged.
    """
    path = os.path.join(folder, FILE_NAME)
    if not os.path.isfile(path):
        return {}
    return {str(name): str(reason) for name, reason in read_object(path).items()}


class LeftOut:
    """The metrics that one evaluation left out, noted in the file beside their folders.

    Attributes:
        reasons: reasons by name of metric.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def note(self, output_dir: str, reason: str | None) -> None:
        """Notes whether a metric was left out.

        Args:
            output_dir: path of the metric's folder.
            reason: reason why it was left out; None if it was not.
        """
        folder, metric = os.path.split(os.path.abspath(output_dir))
        if reason is not None:
            self.reasons[metric] = reason
        before = read_left_out(folder)
        after = {name: text for name, text in before.items() if name != metric}
        if reason is not None:
            after[metric] = reason
        if after == before:
            return
        text = json.dumps(after, indent=2, sort_keys=True)
        write_text_whole(os.path.join(folder, FILE_NAME), text)
