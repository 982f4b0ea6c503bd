"""The options that all gin roots of training share: `runtime`, and each root's own names for them."""

import gin
import pytest
import tensorflow as tf

from tfdis.configuration import configured
from tfdis.training import finetune, train
from tfdis.training.options import OPTIONS_WITHOUT_EFFECT
from tfdis.training.run_folder import RunFolder
from tfdis.training.runtime import Runtime, runtime_of

ROOTS = {"model": train.train, "finetune": finetune.finetune}


@pytest.mark.parametrize("root", ROOTS)
def test_an_option_is_said_for_all_roots_or_for_one(root):
    with configured(bindings=["runtime.precision = 'mixed_bfloat16'", "runtime.log_steps = 7"]):
        assert runtime_of(root, {"threads": 1}) == Runtime("mixed_bfloat16", threads=1, log_steps=7)
    with configured(bindings=[f"{root}.precision = 'mixed_float16'"]):
        assert gin.query_parameter(f"{root}.precision") == "mixed_float16"
    with configured(bindings=[f"{root}.threads = 2", "runtime.threads = 2"]):
        assert runtime_of(root, {"threads": 2}).threads == 2


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize(
    ("bindings", "given", "error", "message"),
    [
        (
            ["{}.threads = 1", "runtime.threads = 2"],
            {"threads": 1},
            ValueError,
            "{}.threads and ru",
        ),
        ([], {"threads": -1}, ValueError, r"{}.threads.*-1"),
        (["runtime.threads = -1"], {}, ValueError, r"runtime.threads.*-1"),
        (["runtime.strategy = 'all'"], {}, ValueError, "runtime.strategy .*mirrored.*'all'"),
        ([], {"precision": "float64"}, ValueError, "{}.precision .*'float64'"),
        (
            [],
            {"log_steps": 3, "steps_per_execution": 2},
            ValueError,
            "divide {}.log_steps.*2 and 3",
        ),
        ([], {"treads": 1}, TypeError, "options of {}.*treads"),
    ],
)
def test_bad_options_name_the_place_that_they_are_from(root, bindings, given, error, message):
    with (
        configured(bindings=[line.format(root) for line in bindings]),
        pytest.raises(error, match=message.format(root)),
    ):
        runtime_of(root, given)


@pytest.mark.parametrize("root", ROOTS)
def test_gin_refuses_what_is_no_option_of_the_root(root):
    with pytest.raises(ValueError, match="treads"), configured(bindings=[f"{root}.treads = 1"]):
        pass


def _prepared(path, config):
    folder = RunFolder(path, config, False)
    with folder.held():
        folder.prepare()


@pytest.mark.parametrize("option", OPTIONS_WITHOUT_EFFECT)
def test_a_run_may_be_resumed_with_other_options_that_change_no_result(option, tmp_path):
    _prepared(tmp_path / "run", f"model.{option} = 1\nvae.beta = 1.0\n")
    RunFolder(tmp_path / "run", f"runtime.{option} = 2\nvae.beta = 1.0\n", False)
    with pytest.raises(FileExistsError, match="vae.beta"):
        RunFolder(tmp_path / "run", f"runtime.{option} = 2\nvae.beta = 2.0\n", False)


def test_precision_is_another_run_and_so_are_the_intervals_that_a_plateau_counts(tmp_path):
    config = "model.precision = 'float32'\nmodel.log_steps = 5\n"
    _prepared(tmp_path / "run", config)
    with pytest.raises(FileExistsError, match="model.precision"):
        RunFolder(tmp_path / "run", config.replace("float32", "mixed_bfloat16"), False)
    config += "model.plateau = @learning_rate_plateau()\nmodel.threads = 2\n"
    _prepared(tmp_path / "plateau", config)
    RunFolder(tmp_path / "plateau", config.replace("threads = 2", "threads = 1"), False)
    with pytest.raises(FileExistsError, match="model.log_steps"):
        RunFolder(tmp_path / "plateau", config.replace("log_steps = 5", "log_steps = 6"), False)


def test_threads_are_limited_before_tensorflow_starts_and_a_later_limit_is_said(
    monkeypatch, warnings_given
):
    asked = []
    threading = tf.config.threading
    monkeypatch.setattr(threading, "set_intra_op_parallelism_threads", asked.append)
    Runtime().limit_threads()
    Runtime(threads=3).limit_threads()
    assert asked == [3] and not warnings_given

    def started(number):
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(threading, "set_intra_op_parallelism_threads", started)
    Runtime(threads=3).limit_threads()
    assert len(warnings_given) == 1 and "number of threads, 3," in warnings_given[0]
