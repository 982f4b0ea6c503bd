"""All of tfdis in one command: what there is, what it does, and every other command.

tfdis                       lists the commands
tfdis list models           also: terms, likelihoods, networks, data, splits, metrics, studies, zoo, ...
tfdis explain beta_tc_vae   what a name stands for, its gin parameters and their defaults
tfdis train --gin_file=gin/betatcvae.gin     is bin/train; so for every command
tfdis completion bash       prints what lets the Tab key complete all this; its first lines say where to put it

Names of your own modules are there too: tfdis list models --import=my_module
"""

import importlib
import sys
from pathlib import Path

from tfdis.cli.run import run_main

_HERE = Path(__file__).resolve().parent
_OWN = ("completion", "explain", "list")


def command_names() -> list[str]:
    """Names of all commands but this one, sorted: the modules beside this one that have a `main`."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in _HERE.glob("*.py")}
    own = Path(__file__).stem
    return sorted(name for name, text in texts.items() if "\ndef main(" in text and name != own)


def _run(arguments):
    from tfdis.cli.catalogue import KINDS, explanation, listing
    from tfdis.cli.completion import completion

    action, *names = arguments[1:] or ["commands"]
    if action == "commands":
        _print_commands()
    elif action == "list" and len(names) == 1:
        listing(names[0])
    elif action == "explain" and len(names) == 1:
        sys.stdout.write(explanation(names[0]) + "\n")
    elif action == "completion" and len(names) == 1:
        sys.stdout.write(completion(names[0], [*_OWN, *command_names()], KINDS))
    elif action in _OWN:
        expected = {"list": f"one of {', '.join(KINDS)}", "completion": "the name of a shell, bash"}
        expected = expected.get(action, "one name")
        raise ValueError(
            f"Expected tfdis {action} with {expected}. Received: {' '.join(names) or 'nothing'}."
        )
    else:
        raise ValueError(
            f"Expected list, explain, completion or the name of a command. Received: {action}. Fix: "
            "`tfdis` alone lists all commands."
        )


def _print_commands():
    lines = [
        "tfdis list KIND: models, terms, data, metrics, studies, ...; tfdis explain NAME: its parameters",
        "",
    ]
    for name in command_names():
        text = importlib.import_module(f"tfdis.cli.{name}").__doc__
        lines.append(f"  {name:30} {text.splitlines()[0]}")
    sys.stdout.write("\n".join([*lines, "", "tfdis COMMAND --help lists a command's flags.", ""]))


def main() -> None:
    """Entry point of `bin/tfdis` and `tfdis`."""
    if len(sys.argv) > 1 and sys.argv[1] in command_names():
        command = sys.argv.pop(1)
        importlib.import_module(f"tfdis.cli.{command}").main()
    run_main(_run, takes_names=True)
