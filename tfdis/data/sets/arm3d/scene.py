"""The scene of arm3d as MuJoCo XML: a two-joint arm, its objects, cameras, lights, materials.

Lengths are metres, angles degrees, z is up. The arm turns about z by the horizontal angle (0 points
at the cameras) and rises by the vertical angle (0 is level). The object sits at its tip.
"""

import dataclasses

import numpy as np

COLOURS = {
    "white": (0.93, 0.93, 0.91),
    "green": (0.13, 0.70, 0.22),
    "red": (0.85, 0.10, 0.09),
    "blue": (0.13, 0.30, 0.90),
    "brown": (0.50, 0.27, 0.11),
    "olive": (0.68, 0.66, 0.10),
}
UNSEEN_COLOURS = {
    "orange": (0.98, 0.50, 0.06),
    "magenta": (0.80, 0.14, 0.62),
    "cyan": (0.20, 0.76, 0.82),
    "pink": (0.96, 0.60, 0.74),
}
BACKGROUNDS = {
    "purple": (0.48, 0.22, 0.62),
    "sea green": (0.16, 0.56, 0.44),
    "salmon": (0.92, 0.50, 0.42),
}
SIZES = (0.125, 0.19)
CAMERA_ELEVATIONS = (6.0, 28.0, 55.0)
HORIZONTAL_RANGE = (-90.0, 90.0)
VERTICAL_RANGE = (-20.0, 70.0)

_CAMERA_DISTANCE = 3.1
_LOOK_AT_HEIGHT = 0.5
_SHOULDER_HEIGHT = 0.5
_LINK_LENGTH = 0.58

# Each geom in units of the object's size, in the frame of the arm's tip (x along the arm).
SHAPES = {
    "cube": ['type="box" size="{.8} {.8} {.8}"'],
    "sphere": ['type="sphere" size="{1}"'],
    "cylinder": ['type="cylinder" size="{.6} {1.1}"'],
    "cone": ['type="mesh" mesh="cone"'],
    "pyramid": ['type="mesh" mesh="pyramid"'],
    "hexagon": ['type="mesh" mesh="hexagon"'],
}
UNSEEN_SHAPES = {
    "mug": [
        'type="cylinder" size="{.65} {.75}"',
        'type="capsule" fromto="{.5} 0 {.5} {1.15} 0 {.5}" size="{.14}"',
        'type="capsule" fromto="{1.15} 0 {.5} {1.15} 0 {-.5}" size="{.14}"',
        'type="capsule" fromto="{.5} 0 {-.5} {1.15} 0 {-.5}" size="{.14}"',
    ],
    "dumbbell": [
        'type="capsule" fromto="0 {-.8} 0 0 {.8} 0" size="{.25}"',
        'type="sphere" size="{.6}" pos="0 {-.85} 0"',
        'type="sphere" size="{.6}" pos="0 {.85} 0"',
    ],
    "corner": [
        'type="box" size="{.35} {.35} {1}"',
        'type="box" size="{.7} {.35} {.35}" pos="{.7} 0 {-.65}"',
    ],
    "jack": [
        'type="capsule" fromto="{-.9} 0 0 {.9} 0 0" size="{.27}"',
        'type="capsule" fromto="0 {-.9} 0 0 {.9} 0" size="{.27}"',
        'type="capsule" fromto="0 0 {-.9} 0 0 {.9}" size="{.27}"',
    ],
}


@dataclasses.dataclass(frozen=True)
class Rendering:
    """How a set of images is drawn.

    Attributes:
        shapes: geoms of each object, by the object's name.
        colours: red, green and blue in [0, 1] of each object colour, by the colour's name.
        is_realistic: whether there are shadows, textures, highlights and anti-aliasing; flat
            otherwise.
        has_camera: whether the scene is seen through a camera: jitter of light and pose, then
            `camera`.
    """

    shapes: dict
    colours: dict
    is_realistic: bool
    has_camera: bool


