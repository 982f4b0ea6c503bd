"""What type checkers see of public names: nothing comes out as Any of a decorator that has no types."""

import ast
import inspect
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import tfdis
from tfdis import registry
from tfdis.configuration import configurable
from tfdis.evaluation import metric
from tfdis.training.runtime import gin_root

ROOT = Path(__file__).resolve().parent.parent
# Rooms with a stub of their own.
ROOMS = ("dlib", "export", "plots")
IMPORTS = "".join(f"import tfdis.{room}\n" for room in ROOMS)
NAMES = sorted({*tfdis.__all__} - {"__version__"})
DECORATORS = [
    *(configurable, gin_root, metric, registry.data_set, registry.study, registry.figures),
    *(registry.objective, registry.split, registry.pooling, registry.model),
]
# Decorators of other packages that a type checker knows, or takes for what leaves a class as it is.
KNOWN = {"dataclasses.dataclass", "keras.saving.register_keras_serializable"}
OURS = {"configurable", "gin_root", *(f"registry.{found.__name__}" for found in DECORATORS)}


def decorators_of(found):
    """Names of the decorators in the source of a function or class."""
    tree = ast.parse(inspect.getsource(found)).body[0]
    return {
        ast.unparse(each.func if isinstance(each, ast.Call) else each)
        for each in tree.decorator_list
    }


@pytest.mark.long
def test_decorators_of_public_names_have_types():
    without = {name: decorators_of(getattr(tfdis, name)) - KNOWN - OURS for name in NAMES}
    assert {name: found for name, found in without.items() if found} == {}


@pytest.mark.parametrize("decorator", DECORATORS, ids=lambda found: found.__name__)
def test_a_decorator_gives_back_the_type_that_it_takes(decorator):
    (takes,), gives = typing.get_args(typing.get_type_hints(decorator)["return"])
    assert isinstance(gives, typing.TypeVar) and takes is gives


@pytest.mark.parametrize("name", ["encoder", "decoder", "discriminator", "backbone", "labeller"])
def test_a_decorator_without_arguments_does_so_too(name):
    hints = typing.get_type_hints(getattr(registry, name))
    assert isinstance(hints["return"], typing.TypeVar) and hints["function"] is hints["return"]


@pytest.mark.long
def test_mypy_knows_every_public_name(tmp_path):
    script = tmp_path / "names.py"
    of_rooms = [f"{room}.{name}" for room in ROOMS for name in getattr(tfdis, room).__all__]
    names = [*NAMES, *of_rooms]
    script.write_text(IMPORTS + "".join(f"reveal_type(tfdis.{name})\n" for name in names))
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", "--ignore-missing-imports"]
    result = subprocess.run(
        [*command, f"--cache-dir={tmp_path}", str(script)], cwd=ROOT, capture_output=True, text=True
    )
    revealed = [line for line in result.stdout.splitlines() if "Revealed type is" in line]
    assert len(revealed) == len(names), result.stdout + result.stderr
    vague = [line for line in revealed if line.endswith(('"Any"', '"builtins.type"'))]
    assert vague == []
    assert revealed[NAMES.index("train")].endswith('-> tfdis.training.train.TrainedRun"')
