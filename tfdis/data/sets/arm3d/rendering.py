"""Draws arm3d with MuJoCo (extra `tfdis[arm]`). Only the processes that draw import it."""

from collections.abc import Sequence

import numpy as np

from tfdis.data.sets.arm3d import scene as scene
from tfdis.data.sets.arm3d.camera import jitter_at, photograph

IMAGE_SIZE = 64


class ArmRenderer:
    """Draws images of one rendering and one grid; holds an OpenGL context until closed.

    Args:
        name: one of `arm3d_scene.RENDERINGS`.
        factor_sizes: numbers of values of the seven factors.
    """

    def __init__(self, name: str, factor_sizes: Sequence[int]):
        import mujoco

        self._rendering = scene.RENDERINGS[name]
        self._model = mujoco.MjModel.from_xml_string(scene.scene_xml(self._rendering))
        self._data = mujoco.MjData(self._model)
        self._forward = mujoco.mj_forward
        self._renderer = mujoco.Renderer(self._model, IMAGE_SIZE, IMAGE_SIZE)
        flags = self._renderer.scene.flags
        flags[mujoco.mjtRndFlag.mjRND_SHADOW] = self._rendering.is_realistic
        flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        self._angles = [
            _angles(*ends, size)
            for ends, size in zip(
                (scene.HORIZONTAL_RANGE, scene.VERTICAL_RANGE), factor_sizes[5:], strict=True
            )
        ]
        self._object_geoms = self._find_object_geoms()
        self._camera_poses = self._model.cam_pos.copy(), self._model.cam_quat.copy()
        self._light_directions = self._model.light_dir.copy()

    def __enter__(self) -> "ArmRenderer":
        return self

    def __exit__(self, *_) -> None:
        self._renderer.close()

    def render(self, indices: np.ndarray, factors: np.ndarray) -> np.ndarray:
        """Draws images: uint8 `[num, 64, 64, 3]`.

        Args:
            indices: `[num]` image indices, which determine the jitter of a photograph.
            factors: integers `[num, 7]`.
        """
        images = np.empty((len(factors), IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
        for image, index, row in zip(images, indices, factors, strict=True):
            self._pose(*(int(value) for value in row))
            jitter = None
            if self._rendering.has_camera:
                jitter = jitter_at(index)
                self._apply(jitter, int(row[3]))
            self._renderer.update_scene(self._data, camera=f"camera-{int(row[3])}")
            self._renderer.render(out=image)
            if jitter is not None:
                image[...] = photograph(image, jitter)
        return images

    def _find_object_geoms(self):
        """Indices of the geoms of each object, by (shape, size)."""
        model = self._model
        geoms = {}
        for size in range(len(scene.SIZES)):
            for shape, name in enumerate(self._rendering.shapes):
                body = model.body(f"{name}-{size}").id
                geoms[shape, size] = np.flatnonzero(model.geom_bodyid == body)
        return geoms

    def _pose(self, colour, shape, size, _, background, horizontal, vertical):
        model = self._model
        colours, backgrounds = self._rendering.colours, scene.BACKGROUNDS
        model.mat("object").rgba[:3] = list(colours.values())[colour]
        model.mat("background").rgba[:3] = list(backgrounds.values())[background]
        for key, geoms in self._object_geoms.items():
            # Without a material, an alpha of 0 keeps a geom from being drawn.
            is_shown = key == (shape, size)
            model.geom_matid[geoms] = model.mat("object").id if is_shown else -1
            model.geom_rgba[geoms, 3] = float(is_shown)
        self._data.qpos[:] = np.deg2rad([self._angles[0][horizontal], self._angles[1][vertical]])
        self._forward(model, self._data)

    def _apply(self, jitter, camera):
        """Moves the camera and the key light (the first)."""
        model = self._model
        model.cam_pos[:] = self._camera_poses[0]
        model.cam_pos[camera] += jitter.camera_offset
        model.cam_quat[:] = self._camera_poses[1]
        model.cam_quat[camera] = _rolled(model.cam_quat[camera], jitter.camera_roll)
        model.light_dir[:] = self._light_directions
        direction = model.light_dir[0] + jitter.light_offset
        model.light_dir[0] = direction / np.linalg.norm(direction)
        self._forward(model, self._data)


def _angles(lowest, highest, num_values):
    """Evenly spaced angles, ends included; a single one is the middle."""
    return np.linspace(lowest, highest, num_values) if num_values > 1 else [(lowest + highest) / 2]


def _rolled(quaternion, degrees):
    """A camera's orientation after a turn about its own line of sight (the local z)."""
    half = np.deg2rad(degrees) / 2
    w, x, y, z = quaternion
    c, s = np.cos(half), np.sin(half)
    return np.array([w * c - z * s, x * c + y * s, y * c - x * s, w * s + z * c])
