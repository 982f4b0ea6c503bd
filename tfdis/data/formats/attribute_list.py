"""Lists of binary attributes of pictures, -1 or 1, as CelebA publishes them."""

import csv
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error


def read_attributes(path: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Reads `list_attr_celeba.txt`, or the csv of the mirrors with the header `image_id,...`.

    Returns:
        File names of the pictures, names of the attributes, and their values 0 or 1, int64
        `[num_images, num_attributes]`.

    Raises:
        ValueError: the file is no such list.
    """
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".csv":
        header, *rows = list(csv.reader(text.splitlines()))
        names = [name.strip() for name in header[1:]]
    else:
        count, header, *rows = text.splitlines()
        names, rows = header.split(), [row.split() for row in rows if row.strip()]
        if count.strip() != str(len(rows)):
            raise archive_error(path, f"{count.strip()} rows", f"{len(rows)}")
    if not rows or any(len(row) != len(names) + 1 for row in rows):
        raise archive_error(path, f"rows of a file name and {len(names)} attributes", "others")
    try:
        values = np.array([row[1:] for row in rows], dtype=np.int64)
    except ValueError as error:
        raise archive_error(path, "attributes of -1 or 1", str(error)) from error
    if not np.isin(values, (-1, 1)).all():
        raise archive_error(path, "attributes of -1 or 1", f"{np.unique(values)[:5].tolist()}")
    return [row[0] for row in rows], names, (values + 1) // 2
