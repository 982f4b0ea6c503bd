"""What type checkers see of `import tfdis`: every public name, with its own type."""

import ast
from importlib import resources
from pathlib import Path

import tfdis

STUB = Path(tfdis.__file__).with_suffix(".pyi")


def test_the_stub_says_statically_where_public_names_come_from():
    """`import a as a` is how a stub says that a name is public."""
    found = {
        (node.module, alias.name)
        for node in ast.parse(STUB.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    public = {(module, name) for module, names in tfdis._PUBLIC.items() for name in names.split()}
    assert found == public | {("tfdis", room) for room in tfdis._ROOMS}


def test_the_package_says_that_it_is_typed():
    assert resources.files("tfdis").joinpath("py.typed").is_file()
