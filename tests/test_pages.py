"""README and docs/, block by block: code and commands run as printed, but for fewer steps and samples."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pages import (
    NOT_RUN,
    PAGES,
    README,
    ROOT,
    all_commands,
    blocks,
    commands,
    reason_not_to_run,
    tfdis_command,
)

from tfdis import registry
from tfdis.cli import gin_files
from tfdis.configuration import configured

FEWER = {r"(steps_per_epoch|epochs)=\d+": r"\1=1", r'metrics=\["mig", "sap"\]': 'metrics=["mig"]'}
SMALL_TRAINING = ["model.training_steps = 2", "model.eval_steps = 1", "model.batch_size = 8"]
SMALL_NETWORKS = ["encoder.encoder_fn = @conv_encoder", "decoder.decoder_fn = @deconv_decoder"]
HEARTS = "DATASET = 'dsprites_hearts'"
# What is added to commands.
ADDED = {
    "train": [*SMALL_TRAINING, *SMALL_NETWORKS],
    "study": SMALL_TRAINING,
    "dlib_train": [*SMALL_TRAINING, *SMALL_NETWORKS, "dataset.name = 'dsprites_hearts'"],
    "dlib_reason": [
        "abstract_reasoning.num_iterations = 1",
        "abstract_reasoning.training_steps_per_iteration = 2",
        "abstract_reasoning.eval_steps_per_iteration = 1",
        "abstract_reasoning.batch_size = 2",
        "pgm.most_values = [4, 4, 4]",
    ],
    "dlib_udr": ["udr_sklearn.num_data_points = 60", "udr_sklearn.batch_size = 20"],
    "demo": ["STEPS = 2"],
}
FAST_METRICS = "--metrics=mig,mcc"
# Numbers of commands -> smaller ones.
SMALLER = {
    r"--metrics=(?!$).*": FAST_METRICS,
    r"--seeds=\d+:\d+": "--seeds=0:1",
    r"--models=\d+:\d+": "--models=0:1",
    r"--grid=model.random_seed=.*": "--grid=model.random_seed=0:1",
    r"--grid=beta_tc_vae.beta=.*": "--grid=beta_tc_vae.beta=1,2",
    r"--only=GRID_SPACING=.*": "--only=GRID_SPACING=8",
    r"--steps=\d+": "--steps=2",
}
# Start of a command -> flags that leave the long part of it out.
LEFT_OUT = {
    "bin/study --study=unsupervised_study_v1": "--print_commands",
    "bin/study --study=adversarial": "--steps=train",
    "bin/study --study=augmented": "--steps=train",
    "bin/study --study=overlap": "--steps=train",
    "bin/perceived_distance": "--num_pairs=50",
}
# Commands for which make stands.
MADE = {"make demo": ["bin/demo"]}
# Pages whose commands train, and what is not run, in the test that is not exhaustive; the last
# ones have tests of their own.
REALLY_TRAINED = ("README", "own_images")
ONLY_EXHAUSTIVE = (
    *("IMAGES = 'pictures'", "zoo://", "read_parquet", "mkdir", "make ", "examples/"),
    *("bin/visualize --model_dir=runs/btc8", "bin/perceived_distance", "bin/card"),
    *("dlib_train", "dlib_postprocess", "dlib_evaluate", "tfdis.LinearSchedule"),
)


def smaller(name, arguments):
    """The same command with fewer steps, on a data set that is at hand, with metrics that are fast."""
    start = " ".join([f"bin/{name}", *arguments])
    for pattern, number in SMALLER.items():
        arguments = [re.sub(f"^{pattern}$", number, argument) for argument in arguments]
    added = list(ADDED.get(name, []))
    text = " ".join(arguments)
    if (name == "train" and "from_files" not in text) or "--grid" in text:
        added.append(HEARTS)
    if "while_training" in text:
        added.append("scores_while_training.metrics = ['mcc']")
    flags = [flag for begin, flag in LEFT_OUT.items() if start.startswith(begin)]
    return [*arguments, *flags, *(f"--gin_bindings={line}" for line in added)]


def check_configuration(arguments):
    """Parses the gin files and bindings of a training as the command does, without training."""
    registry.load("tfdis.runs.train", "tfdis.evaluation.scores_while_training")
    gin_files.add_search_paths()
    given = [argument.split("=", 1) for argument in arguments]
    files = [value for flag, value in given if flag == "--gin_file"]
    with configured(files, [value for flag, value in given if flag == "--gin_bindings"]):
        pass


def python_file(text, folder):
    """Writes a block of Python with fewer steps; returns the path of the file."""
    script = folder / f"block_{len(list(folder.glob('block_*.py')))}.py"
    for longer, shorter in FEWER.items():
        text = re.sub(longer, shorter, text)
    script.write_text(text)
    return script


def run_page(page, folder, start_command, done):
    """Runs the blocks of a page; what an earlier page did in this folder is not done again."""
    for language, text in blocks(page):
        if language == "python":
            is_new = text not in done and not any(part in text for part in ONLY_EXHAUSTIVE)
            is_run = is_new and not reason_not_to_run("python", text)
            runs = [(str(python_file(text, folder)), [])] if is_run else []
            done.add(text)
        elif language == "sh":
            given = [w for w in commands(text) if not reason_not_to_run("sh", w)]
            given = [w for w in given if not any(part in " ".join(w) for part in ONLY_EXHAUSTIVE)]
            runs = [tfdis_command(words) for words in given]
        else:
            continue
        for name, arguments in runs:
            arguments = smaller(name, arguments)
            if name == "train" and page.stem not in REALLY_TRAINED:
                check_configuration(arguments)
            elif (name, *arguments) not in done:
                done.add((name, *arguments))
                result = start_command(name, *arguments, cwd=folder)
                assert result.returncode == 0, f"{page.name}: {name} {arguments}\n{result.stderr}"


@pytest.mark.long
def test_pages_do_what_they_say(start_command, tmp_path):
    done = set()
    for page in PAGES:
        if page.stem != "own_images":
            run_page(page, tmp_path, start_command, done)
    assert len(done) > 3


# Folders that a page names and does not make -> what of a run is copied there.
NEEDED = {
    "metrics": {"runs/btc": ".", "runs/0/model": ".", "runs/1/model": "."},
    "reuse": {
        "zoo/points/betatcvae_hearts/model": ".",
        "runs/demo/trained/postprocessed": "postprocessed",
        "runs/demo/untrained/postprocessed": "postprocessed",
    },
    "reasoning": {"runs/btc": "."},
    "score_any_encoder": {"runs/btc": "."},
    "supervision": {
        **{f"runs/{number}/model": "." for number in range(3)},
        **{f"runs/{number}/postprocessed": "postprocessed" for number in range(3)},
    },
}


@pytest.fixture(scope="session")
def trained(start_command, tmp_path_factory):
    """A run of a few steps, scored: what pages call runs/btc."""
    folder = tmp_path_factory.mktemp("trained")
    train = ("--gin_file=gin/betatcvae.gin", "--model_dir=runs/btc")
    for name, *arguments in (
        ("train", *smaller("train", train)),
        ("evaluate", "--model_dir=runs/btc", FAST_METRICS),
    ):
        result = start_command(name, *arguments, cwd=folder)
        assert result.returncode == 0, result.stderr
    return folder / "runs/btc"


def before(page):
    """Commands and code, as (language, text), that a page's own need."""
    if page.stem == "README":  # The pictures and their table.
        yield blocks(ROOT / "docs/own_images.md")[0]
    if page.stem == "evidence":
        section = json.loads((ROOT / "docs/evidence/betavae_hearts/section.json").read_text())
        yield "sh", "\n".join(section["commands"])