RENDERINGS = {
    "arm3d_toy": Rendering(SHAPES, COLOURS, False, False),
    "arm3d_realistic": Rendering(SHAPES, COLOURS, True, False),
    "arm3d_real": Rendering(SHAPES, COLOURS, True, True),
    "arm3d_real_difficult": Rendering(UNSEEN_SHAPES, UNSEEN_COLOURS, True, True),
}


def camera_pose(elevation: float) -> tuple[np.ndarray, np.ndarray]:
    """Position `[3]` and right and up axes `[6]` of the camera at an elevation in degrees."""
    angle = np.deg2rad(elevation)
    backwards = np.array([np.cos(angle), 0.0, np.sin(angle)])
    up = np.array([-np.sin(angle), 0.0, np.cos(angle)])
    position = np.array([0.0, 0.0, _LOOK_AT_HEIGHT]) + _CAMERA_DISTANCE * backwards
    return position, np.concatenate([[0.0, 1.0, 0.0], up])


def scene_xml(rendering: Rendering) -> str:
    """The whole scene with all objects; drawing makes those invisible that are not wanted."""
    bodies = "\n".join(
        _object_xml(f"{name}-{size_index}", geoms, size)
        for size_index, size in enumerate(SIZES)
        for name, geoms in rendering.shapes.items()
    )
    cameras = "\n".join(
        f'<camera name="camera-{index}" pos="{_numbers(position)}" xyaxes="{_numbers(axes)}" '
        'fovy="38"/>'
        for index, (position, axes) in enumerate(map(camera_pose, CAMERA_ELEVATIONS))
    )
    quality = "realistic" if rendering.is_realistic else "flat"
    return f"""
<mujoco model="arm3d">
  {_VISUALS[quality]}
  <asset>
    {_MATERIALS[quality]}
    {_MESHES}
  </asset>
  <worldbody>
    {_LIGHTS[quality]}
    {cameras}
    {_STAGE}
    <body name="arm" pos="0 0 {_SHOULDER_HEIGHT}">
      <joint name="horizontal" axis="0 0 1"/>
      <geom type="cylinder" size=".115 .07" material="joint" mass="1"/>
      <body>
        <joint name="vertical" axis="0 -1 0"/>
        <geom type="capsule" fromto="0 0 0 {_LINK_LENGTH} 0 0" size=".05" material="link" mass="1"/>
        <geom type="box" pos="{_LINK_LENGTH} 0 0" size=".03 .09 .06" material="joint" mass="1"/>
        {bodies}
      </body>
    </body>
  </worldbody>
</mujoco>"""


def _object_xml(name, geoms, size):
    """A body at the tip, touching the gripper, with the geoms scaled to the size."""
    is_large = size == SIZES[-1]
    lines = [
        f'<geom material="object" mass="0" {_scaled(geom, size, is_large)}/>' for geom in geoms
    ]
    position = _LINK_LENGTH + 0.03 + 0.75 * size
    return f'<body name="{name}" pos="{position:.4f} 0 0">{"".join(lines)}</body>'


def _scaled(geom, size, is_large):
    pieces = geom.replace('mesh="', f'mesh="{"large" if is_large else "small"}-').split("{")
    scaled = [pieces[0]]
    for piece in pieces[1:]:
        number, rest = piece.split("}", 1)
        scaled.append(f"{float(number) * size:.4f}{rest}")
    return "".join(scaled).replace('type="mesh" large', 'type="mesh"')


def _numbers(values):
    return " ".join(f"{value:.6f}" for value in np.ravel(values))


