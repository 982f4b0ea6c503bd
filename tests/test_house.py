"""The rules of the house: who may import whom, what stays out of the library, what stays unloaded."""

import ast
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tfdis

ROOT = Path(__file__).resolve().parent.parent
# A room may import the rooms of columns to its left, and itself.
COLUMNS = (
    ("configuration", "files", "ops"),
    ("registry",),
    ("networks", "objectives", "data"),
    ("models", "features"),
    ("training",),
    ("export",),
    ("runs",),
    ("dlib", "analysis"),
    ("evaluation",),
    ("plots",),
    ("report",),
    ("sweeps",),
    ("cli",),
    ("bin",),
)
COLUMN_OF = {room: column for column, rooms in enumerate(COLUMNS) for room in rooms}
# Within a room, a wing may import the wings to its left. Files that are in no wing are the first of data,
# which they say what it is, and the last of dlib, which they join.
WINGS = {
    "data": ("", "formats", "store", "download", "sets", "splits", "streams", "matrices"),
    "dlib": ("stack", "scoring", "reasoning", ""),
}
# Package -> the only room that may import it; None: no room may.
KEPT_TO = {
    "disentanglement_lib": "dlib",
    "matplotlib": "plots",
    "seaborn": "plots",
    "tf_keras": "dlib",
    "tensorflow_probability.layers": None,
}
HEAVY = {
    "keras",
    "matplotlib",
    "numba",
    "pyarrow",
    "ray",
    "sklearn",
    "tensorflow",
    "tensorflow_hub",
    "tensorflow_probability",
}


def imported_names(source: str, package: str) -> Iterator[tuple[int, str]]:
    """Yields (line, dotted name) of everything that a file imports, also inside functions.

    Counted too: `importlib.import_module("name")`, and attributes of what was imported, as
    `tfdis.models` after `import tfdis`.

    Args:
        source: text of the file.
        package: dotted name of the package that the file is in, for relative imports.
    """
    tree = ast.parse(source)
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            first = node.args[0]
            if isinstance(first, ast.JoinedStr) and first.values:
                first = first.values[0]
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        if isinstance(node, ast.Attribute) and getattr(value, "id", None) in aliases:
            yield node.lineno, f"{aliases[value.id]}.{node.attr}"


def breaches(source: str, room: str, package: str) -> list[str]:
    """What in a file breaks the rules of imports, as `line: reason`."""
    found = []
    for line, name in imported_names(source, package):
        parts = name.split(".")
        if parts[0] == "tfdis" and len(parts) > 1 and not parts[1].startswith("__"):
            other = parts[1]
            if other not in COLUMN_OF:
                found.append(f"{line}: {name} (import public names from their room)")
            elif other != room and COLUMN_OF[other] >= COLUMN_OF[room]:
                found.append(f"{line}: {name} (room {room} is not to the right of {other})")
            elif room == "bin" and other != "cli":
                found.append(f"{line}: {name} (bin only calls tfdis.cli)")
        for kept, owner in KEPT_TO.items():
            if (name == kept or name.startswith(kept + ".")) and room != owner:
                found.append(f"{line}: {name} (only {owner or 'nobody'} imports it)")
    return found


def _library_files() -> list[Path]:
    return sorted(path for path in (ROOT / "tfdis").rglob("*.py"))


def _room_and_package(path: Path) -> tuple[str, str]:
    parts = path.relative_to(ROOT).parts
    return (parts[1] if len(parts) > 2 else "tfdis"), ".".join(parts[:-1])


def test_every_folder_of_the_library_is_a_room():
    folders = {path.parent.name for path in (ROOT / "tfdis").glob("*/*.py")}
    assert folders <= set(COLUMN_OF)
    loose = {path.name for path in (ROOT / "tfdis").glob("*.py")}
    assert loose == {"__init__.py", "registry.py"}


def _wing(parts: tuple[str, ...]) -> int | None:
    """Place among the wings of its room of (room, wing or file, ...)."""
    wings = WINGS.get(parts[0], ())
    if not wings:
        return None
    return wings.index(parts[1] if len(parts) > 1 and parts[1] in wings else "")


def wing_breaches(source: str, parts: tuple[str, ...]) -> list[str]:
    """What in a file at `parts`, as ("data", "sets", "mpi3d"), imports a wing to its right."""
    found = []
    for line, name in imported_names(source, ".".join(("tfdis", *parts[:-1]))):
        other = tuple(name.split("."))
        is_wing = other[:2] == ("tfdis", parts[0]) and len(other) > 2
        if is_wing and _wing(other[1:]) > _wing(parts):
            found.append(f"{line}: {name}")
    return found


