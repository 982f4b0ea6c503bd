"""Every command of disentanglement_lib takes its flags: names and kinds of the original scripts."""

import ast
import importlib.metadata
import pathlib

import pytest
from dlib_flags import FLAGS_OF

ROOT = pathlib.Path(__file__).parents[2]


def _defined_flags(source):
    """Name -> kind of every flag that a text of Python defines."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        function = getattr(node, "func", None)
        name = getattr(function, "attr", "")
        if name.startswith("DEFINE_"):
            kind = name.removeprefix("DEFINE_")
            found[node.args[0].value] = "boolean" if kind == "bool" else kind
    return found


@pytest.mark.parametrize("command", FLAGS_OF)
def test_command_has_the_flags_of_the_original(command):
    modules = [command]
    if command.startswith("dlib_train"):
        modules = ["dlib_train"]  # Those of weak and semi-supervision have its flags.
    elif command.startswith("dlib_reproduce"):
        modules.append("paper_pipeline")
    elif command == "dlib_udr":
        modules.append("dlib_evaluate")
    ours = {}
    for module in modules:
        ours |= _defined_flags((ROOT / "tfdis" / "cli" / f"{module}.py").read_text())
    assert FLAGS_OF[command].items() <= ours.items()
    assert (ROOT / "bin" / command).is_file()


def test_all_16_commands_of_the_original_are_here():
    files = importlib.metadata.files("disentanglement-lib") or []
    scripts = {file.name for file in files if file.parent.name == "bin"}
    assert len(FLAGS_OF) == 16 and scripts in (set(), set(FLAGS_OF))


@pytest.mark.parametrize("command", ["dlib_tests", "dlib_train_weakly_supervised", "dlib_udr"])
def test_help_shows_them(start_command, command):
    result = start_command(command, "--help")
    assert result.returncode == 0
    for flag in set(FLAGS_OF[command]) - {"overwrite"}:
        assert f"--{flag}:" in result.stdout


@pytest.mark.parametrize("command", sorted(set(FLAGS_OF) - {"dlib_download_data", "dlib_tests"}))
def test_table_is_what_the_original_scripts_define(command):
    files = importlib.metadata.files("disentanglement-lib") or []
    scripts = [pathlib.Path(file.locate()) for file in files if file.name == command]
    texts = [path.read_text() for path in scripts if path.is_file()]
    if not texts or "DisentanglementLib Authors" not in texts[0]:
        pytest.skip("The original script is not there, or tfdis's is in its place.")
    assert _defined_flags(texts[0]) == FLAGS_OF[command]
