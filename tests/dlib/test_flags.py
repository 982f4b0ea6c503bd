"""Every command of disentanglement_lib takes its flags: names and kinds of the original scripts."""

import ast
import importlib.metadata
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
GIN = {"gin_config": "multi_string", "gin_bindings": "multi_string"}
TRAIN = {
    "model_dir": "string",
    "gin_model_dir": "string",
    "gin_file_name": "string",
    "overwrite": "boolean",
    **GIN,
}
PIPELINE = {
    "output_directory": "string",
    "model_dir": "string",
    "gin_bindings": "multi_string",
    "gin_model_config_dir": "string",
    "gin_model_config_name": "string",
    "gin_postprocess_config_glob": "string",
    "gin_evaluation_config_glob": "string",
    "overwrite": "boolean",
}
LABELS = {
    "gin_validation_config_glob": "string",
    "pipeline_seed": "integer",
    "eval_seed": "integer",
    "supervised_seed": "integer",
    "num_labelled_samples": "integer",
    "train_percentage": "float",
    "labeller_fn": "string",
}
# Read off the scripts of 1.5, which an installation of tfdis replaces; the last test compares. The
# scripts dlib_download_data and dlib_tests are for a shell and have none.
FLAGS_OF = {
    "dlib_aggregate_results": {"result_file_pattern": "string", "output_path": "string"},
    "dlib_download_data": {},
    "dlib_evaluate": {
        "input_dir": "string",
        "output_dir": "string",
        "gin_evaluation_config_glob": "string",
        "overwrite": "boolean",
        **GIN,
    },
    "dlib_postprocess": {
        "model_dir": "string",
        "output_dir": "string",
        "overwrite": "boolean",
        **GIN,
    },
    "dlib_reason": {
        "input_dir": "string",
        "output_dir": "string",
        "overwrite": "boolean",
        **GIN,
    },
    "dlib_reproduce": {
        "study": "string",
        "output_directory": "string",
        "model_dir": "string",
        "model_num": "integer",
        "only_print": "boolean",
        "overwrite": "boolean",
    },
    "dlib_reproduce_jmlr": {
        **PIPELINE,
        "num_eval": "integer",
        "scores_list": "multi_string",
        "evaluation_num_samples_train": "multi_string",
        "random_seed": "integer",
    },
    "dlib_reproduce_semi_supervised": PIPELINE | LABELS,
    "dlib_reproduce_weakly_supervised": PIPELINE | LABELS,
    "dlib_tests": {},
    "dlib_train": TRAIN,
    "dlib_train_semi_supervised": TRAIN,
    "dlib_train_weakly_supervised": TRAIN,
    "dlib_udr": {
        "model_dirs": "list",
        "output_dir": "string",
        "gin_evaluation_config_glob": "string",
        **GIN,
    },
    "dlib_visualize_dataset": {"name": "string", "path": "string"},
    "dlib_visualize_model": {
        "model_dir": "string",
        "output_dir": "string",
        "overwrite": "boolean",
    },
}


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