@pytest.mark.long
def test_no_wing_imports_to_its_right():
    found = []
    for path in _library_files():
        parts = path.relative_to(ROOT / "tfdis").with_suffix("").parts
        if parts[0] in WINGS:
            reasons = wing_breaches(path.read_text(encoding="utf-8"), parts)
            found += [f"{path.relative_to(ROOT)}:{reason}" for reason in reasons]
    assert found == []
    source = "from tfdis.data.sets.mpi3d import MPI3D"
    assert wing_breaches(source, ("data", "store", "x")) and wing_breaches(source, ("data", "x"))
    assert not wing_breaches(source, ("data", "sets", "x"))


@pytest.mark.parametrize("room", WINGS)
def test_every_folder_of_a_room_with_wings_is_a_wing(room):
    folders = {path.parent.name for path in (ROOT / "tfdis" / room).glob("*/*.py")}
    assert folders == set(WINGS[room]) - {""}


def test_no_room_imports_to_its_right():
    found = []
    for path in _library_files():
        room, package = _room_and_package(path)
        if room != "tfdis":
            reasons = breaches(path.read_text(encoding="utf-8"), room, package)
            found += [f"{path.relative_to(ROOT)}:{reason}" for reason in reasons]
    assert found == []


def test_binaries_only_call_cli():
    found = []
    for path in sorted((ROOT / "bin").iterdir()):
        found += [f"{path.name}:{reason}" for reason in breaches(path.read_text(), "bin", "bin")]
    assert found == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("ops", "from tfdis.models import VAE"),
        ("ops", "def f():\n    import tfdis.cli.train"),
        ("data", "from tfdis.networks.conv import conv_encoder"),
        ("data", "from tfdis import models"),
        ("data", "from tfdis import VAE"),
        ("models", "from ..training import train"),
        ("models", "from .. import training"),
        ("models", "import tfdis\nx = tfdis.training.train"),
        ("models", "import importlib\nimportlib.import_module('tfdis.training.train')"),
        ("models", "import importlib\nimportlib.import_module(f'tfdis.export.{x}')"),
        ("plots", "from tfdis.report import build"),
        ("report", "import matplotlib.pyplot"),
        ("report", "from tfdis.sweeps import studies"),
        ("evaluation", "import disentanglement_lib.evaluation"),
        ("cli", "def main():\n    from disentanglement_lib.utils import results"),
        ("cli", "import matplotlib.pyplot as plt"),
        ("dlib", "import matplotlib"),
        ("models", "import tf_keras as keras"),
        ("models", "from tensorflow_probability import layers"),
        ("models", "import tensorflow_probability as tfp\nlayer = tfp.layers.DenseVariational"),
        ("bin", "from tfdis.training.train import train"),
    ],
)
def test_the_checker_sees_a_breach(room, source):
    assert len(breaches(source, room, f"tfdis.{room}")) == 1


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("models", "import tfdis\nfrom tfdis.ops import gaussian\nprint(tfdis.__version__)"),
        ("models", "from . import vae\nfrom .vae import VAE\nfrom ..ops import gaussian"),
        ("models", "import tensorflow_probability as tfp\nd = tfp.distributions.Normal"),
        ("dlib", "import disentanglement_lib"),
        ("plots", "from matplotlib.figure import Figure\nfrom tfdis.export import whole"),
        ("report", "from tfdis.plots import curves\nfrom tfdis.evaluation import score"),
        ("cli", "from tfdis.plots import curves\nfrom tfdis.sweeps import studies"),
        ("bin", "import sys\nfrom tfdis.cli.train import main"),
    ],
)
def test_the_checker_lets_good_imports_pass(room, source):
    assert breaches(source, room, f"tfdis.{room}") == []