def _mesh_vertices():
    """Corners of the convex objects, in units of the size."""
    circle = np.deg2rad(np.arange(0, 360, 15))
    hexagon = np.deg2rad(np.arange(0, 360, 60))

    def ring(angles, radius, height):
        return np.stack(
            [radius * np.cos(angles), radius * np.sin(angles), np.full(len(angles), height)], 1
        )

    square = np.deg2rad([45, 135, 225, 315])
    return {
        "cone": np.vstack([ring(circle, 0.95, -0.9), [[0, 0, 1.2]]]),
        "pyramid": np.vstack([ring(square, 1.25, -0.8), [[0, 0, 1.15]]]),
        "hexagon": np.vstack([ring(hexagon, 1.1, -0.42), ring(hexagon, 1.1, 0.42)]),
    }


_MESHES = "\n".join(
    f'<mesh name="{label}-{name}" vertex="{_numbers(size * vertices)}"/>'
    for name, vertices in _mesh_vertices().items()
    for label, size in zip(("small", "large"), SIZES, strict=True)
)

_STAGE = """
    <geom type="plane" size="12 12 1" material="floor"/>
    <geom type="cylinder" size="1.12 .05" pos="0 0 .05" material="background"/>
    <geom type="cylinder" size=".82 .06" pos="0 0 .06" material="table"/>
    <geom type="cylinder" size=".11 .2" pos="0 0 .25" material="link"/>"""

_VISUALS = {
    "flat": """
  <visual>
    <headlight ambient=".62 .62 .62" diffuse=".38 .38 .38" specular="0 0 0"/>
    <quality offsamples="0" shadowsize="64"/>
    <map znear=".05" zfar="40"/>
  </visual>""",
    "realistic": """
  <visual>
    <headlight ambient=".22 .22 .24" diffuse=".08 .08 .08" specular="0 0 0"/>
    <quality offsamples="4" shadowsize="512"/>
    <map znear=".05" zfar="40"/>
  </visual>""",
}

_MATERIALS = {
    "flat": """
    <texture type="skybox" builtin="flat" width="8" height="8" rgb1=".10 .11 .14" rgb2=".10 .11 .14"/>
    <material name="floor" rgba=".20 .21 .24 1" specular="0"/>
    <material name="table" rgba=".36 .37 .40 1" specular="0"/>
    <material name="background" specular="0"/>
    <material name="link" rgba=".70 .71 .74 1" specular="0"/>
    <material name="joint" rgba=".27 .28 .31 1" specular="0"/>
    <material name="object" specular="0"/>""",
    "realistic": """
    <texture type="skybox" builtin="gradient" width="64" height="64" rgb1=".23 .24 .28"
      rgb2=".05 .05 .07"/>
    <texture name="boards" type="2d" builtin="checker" width="256" height="256" rgb1=".30 .27 .24"
      rgb2=".24 .21 .19" mark="random" markrgb=".36 .33 .30" random=".06"/>
    <texture name="cloth" type="2d" builtin="flat" width="256" height="256" rgb1=".42 .42 .44"
      rgb2=".4 .4 .4" mark="random" markrgb=".30 .30 .33" random=".18"/>
    <texture name="metal" type="2d" builtin="gradient" width="64" height="64" rgb1=".82 .83 .86"
      rgb2=".52 .53 .57"/>
    <material name="floor" texture="boards" texrepeat="10 10" texuniform="false" specular=".1"/>
    <material name="table" texture="cloth" texrepeat="3 3" specular=".1"/>
    <material name="background" specular=".25" shininess=".3"/>
    <material name="link" texture="metal" specular=".9" shininess=".7"/>
    <material name="joint" rgba=".16 .16 .18 1" specular=".6" shininess=".5"/>
    <material name="object" specular=".5" shininess=".45"/>""",
}

_LIGHTS = {
    "flat": "",
    "realistic": """
    <light name="key" pos="1.6 -1.6 3.2" dir="-.42 .42 -.8" directional="true" castshadow="true"
      diffuse=".78 .76 .70" specular=".6 .6 .55" ambient="0 0 0"/>
    <light name="fill" pos="1.5 2.5 2" dir="-.5 -.7 -.5" directional="true" castshadow="false"
      diffuse=".22 .24 .30" specular=".1 .1 .1" ambient="0 0 0"/>""",
}