def run_block(language, text, folder, start_command):
    """Runs a block as printed, but smaller; yields (what was run, exit code, messages)."""
    if language == "python" and not reason_not_to_run(language, text):
        result = start_command(str(python_file(text, folder)), cwd=folder)
        yield text, result.returncode, result.stderr
    for words in commands(text) if language in ("sh", "indented") else ():
        if reason_not_to_run(language, words):
            continue
        words = MADE.get(" ".join(words), words)
        if found := tfdis_command(words):
            result = start_command(found[0], *smaller(*found), cwd=folder)
        else:
            line = re.sub(r"--(steps|epochs)=\d+", r"--\1=2", " ".join(map(_quoted, words)))
            result = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True)
        yield " ".join(words), result.returncode, result.stderr


def _quoted(word):
    return word if word == "&&" else shlex.quote(word)


@pytest.mark.exhaustive
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_a_page_runs(page, trained, start_command, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for place, part in NEEDED.get(page.stem, {}).items():
        shutil.copytree(trained / part, tmp_path / place, dirs_exist_ok=True)
    for name in ("benchmarks", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    failed = [
        f"{what}: exit code {code}\n{messages[-2000:]}"
        for language, text in [*before(page), *blocks(page)]
        for what, code, messages in run_block(language, text, tmp_path, start_command)
        if code
    ]
    assert not failed, "\n\n".join(failed)


def is_run(words):
    """Whether the test above runs a command: those of tfdis, and of few other programs."""
    others = ("python benchmarks/", "python examples/", "mkdir")
    text = " ".join(words)
    return bool(tfdis_command(words)) or text in MADE or text.startswith(others)


def test_what_is_not_run_is_in_the_list_with_its_reason():
    known = {"python", "sh", "indented", "{include}", "{toctree}"}
    languages = {(page.name, language) for page in PAGES for language, _ in blocks(page)}
    assert {found for found in languages if found[1] not in known} == set()
    given = [(page, words, reason_not_to_run("sh", words)) for page, words in all_commands()]
    slipped = [
        f"{page.name}: {words}" for page, words, why in given if not why and not is_run(words)
    ]
    assert slipped == []


def test_the_list_of_what_is_not_run_is_not_out_of_date():
    given = [" ".join(" ".join(words).split()) for _, words in all_commands()]
    for page in PAGES:
        for language, text in blocks(page):
            given += text.splitlines() if language == "python" else []
    assert [start for start in NOT_RUN if not any(text.startswith(start) for text in given)] == []
    for reason in NOT_RUN.values():
        for test in re.findall(r"tests/[\w/]+\.py", reason):
            assert (ROOT / test).is_file(), test


def test_the_checker_sees_a_new_command():
    assert not is_run(["curl", "https://example.com"]) and not is_run(["make", "zoo"])
    assert is_run(["bin/train"]) and is_run(["make", "demo"])
    assert reason_not_to_run("sh", ["make", "zoo"]) and not reason_not_to_run("sh", ["bin/train"])
    assert commands("a 'b\nc' # d\n\ne \\\n f") == [["a", "b\nc"], ["e", "f"]]


def test_python_blocks_are_python():
    for page in PAGES:
        for language, text in blocks(page):
            if language == "python":
                ast.parse(text)


def inline_commands(page):
    """Commands of tfdis and benchmarks that are named within a sentence, as lists of words."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = re.findall(r"`((?:bin/|dlib_|tfdis |python benchmarks/)[^`]+)`", text)
    return [words for command in found for words in commands(" ".join(command.split()))]


def flags_of(words):
    return {word[2:].partition("=")[0] for word in words if word.startswith("--")}


def given_flags():
    """{command of tfdis: the flags that pages give it}, also of commands that are not run."""
    given = {}
    inline = [words for page in PAGES for words in inline_commands(page)]
    for words in [*(words for _, words in all_commands()), *inline]:
        if found := tfdis_command(words):
            given.setdefault(found[0], set()).update(flags_of(found[1]))
    return given


@pytest.mark.long
def test_every_flag_exists(start_command):
    given = given_flags()
    assert len(given) > 12
    for command, flags in given.items():
        shown = start_command(command, "--help").stdout
        known = set(re.findall(r"^  --(?:\[no\])?(\w+)", shown, re.M)) | {"help", "traceback"}
        wrong = {f for f in flags if f not in known and f.removeprefix("no") not in known}
        assert wrong == set(), command


def test_every_flag_of_a_benchmark_exists():
    commands_ = [*(words for _, words in all_commands())]
    commands_ += [words for page in PAGES for words in inline_commands(page)]
    benchmarks = [
        words for words in commands_ if words[0] == "python" and "benchmarks/" in words[1]
    ]
    assert len(benchmarks) > 9
    for _, script, *flags in benchmarks:
        defined = set(re.findall(r'DEFINE_\w+\(\s*"(\w+)"', (ROOT / script).read_text()))
        wrong = {flag for flag in flags_of(flags) if not {flag, flag.removeprefix("no")} & defined}
        assert wrong == set(), script


def test_every_gin_file_and_make_target_exists():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
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


def test_every_factor_of_the_notebook_s_arm_varies():
    """Metrics refuse factors of one value; without MuJoCo `make docs` runs the notebook with squares."""
    text = (ROOT / "docs/notebooks/challenge.md").read_text(encoding="utf-8")
    sizes = re.search(r"arm3d\.factor_sizes = \(([\d, ]+)\)", text)[1]
    assert min(map(int, sizes.split(","))) > 1


def test_the_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 130