def forbidden_statements(source: str, may_print: bool) -> list[int]:
    """Lines with an `assert`, or with a `print` unless it is allowed."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        is_print = isinstance(node, ast.Name) and node.id == "print"
        if isinstance(node, ast.Assert) or (is_print and not may_print):
            lines.append(node.lineno)
    return lines


@pytest.mark.long
def test_no_assert_and_no_print_in_the_library():
    found = []
    for path in _library_files():
        source = path.read_text(encoding="utf-8")
        # A command may print what it was asked for.
        may_print = _room_and_package(path)[0] == "cli"
        lines = forbidden_statements(source, may_print)
        found += [f"{path.relative_to(ROOT)}:{line}" for line in lines]
    assert found == []
    assert forbidden_statements("def f(x):\n    assert x\n    print(x)", may_print=False) == [2, 3]


def shared_generators(source: str) -> list[str]:
    """Generators of random numbers that functions of a module draw from, each where the last one stopped."""
    tree = ast.parse(source)
    generators = {
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).endswith(("default_rng", "RandomState", "Random"))
    }
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    names = {node.id for f in functions for node in ast.walk(f) if isinstance(node, ast.Name)}
    return sorted(generators & names)


@pytest.mark.long
def test_no_test_draws_what_depends_on_the_tests_before_it():
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if (names := shared_generators(path.read_text(encoding="utf-8")))
    }
    assert found == {}
    module = "RNG = np.random.default_rng(0)\nX = RNG.normal()\n"
    assert shared_generators(module) == []
    assert shared_generators(module + "def test_it():\n    RNG.normal()") == ["RNG"]


# Every script in a fork of a process that has imported nothing of ours.
SHOW_HELP = """
import json, os, runpy, sys
for script in sys.argv[1:]:
    if os.fork() == 0:
        out = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = [script, "--help"]
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as end:
            packages = sorted({name.partition(".")[0] for name in sys.modules})
            os.write(out, json.dumps([script, end.code, packages]).encode() + b"\\n")
        finally:
            os._exit(0)
    os.wait()
"""


def loaded_packages(*scripts: Path) -> dict[str, set[str]]:
    """Top-level packages that Python scripts imported to answer --help, by the script's name."""
    command = [sys.executable, "-c", SHOW_HELP, *map(str, scripts)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    ended = [json.loads(line) for line in process.stdout.splitlines()]
    assert [end[:2] for end in ended] == [[str(script), 0] for script in scripts], process.stderr
    return {Path(script).name: {*packages} for script, _, packages in ended}


@pytest.mark.long
def test_importing_tfdis_loads_nothing_heavy_and_that_would_be_seen(tmp_path):
    (tmp_path / "light").write_text("import tfdis; raise SystemExit(0)")
    (tmp_path / "heavy").write_text("import sklearn; raise SystemExit(0)")
    loaded = loaded_packages(tmp_path / "light", tmp_path / "heavy")
    assert "tfdis" in loaded["light"] and loaded["light"] & HEAVY == set()
    assert "sklearn" in loaded["heavy"] & HEAVY


@pytest.mark.long
def test_help_loads_nothing_heavy():
    loaded = loaded_packages(*sorted((ROOT / "bin").iterdir()))
    assert all("tfdis" in packages for packages in loaded.values())
    assert {
        command: packages & HEAVY for command, packages in loaded.items() if packages & HEAVY
    } == {}


@pytest.mark.long
def test_every_public_name_is_there_and_in_the_docs():
    page = (ROOT / "docs" / "api.md").read_text()
    missing = []
    for name in sorted(set(tfdis.__all__) - {"__version__"}):
        summary = inspect.getdoc(getattr(tfdis, name)).splitlines()[0].replace("|", r"\|")
        line = f"| `tfdis.{name}` | {summary} |"
        missing += [line] if line not in page else []
    assert missing == []


def test_every_model_term_and_likelihood_is_a_public_name():
    from tfdis import models, objectives

    of_rooms = [*models.__all__, *(n for n in objectives.__all__ if n[0].isupper())]
    assert set(of_rooms) - {"MODELS"} <= set(tfdis.__all__)


def test_the_rooms_of_the_table_of_contents_are_those_on_disk():
    on_disk = {path.parent.name for path in (ROOT / "tfdis").glob("*/__init__.py")}
    assert set(dir(tfdis)) - set(tfdis.__all__) == on_disk - {"cli"}


def test_every_folder_of_modules_is_a_package():
    """setup.py installs packages alone."""
    folders = {path.parent for path in (ROOT / "tfdis").rglob("*.py")}
    assert {folder for folder in folders if not (folder / "__init__.py").is_file()} == set()


@pytest.mark.parametrize(
    "stub", sorted((ROOT / "tfdis").rglob("*.pyi")), ids=lambda path: path.parent.name
)
def test_names_of_a_stub_are_resolved_and_passed_on(stub):
    """Only `import x as x` passes a name on, and a name is where the stub says."""
    package = importlib.import_module(".".join(stub.parent.relative_to(ROOT).parts))
    imports = [
        node for node in ast.parse(stub.read_text()).body if isinstance(node, ast.ImportFrom)
    ]
    assert imports and all(node.level == 1 for node in imports)
    for node in imports:
        for alias in node.names:
            assert alias.name == alias.asname
            if node.module:
                module = importlib.import_module(f"{package.__name__}.{node.module}")
                assert getattr(package, alias.name) is getattr(module, alias.name)
