"""The rules of the house for files: gin files, names that do not belong here, commands, versions."""

import ast
import os
import re
import runpy
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from unittest import mock

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".py", ".md", ".txt", ".gin", ".toml", ".cfg", ".in", ".yml", ".yaml", ".json", ""}
# Hosts of package registries, options that name one, and folders of one machine. In two pieces, so
# that this file does not break the rule itself.
FORBIDDEN = [
    first + second
    for first, second in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("--index", "-url"),
        ("--extra-index", "-url"),
        ("--find", "-links"),
        ("--trusted", "-host"),
        ("/ro", "ot/"),
        ("/wo", "rk/"),
        ("/tmp", "/w/"),
        ("/opt", "/pypi"),
        ("/opt", "/wheels"),
        ("/home", "/"),
    )
]
# What `make extras` installs; what `study` and `docs` need is in other files.
EXTRAS = ("arm", "hub", "kaggle", "mlflow", "wandb")
GIN_FILES = sorted((ROOT / "gin").rglob("*.gin"))


def forbidden_lines(text: str) -> list[str]:
    """Lines of a text that name a registry or a folder of one machine."""
    return [line for line in text.splitlines() if any(word in line for word in FORBIDDEN)]


def _text_files() -> list[Path]:
    """Files under version control or about to be; every text file where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.splitlines()]
    else:
        folders = ("tfdis", "tests", "gin", "bin", "benchmarks", "examples")
        paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
        paths += ROOT.glob("*")
    return [path for path in paths if path.is_file() and path.suffix in TEXT]


def _literal(path: Path, name: str):
    """The literal value that a file binds to a name, read without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            return ast.literal_eval(node.value)
    raise LookupError(f"{path} binds no {name}")


def test_no_file_names_a_registry_or_a_machine():
    found = []
    for path in _text_files():
        lines = forbidden_lines(path.read_text(encoding="utf-8", errors="replace"))
        found += [f"{path.relative_to(ROOT)}: {line}" for line in lines]
    assert found == []


def test_the_checker_of_names_sees_them():
    text = "\n".join(f"see {word}x" for word in FORBIDDEN) + "\nhttps://arxiv.org/abs/1802.04942"
    assert len(forbidden_lines(text)) == len(FORBIDDEN)


def test_gin_folder_does_not_shadow_gin_config():
    assert list((ROOT / "gin").rglob("*.py")) == []


def test_gin_files_open_with_a_comment():
    first = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in GIN_FILES}
    silent = [path for path, line in first.items() if not line.startswith("# ") or len(line) <= 10]
    assert len(first) > 100 and silent == []


def test_every_command_is_installed_and_every_binary_starts_one():
    commands = {p.stem for p in (ROOT / "tfdis" / "cli").glob("*.py") if _has_main(p)}
    binaries = {path.name: path for path in (ROOT / "bin").iterdir()}
    assert set(binaries) == commands
    launcher = binaries.pop("train")
    assert launcher.is_file() and launcher.stat().st_mode & 0o111
    for path in binaries.values():
        assert os.readlink(path) == "train"


def test_a_link_to_a_binary_from_elsewhere_starts_it(tmp_path):
    link = tmp_path / "draw"
    link.symlink_to(ROOT / "bin" / "visualize")
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    result = subprocess.run(
        [link, "--help"], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert result.stdout.startswith("Draws a run")


def test_a_binary_says_what_to_do_where_nothing_is_installed():
    command = [sys.executable, "-S", ROOT / "bin" / "train", "--help"]
    result = subprocess.run(command, capture_output=True, text=True)
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ") and "make setup" in line and result.returncode == 1


def _has_main(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in body)


def _locked(file: str = "requirements.txt") -> dict[str, Requirement]:
    lines = (ROOT / file).read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in requirements}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-extras.txt"])
def test_the_lock_names_exact_versions(file):
    for requirement in _locked(file).values():
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement


def test_the_lock_lies_within_the_ranges_of_setup():
    locked = _locked()
    for text in _literal(ROOT / "setup.py", "REQUIREMENTS"):
        wanted = Requirement(text)
        (pin,) = locked[wanted.name].specifier
        assert wanted.specifier.contains(pin.version), f"{text} excludes {locked[wanted.name]}"


def test_the_lock_of_the_extras_has_what_they_name():
    locked = _locked("requirements-extras.txt")
    (extras,) = re.findall(r"extras_require=({.*?})", (ROOT / "setup.py").read_text(), re.S)
    wanted = [text for extra in EXTRAS for text in ast.literal_eval(extras)[extra]]
    assert len(wanted) > len(EXTRAS)
    for requirement in map(Requirement, wanted):
        (pin,) = locked[requirement.name].specifier
        assert requirement.specifier.contains(pin.version), requirement


def test_the_lock_is_what_is_installed():
    locked = {name: requirement.specifier for name, requirement in _locked().items()}
    installed = {name: f"=={metadata.version(name)}" for name in locked}
    assert installed == {name: str(pin) for name, pin in locked.items()}


def test_installed_commands_are_ours():
    try:
        metadata.version("tfdis")
    except metadata.PackageNotFoundError:
        pytest.skip("tfdis is not installed here, only on the path")
    with mock.patch("setuptools.setup"):
        commands = runpy.run_path(str(ROOT / "setup.py"))["COMMANDS"]
    assert {"tfdis", "tfdis_train", "dlib_train"} <= {*commands}
    for command, module in commands.items():
        script = Path(sys.executable).parent / command
        assert f"tfdis.cli.{module}" in script.read_text(), command


def test_the_citation_and_the_changelog_name_this_version():
    import tfdis

    assert f"\nversion: {tfdis.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## {tfdis.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_room_is_in_the_guide_for_contributors():
    rooms = {path.parent.name for path in (ROOT / "tfdis").glob("*/__init__.py")}
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    assert [room for room in sorted(rooms) if f"`{room}/`" not in guide] == []


def test_every_target_of_make_is_described_has_a_rule_and_is_no_file():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    described = set(re.findall(r"^# make ([\w-]+)  ", text, re.MULTILINE))
    rules = set(re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert described == rules == set(phony.split())
