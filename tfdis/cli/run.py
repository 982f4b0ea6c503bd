"""How every command of the house starts, and how it fails: one line and an exit code."""

import atexit
import contextlib
import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from absl import app, flags
from absl import logging as absl_logging

from tfdis.cli.own_modules import define_import_flag, import_own_modules
from tfdis.cli.quiet_start import quiet_tensorflow
from tfdis.files.error_text import is_expected, to_one_line
from tfdis.files.interruption import Interrupted, raising_signals
from tfdis.files.log_records import is_for_the_user

_EXIT_FAILURE = 1
_EXIT_SIGNAL = 128

_HELP = frozenset(("--help", "-help", "-h"))
_SEE_HELP = "Fix: --help lists the flags."
_SUGGESTED = re.compile(r"Did you mean: (.*) \?")
_WITHOUT_VALUE = re.compile(r"(?:flag --(\w+)=None:|^Missing value for flag --(\w+)$)")


def _report(message: str) -> None:
    _end_progress_bars()
    sys.stderr.flush()
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def _end_progress_bars() -> None:
    """Ends the lines of bars whose loop failed, so that the message has a line of its own."""
    tqdm = sys.modules.get("tqdm")
    for bar in list(getattr(tqdm and tqdm.tqdm, "_instances", ())):
        bar.close()


def _call_guarded(
    main: Callable[[list[str]], int | None], arguments: list[str], takes_names: bool
) -> int:
    """Calls `main`; turns errors that the user can act on into one line and an exit code."""
    if arguments[1:] and not takes_names:
        received = " ".join(arguments[1:])
        _report(f"error: Expected flags only, --name=value. Received: {received}. {_SEE_HELP}")
        return _EXIT_FAILURE
    try:
        import_own_modules()
        return main(arguments) or 0
    except Exception as error:
        if flags.FLAGS.traceback or not is_expected(error):
            raise
        _report(f"error: {to_one_line(error)}")
        return _EXIT_FAILURE


def _parse_flags(arguments: list[str]) -> list[str]:
    """Sets the flags; returns the arguments that are none. Ends the process with one line if one is wrong."""
    try:
        return flags.FLAGS(arguments)
    except flags.Error as error:
        _report(f"error: {_flag_error_text(error)}")
        raise SystemExit(_EXIT_FAILURE) from None


def _flag_error_text(error: flags.Error) -> str:
    """What absl says of a wrong flag, in the words of the house."""
    text = " ".join(str(error).split())
    if isinstance(error, flags.UnrecognizedFlagError):
        suggested = _SUGGESTED.search(text)
        names = suggested[1].split(", ") if suggested else []
        fix = f"Fix: did you mean {' or '.join(f'--{name}' for name in names)}? " if names else ""
        see = _SEE_HELP.removeprefix("Fix: ") if fix else _SEE_HELP
        return f"Expected a flag of this command. Received: --{error.flagname}. {fix}{see}"
    if without := _WITHOUT_VALUE.findall(text):
        names = " and ".join(f"--{one or other}=VALUE" for one, other in without)
        return f"Expected {names}. Received: none. {_SEE_HELP}"
    received = text.removeprefix("flag ")
    return f"Expected a value that the flag can have. Received: {received}. {_SEE_HELP}"


def _prepare_help(module_name: str) -> None:
    """Lets --help show the text of a module and all flags of tfdis, from wherever it is started."""
    for defining_module, defined in flags.FLAGS.flags_by_module_dict().items():
        if defining_module.startswith("tfdis."):
            for flag in defined:
                flags.FLAGS.register_key_flag_for_module(sys.argv[0], flag)
    sys.modules["__main__"].__doc__ = sys.modules[module_name].__doc__


def define_keep_codes() -> None:
    """Defines `--keep_codes` of the commands that score."""
    flags.DEFINE_boolean(
        "keep_codes",
        True,
        "Keep the codes of images in the folder codes beside each representation, for later commands.",
    )


def define_model_dir() -> None:
    """Defines `--model_dir` of the commands that take one run."""
    flags.DEFINE_string("model_dir", None, "Folder of the run, if no argument names it.")


def named_run(arguments: list[str], command: str) -> str:
    """The folder of the one run that an argument or `--model_dir` names.

    Args:
        arguments: name of the program and what is no flag, as `main` gets them.
        command: name of the command, for its error.

    Raises:
        ValueError: no run is named, or several are.
    """
    runs = [*arguments[1:], *filter(None, [flags.FLAGS.model_dir])]
    if len(runs) != 1:
        raise ValueError(
            f"Expected the folder of one run, for example: bin/{command} runs/btc. Received: "
            f"{' '.join(runs) or 'none'}."
        )
    return runs[0]


def run_main(
    main: Callable[[list[str]], int | None],
    define_flags: Callable[[], None] | None = None,
    takes_names: bool = False,
) -> NoReturn:
    """Parses the flags, calls a command, and exits.

    Exit codes: 0 or what `main` returned; 1 after a wrong flag or an error that addresses the user,
    which is printed as `error: ...` on one line of stderr (`--traceback` raises it instead); 143
    after SIGTERM and 130 after Ctrl-C, with a last line that says how to go on. Errors that are
    mistakes in the code keep their traceback.

    Args:
        main: function that is called with [program name, *names]. It reads `absl.flags.FLAGS`, and
            imports TensorFlow inside, so that --help answers at once. Its module's docstring is the
            text of --help.
        define_flags: function that defines the command's flags with `flags.DEFINE_*`; None if they
            are defined already. This is better than defining them when the module is imported: two
            commands may then have flags of the same name and still be imported into one process.
        takes_names: whether arguments that are no flags are passed on to `main`; otherwise they are
            refused.

    Raises:
        SystemExit: always, unless a signal ends the process.
    """
    try:
        with raising_signals(is_last=True):
            _run(main, define_flags, takes_names)
    except KeyboardInterrupt as error:
        stopped = error if isinstance(error, Interrupted) else Interrupted(signal.SIGINT)
        _report(str(stopped))
        _exit(_EXIT_SIGNAL + stopped.number)


def _exit(code: int) -> NoReturn:
    """Exits at once: without waiting for what threads still fit, or for TensorFlow to free its memory."""
    # Python has no documented call for it, and packages finish here what `os._exit` would skip (trackers, Ray).
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):  # Nobody may read it any more.
        sys.stdout.flush()
    os._exit(code)


def _run(main, define_flags, takes_names) -> NoReturn:
    """Does what `run_main` says, but for signals."""
    quiet_tensorflow()
    logging.getLogger("tensorflow").setLevel(logging.WARNING)
    absl_logging.get_absl_handler().addFilter(is_for_the_user)
    define_import_flag()
    flags.DEFINE_boolean("traceback", False, "Show the traceback of errors.", allow_override=True)
    if define_flags is not None:
        define_flags()
    _prepare_help(main.__module__)
    if _HELP.intersection(sys.argv[1:]):
        # absl would do the same, but exit with 1.
        app.usage(shorthelp=True, writeto_stdout=True, exitcode=0)
    app.run(lambda rest: _call_guarded(main, rest, takes_names), flags_parser=_parse_flags)
    raise SystemExit(0)
