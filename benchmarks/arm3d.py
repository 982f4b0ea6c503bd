"""arm3d: images per CPU second of each rendering, and the contact sheet of the documentation.

MUJOCO_GL=egl python benchmarks/arm3d.py --sheet=docs/arm3d.png

The sheet has one block for each rendering, with one row for each factor (four of its values); the images
are unchanged.
"""

import os
import sys
import time

import numpy as np
from absl import app, flags
from PIL import Image

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("LP_NUM_THREADS", "1")

_NUM_FRAMES = flags.DEFINE_integer("num_frames", 100, "Frames to time.", lower_bound=1)
_SHEET = flags.DEFINE_string("sheet", "", "PNG file to write; none by default.")
_COLUMNS = 4
_GAP = 8
_BASE = (2, 0, 1, 1, 1, 3, 2)


def _block(renderer, sizes: tuple[int, ...]) -> np.ndarray:
    """One row for each factor: `[7 * 64, 4 * 64, 3]`."""
    rows = []
    for factor, size in enumerate(sizes):
        row = np.tile(_BASE, (_COLUMNS, 1))
        row[:, factor] = np.arange(_COLUMNS) % size
        rows.append(row)
    factors = np.concatenate(rows)
    images = renderer.render(np.arange(len(factors)), factors)
    grid = images.reshape(len(sizes), _COLUMNS, *images.shape[1:])
    return grid.transpose(0, 2, 1, 3, 4).reshape(len(sizes) * 64, _COLUMNS * 64, 3)


def main(_) -> None:
    from tfdis.data.sets.arm3d.arm3d import largest_factor_sizes
    from tfdis.data.sets.arm3d.rendering import ArmRenderer
    from tfdis.data.sets.arm3d.scene import RENDERINGS

    blocks = []
    for name in RENDERINGS:
        sizes = (*largest_factor_sizes(name)[:5], _COLUMNS, _COLUMNS)
        random_state = np.random.RandomState(0)
        shape = (_NUM_FRAMES.value, len(sizes))
        factors = np.floor(random_state.uniform(size=shape) * sizes).astype(int)
        with ArmRenderer(name, sizes) as renderer:
            blocks += [_block(renderer, sizes), np.full((7 * 64, _GAP, 3), 255, np.uint8)]
            start = time.process_time()
            renderer.render(np.arange(len(factors)), factors)
            print(f"{name}: {len(factors) / (time.process_time() - start):.0f} frames a CPU second")
    if _SHEET.value:
        sheet = np.concatenate(blocks[:-1], axis=1)
        Image.fromarray(sheet).save(_SHEET.value, optimize=True)


if __name__ == "__main__":
    app.run(main)
