"""The error for a file that does not hold what it should."""

import os

WRONG_KEY_FIX = "download it again, or, if it is your own, give one of these names as the key"


def archive_error(
    path: str | os.PathLike,
    expected: str,
    received: str,
    fix: str = "download it again (if it is your own, write it again), or move it away",
) -> ValueError:
    """The error for an archive that is not what it should be."""
    return ValueError(
        f"Expected {path} to hold {expected}. Received: {received}. The file was left as it is. "
        f"Fix: {fix}."
    )


def damaged_error(path: str | os.PathLike, kind: str, error: Exception) -> ValueError:
    """The error for an archive that the library which reads it finds truncated or damaged."""
    received = f"{os.path.getsize(path)} bytes, truncated or damaged ({error})"
    return archive_error(path, f"a complete {kind}", received)
