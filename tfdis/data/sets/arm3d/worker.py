"""A process that draws arm3d: `python -m tfdis.data.sets.arm3d.worker NAME SIZES FILE OFFSET`.

It writes a line "ready", then for each line "START STOP" of its input draws these images into their
place in the file, syncs it, and answers with the same line. It ends with its input.
"""

import os
import sys

import numpy as np

from tfdis.data.sets.arm3d.rendering import ArmRenderer
from tfdis.data.state_space import FactorStateSpace


def main(arguments: list[str]) -> None:
    """Draws what the input asks for, until it ends."""
    name, sizes, path, offset = arguments
    space = FactorStateSpace([int(size) for size in sizes.split("x")])
    with ArmRenderer(name, space.factor_sizes) as renderer, open(path, "r+b") as file:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            start, stop = map(int, line.split())
            indices = np.arange(start, stop)
            images = renderer.render(indices, space.factors_of(indices))
            file.seek(int(offset) + start * images[0].nbytes)
            file.write(images)
            file.flush()
            os.fsync(file.fileno())
            sys.stdout.write(line)
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
