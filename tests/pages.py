"""README and docs/ as tests read them: blocks and commands, and those that no test runs, with the reason."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
# They have tests of their own, which run every block.
ELSEWHERE = ("add_your_own", "custom_model_and_metric")
PAGES = [README, *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.stem not in ELSEWHERE)]

_SETUP = "sets up a machine, as continuous integration does before the tests"
_PAPER = (
    "needs MPI3D, weights of VGG19-BN and a GPU; tests/sweeps/test_paper_studies.py: on small files"
)
_OLD = "needs CPython 3.7 and the old disentanglement_lib"
_CHALLENGE = "needs MuJoCo, ImageNet weights and half an hour; tests/cli/test_challenge.py: the protocol, small"
_ACCOUNT = "needs an account; tests/report/test_card.py: uploads to servers on this machine"
_CLUSTER = "needs a cluster; tests/sweeps/test_engine.py: on this machine"
# How a command begins, or a line of a block of Python -> why no test runs it.
NOT_RUN = {
    "make setup": _SETUP,
    ". .venv/bin/activate": _SETUP,
    "python3 -m venv .venv": _SETUP,
    "pip install": _SETUP,
    "make test": "runs the tests",
    "make evidence-fast": "takes minutes; tests/report/test_evidence.py: the same on small sections",
    "make zoo": "takes ten minutes to an hour; tests/sweeps/test_zoo.py: one of its models",
    "bin/card --model_dir=runs/btc --output_dir=cards/btc --overwrite --upload": _ACCOUNT,
    "docker run": "needs Docker and its image of TensorFlow Serving",
    "bin/challenge": _CHALLENGE,
    "bin/study --gin_file=gin/papers/stage1/vae_paper.gin": _CHALLENGE,
    "bin/study --study=paper_stage1": _PAPER,
    "bin/report runs/paper_stage1": _PAPER,
    "ray start": _CLUSTER,
    "bin/study ...": "adds a flag: --address needs a cluster; tests/cli/test_study.py: the others",
    "sbatch": "needs Slurm; tests/sweeps/test_points.py: the commands that it starts",
    "bin/dlib_tests": "takes a quarter of an hour; tests/dlib/test_own_tests.py: some of them",
    "python -c import numpy as np from tfdis.data.named": f"writes 3 GB, for what {_OLD}",
    "mkdir -p data/dsprites": _OLD,
    "DISENTANGLEMENT_LIB_DATA=data old/bin/python": _OLD,
    "python3.7": _OLD,
    "old/bin/pip": _OLD,
    "export TFDIS_OLD_PYTHON": _OLD,
    "python benchmarks/dlib_training.py": _OLD,
    "python benchmarks/kills.py": "takes a quarter of an hour or more; tests/training/test_train.py: one kill",
    "model = MyEncoder()": "needs PyTorch, with which tests/evaluation/test_any_encoder.py runs it",
}
# How indented blocks begin that are no commands.
NO_COMMANDS = ("loss        = w", "<representation>/codes")
_BLOCK = re.compile(
    r"^```(?P<language>\S+)\n(?P<text>.*?)^```$|(?<=\n\n)(?P<indented>(?:    [^\n]*\n)+)",
    re.M | re.S,
)


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, text) of each block of a page: of the fence, or "indented"."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [
        (match["language"], match["text"])
        if match["language"]
        else ("indented", re.sub("^    ", "", match["indented"], flags=re.M))
        for match in found
        if match["language"] or not match["indented"].strip().startswith(NO_COMMANDS)
    ]


def write_blocks(page: Path, names: Sequence[str], folder: Path) -> None:
    """Writes the blocks of a page, which are as many as names, into files of a folder."""
    for name, (_, text) in zip(names, blocks(page), strict=True):
        (folder / name).write_text(text, encoding="utf-8")


def commands(text: str) -> list[list[str]]:
    """The commands of a block, each as a list of words, without comments."""
    found, command = [], ""
    for line in text.replace("\\\n", " ").splitlines():
        command += line + "\n"
        try:
            words = shlex.split(command, comments=True)
        except ValueError:  # A text in quotes goes on in the next line.
            continue
        if words:
            found.append(words)
        command = ""
    return found


def reason_not_to_run(language: str, found: str | list[str]) -> str:
    """Why no test runs a block of Python (its text), or a command (its words); "" if one does."""
    if language == "python":
        lines = found.splitlines()
        return next((reason for line, reason in NOT_RUN.items() if line in lines), "")
    text = " ".join(" ".join(found).split())
    return next((reason for start, reason in NOT_RUN.items() if text.startswith(start)), "")


def all_commands() -> list[tuple[Path, list[str]]]:
    """(page, words) of all commands of all pages."""
    return [
        (page, words)
        for page in PAGES
        for language, text in blocks(page)
        if language in ("sh", "indented")
        for words in commands(text)
    ]


def tfdis_command(words: list[str]) -> tuple[str, list[str]] | None:
    """(name of a command of tfdis, its arguments), or None for other programs."""
    name = words[0].removeprefix("bin/")
    if words[:1] == ["tfdis"] and len(words) > 1 and (ROOT / "bin" / words[1]).exists():
        return words[1], words[2:]
    if (ROOT / "bin" / name).exists() and (words[0] != name or name == "tfdis" or "dlib_" in name):
        return name, words[1:]
    return None
