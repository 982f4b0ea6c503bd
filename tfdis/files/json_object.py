"""Reads a JSON file that holds one object, and says of another which file it is and what is wrong."""

import json
import os
from pathlib import Path
from typing import Any


class DamagedFileError(ValueError):
    """A file that cannot be used.

    Attributes:
        path: path of the file.
        reason: what is wrong with it.
    """

    def __init__(self, path: str | os.PathLike, reason: str):
        super().__init__(f"{os.fspath(path)}: {reason}")
        self.path, self.reason = Path(path), reason


def read_object(path: str | os.PathLike) -> dict[str, Any]:
    """Reads a JSON file that holds one object.

    Args:
        path: path of the file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: the file cannot be read, or holds something else.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedFileError(path, error.strerror or type(error).__name__) from error
    except UnicodeDecodeError as error:
        raise DamagedFileError(path, f"is not UTF-8 text (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(path, f"is not JSON ({error})") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise DamagedFileError(path, f"expected an object, received a {kind}")
    return content
