"""README and docs/, block by block: code and commands run as printed, but for fewer steps and samples."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from tfdis import registry
from tfdis.cli import gin_files
from tfdis.configuration import configured

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
# They have tests of their own.
ELSEWHERE = ("add_your_own", "custom_model_and_metric")
PAGES = [README, *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.stem not in ELSEWHERE)]
# Commands of other programs, which set up a machine.
OTHERS = {
    "make",
    "pip",
    "python3",
    "python3.7",
    ".",
    "docker",
    "mkdir",
    "ray",
    "sbatch",
    "python",
    "cp",
}
BLOCK = re.compile(r"(?:<!-- not run: ([^\n]+) -->\n)?^```(python|sh)\n(.*?)^```", re.M | re.S)
FEWER_STEPS = (r"(steps_per_epoch|epochs)=\d+", r"\1=1")
SMALL_TRAINING = ["model.training_steps = 2", "model.eval_steps = 1", "model.batch_size = 8"]
SMALL_NETWORKS = ["encoder.encoder_fn = @conv_encoder", "decoder.decoder_fn = @deconv_decoder"]
# What is added to commands, and which metrics stand in for those whose trees take minutes.
ADDED = {
    "train": [*SMALL_TRAINING, *SMALL_NETWORKS],
    "dlib_train": [*SMALL_TRAINING, *SMALL_NETWORKS, "dataset.name = 'dsprites_hearts'"],
}
FAST_METRICS = "--metrics=mig,mcc"
# Pages whose commands train. Those of the others are checked: to train them all would take minutes.
REALLY_TRAINED = ("README", "own_images")


def blocks(page):
    """(Reason not to run it or "", language, text) of each fenced block of a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def commands(text):
    """The commands of a block, each as a list of words, without comments."""
    lines = text.replace("\\\n", " ").splitlines()
    split = [shlex.split(line, comments=True) for line in lines]
    return [words for words in split if words]


def tfdis_command(words):
    """(name of a command of tfdis, its arguments), or None for other programs."""
    name = words[0].removeprefix("bin/")
    if (ROOT / "bin" / name).exists() and (words[0] != name or name == "tfdis" or "dlib_" in name):
        return name, words[1:]
    assert name in OTHERS or "=" in name, f"a command that is not known: {words}"
    return None


def smaller(name, arguments):
    """The same command with fewer steps, on a data set that is at hand, with metrics that are fast."""
    arguments = [FAST_METRICS if a.startswith("--metrics=") else a for a in arguments]
    added = list(ADDED.get(name, []))
    text = " ".join(arguments)
    if name == "train" and "from_files" not in text:
        added.append("DATASET = 'dsprites_hearts'")
    if "while_training" in text:
        added.append("scores_while_training.metrics = ['mcc']")
    return [*arguments, *(f"--gin_bindings={line}" for line in added)]


def check_configuration(arguments):
    """Parses the gin files and bindings of a training as the command does, without training."""
    registry.load("tfdis.runs.train", "tfdis.evaluation.scores_while_training")
    gin_files.add_search_paths()
    given = [argument.split("=", 1) for argument in arguments]
    files = [value for flag, value in given if flag == "--gin_file"]
    with configured(files, [value for flag, value in given if flag == "--gin_bindings"]):
        pass


def run_page(page, folder, start_command, done):
    """Runs the blocks of a page; what an earlier page did in this folder is not done again."""
    for reason, language, text in blocks(page):
        if reason:
            continue
        if language == "python":
            script = folder / f"block_{len(done)}.py"
            script.write_text(re.sub(*FEWER_STEPS, text))
            runs = [(str(script), [])] if text not in done else []
            done.add(text)
        else:
            runs = [found for words in commands(text) if (found := tfdis_command(words))]
        for name, arguments in runs:
            arguments = smaller(name, arguments)
            if name == "train" and page.stem not in REALLY_TRAINED:
                check_configuration(arguments)
            elif (name, *arguments) not in done:
                done.add((name, *arguments))
                result = start_command(name, *arguments, cwd=folder)
                assert result.returncode == 0, f"{page.name}: {name} {arguments}\n{result.stderr}"


@pytest.mark.long
@pytest.mark.parametrize(
    "start", ["README", pytest.param("own_images", marks=pytest.mark.exhaustive)]
)
def test_pages_do_what_they_say(start, start_command, tmp_path):
    pages = [page for page in PAGES if (page.stem == "own_images") == (start == "own_images")]
    done = set()
    for page in pages:
        run_page(page, tmp_path, start_command, done)
    assert len(done) > 3


def test_python_blocks_are_python():
    for page in PAGES:
        for _, language, text in blocks(page):
            if language == "python":
                ast.parse(text)


def all_commands():
    """{command of tfdis: the flags that pages give it}, also of blocks that are not run."""
    given = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        indented = "\n".join(re.findall(r"^    ((?:bin/|dlib_|tfdis )(?:\\\n|.)*)", text, re.M))
        for part in [indented, *(body for _, language, body in blocks(page) if language == "sh")]:
            for words in commands(part):
                if found := tfdis_command(words):
                    flags = (w[2:].partition("=")[0] for w in found[1] if w.startswith("--"))
                    given.setdefault(found[0], set()).update(flags)
    return given


@pytest.mark.long
def test_every_flag_exists(start_command):
    given = all_commands()
    assert len(given) > 12
    for command, flags in given.items():
        shown = start_command(command, "--help").stdout
        known = set(re.findall(r"^  --(?:\[no\])?(\w+)", shown, re.M)) | {"help", "traceback"}
        wrong = {f for f in flags if f not in known and f.removeprefix("no") not in known}
        assert wrong == set(), command


def test_every_gin_file_and_make_target_exists():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for path in re.findall(r"\bgin/[\w/]+\.gin\b", text):
            assert (ROOT / path).is_file(), f"{page.name}: {path}"
        assert set(re.findall(r"^(?:    )?make ([\w-]+)", text, re.M)) <= targets


def test_every_link_to_a_page_has_a_page():
    for page in [*PAGES, *(ROOT / "docs/notebooks").glob("*.md")]:
        for link in re.findall(
            r"(?<![\"'])\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")
        ):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 130
