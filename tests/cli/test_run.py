"""How commands start and fail."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tfdis.cli.run import is_expected, to_one_line

ROOT = Path(__file__).parents[2]


def _start(body, *arguments):
    """Runs a command whose main has this body, in a process of its own."""
    code = (
        '"""Counts things."""\nfrom absl import flags\nfrom tfdis.cli.run import run_main\n\n'
        'def define_flags():\n    flags.DEFINE_integer("count", 1, "How many.")\n\n'
        "def main(argv):\n    count = flags.FLAGS.count\n"
        + textwrap.indent(textwrap.dedent(body), "    ")
        + "\nrun_main(main, define_flags)\n"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_success():
    result = _start("print(count, argv[1:])", "--count=3")
    assert (result.returncode, result.stdout.strip()) == (0, "3 []")


def test_exit_code_of_main():
    assert _start("return 7").returncode == 7


@pytest.mark.parametrize(
    "raised",
    [
        "ValueError('Expected 1. Received 2.')",
        "FileNotFoundError('Expected 1. Received 2.')",
        "FloatingPointError('Expected 1. Received 2.')",
    ],
)
def test_an_error_for_the_user_is_one_line(raised):
    result = _start(f"raise {raised}")
    assert result.returncode == 1
    assert result.stderr == "error: Expected 1. Received 2.\n"


@pytest.mark.parametrize("raised", ["raise ValueError('Expected 1.')", "raise KeyboardInterrupt"])
def test_the_last_line_does_not_stand_behind_an_open_progress_bar(raised):
    result = _start(f"from tqdm import tqdm\nfor _ in tqdm(range(3)):\n    {raised}")
    last = result.stderr.splitlines()[-1]
    assert last.startswith(("error: Expected 1.", "stopped by SIGINT;"))


def test_traceback_on_request():
    result = _start("raise ValueError('Expected 1.')", "--traceback")
    assert result.returncode == 1
    assert "Traceback" in result.stderr and "ValueError: Expected 1." in result.stderr


def test_a_mistake_in_the_code_keeps_its_traceback():
    result = _start("return {}['key']")
    assert result.returncode == 1
    assert "Traceback" in result.stderr and "KeyError" in result.stderr


@pytest.mark.parametrize(
    ("raised", "code", "name"),
    [
        ("raise KeyboardInterrupt", 130, "SIGINT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", 130, "SIGINT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 143, "SIGTERM"),
    ],
)
def test_signals_end_with_one_line(raised, code, name):
    result = _start(raised)
    line = f"stopped by {name}; the same command can be started again\n"
    assert (result.returncode, result.stderr) == (code, line)


def test_a_signal_lets_others_tidy_up_and_waits_for_no_thread():
    body = """
    import atexit, threading, time
    atexit.register(print, "tidied up")
    threading.Thread(target=time.sleep, args=[100]).start()
    raise KeyboardInterrupt
    """
    result = _start(body)
    assert (result.returncode, result.stdout) == (130, "tidied up\n")


KILL = "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"


def test_a_signal_before_the_command_begins_ends_it_with_one_line():
    code = f"from tfdis.cli.run import run_main\ndef flags():\n    {KILL}\n"
    code += "run_main(lambda argv: print('ran'), flags)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    line = "stopped by SIGTERM; the same command can be started again\n"
    assert (result.returncode, result.stdout, result.stderr) == (143, "", line)


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_while_a_binary_imports_its_command_ends_it_with_one_line(tmp_path, name, code):
    """absl is what every command imports first."""
    (tmp_path / "absl.py").write_text(f"{KILL.replace('SIGTERM', name)}\nprint('went on')\n")
    command = [sys.executable, ROOT / "bin" / "train", "--help"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    line = f"stopped by {name}; the same command can be started again\n"
    assert (result.returncode, result.stdout, result.stderr) == (code, "", line)


@pytest.mark.parametrize("body", ["return 7", "raise ValueError('Expected 1.')"])
def test_a_signal_after_the_work_is_done_changes_nothing(body):
    result = _start(f"import atexit, os, signal\natexit.register(os.kill, os.getpid(), 15)\n{body}")
    assert result.returncode == (7 if "7" in body else 1) and "stopped" not in result.stderr


def test_a_second_signal_does_not_stop_the_clean_up():
    body = """
    import os, signal
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        print("cleaned up")
    """
    result = _start(body)
    assert (result.returncode, result.stdout) == (143, "cleaned up\n")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            "--cuont=3",
            "Expected a flag of this command. Received: --cuont. Fix: did you mean --count? "
            "--help lists the flags.",
        ),
        (
            "--xyz",
            "Expected a flag of this command. Received: --xyz. Fix: --help lists the flags.",
        ),
        (
            "--count=three",
            "Expected a value that the flag can have. Received: --count=three: invalid literal for "
            "int() with base 10: 'three'. Fix: --help lists the flags.",
        ),
        (
            "stray",
            "Expected flags only, --name=value. Received: stray. Fix: --help lists the flags.",
        ),
    ],
)
def test_a_bad_argument_is_named(argument, message):
    result = _start("print('ran')", argument)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"error: {message}\n"


def test_a_flag_that_is_missing_is_named():
    code = (
        "from absl import flags\nfrom tfdis.cli.run import run_main\n"
        "run_main(print, lambda: flags.DEFINE_string('name', None, '', required=True))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    message = "error: Expected --name=VALUE. Received: none. Fix: --help lists the flags.\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", message)


def test_help_describes_the_command():
    result = _start("", "--help")
    assert result.returncode == 0
    for text in ("Counts things.", "--count: How many.", "--[no]traceback"):
        assert text in result.stdout


def test_messages_become_one_line():
    gin_error = ValueError("No parameter 'x'.\n  In call to configurable 'vae' (<function f>)")
    assert to_one_line(gin_error) == "No parameter 'x'."
    assert to_one_line(ValueError("\x1b[1mred\x1b[0m\n\n  hat")) == "red hat"
    assert to_one_line(MemoryError()) == "MemoryError"
    assert len(to_one_line(ValueError("long " * 1000))) < 1100


def test_what_gin_files_leave_out_is_named_as_in_gin():
    from tfdis.data.named import get_named_ground_truth_data

    with pytest.raises(TypeError) as info:
        get_named_ground_truth_data()
    assert is_expected(info.value) and not is_expected(TypeError("f() missing an argument"))
    assert to_one_line(info.value) == (
        "Expected a value of dataset.name in the gin files or in --gin_bindings. Received: none."
    )


def test_gin_syntax_errors_name_the_line(tmp_path):
    import gin

    path = tmp_path / "bad.gin"
    path.write_text("BETA = 4\nvae.beta == 4\n")
    with pytest.raises(SyntaxError) as info:
        gin.parse_config_file(str(path))
    message = to_one_line(info.value)
    assert "line 2" in message and "bad.gin" in message


def test_tensorflow_s_errors_are_for_the_user():
    import tensorflow as tf

    assert is_expected(tf.errors.ResourceExhaustedError(None, None, "no memory"))
    assert not is_expected(KeyError("x"))


def test_other_libraries_chatter_is_not_shown_but_their_warnings_are():
    result = _start(
        """
        from absl import logging
        logging.info("chatter")
        logging.warning("mind the gap")
        import gin
        gin.add_config_file_search_path("gin")
        gin.parse_config('include "train/default.gin"', skip_unknown=True)
        """
    )
    assert "mind the gap" in result.stderr
    assert "chatter" not in result.stderr
    assert "Path not found" not in result.stderr
