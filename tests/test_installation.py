"""`pip install --editable .`: the package is found from wherever a script starts."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import gin
import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = "from setuptools import build_meta; print(build_meta.build_editable('.'))"
# No other installation of tfdis may answer: -S leaves out the environment's .pth files, by which an
# editable one is found; its packages, of which `import tfdis` needs gin-config, come last.
SCRIPT = (
    "import site, sys; sys.path.append({!r}); site.addsitedir({!r}); import tfdis; "
    "print(tfdis.__version__, tfdis.__file__)"
)


def _run(*arguments, cwd):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, *arguments]
    process = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """(A clone, called tfdis as the package is; the folder of packages that it is installed into)."""
    folder = tmp_path_factory.mktemp("projects")
    clone, packages = folder / "tfdis", folder / "packages"
    shutil.copytree(ROOT / "tfdis", clone / "tfdis", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "README.md"):
        shutil.copy(ROOT / name, clone / name)
    (clone / "gin").mkdir()
    wheel = _run("-c", BUILD, cwd=clone).splitlines()[-1]
    zipfile.ZipFile(clone / wheel).extractall(packages)
    return clone, packages


@pytest.mark.parametrize("place", [".", "..", "elsewhere"])
def test_a_script_finds_the_package(installed, place):
    clone, packages = installed
    folder = clone / place
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(
        SCRIPT.format(str(Path(gin.__file__).parents[1]), str(packages))
    )
    version, path = _run("-S", "script.py", cwd=folder).split(" ", 1)
    assert version[0].isdigit() and Path(path).resolve() == clone / "tfdis" / "__init__.py"


@pytest.mark.long
def test_a_wheel_has_the_files_of_the_report(installed):
    clone, _ = installed
    command = BUILD.replace("build_editable", "build_wheel")
    wheel = _run("-c", command, cwd=clone).splitlines()[-1]
    pages = {f"tfdis/report/page.{kind}" for kind in ("html", "css", "js")}
    stubs = {str(path.relative_to(ROOT)) for path in (ROOT / "tfdis").rglob("*.pyi")}
    types = {"tfdis/py.typed", *stubs}
    assert {*pages, *types} <= set(zipfile.ZipFile(clone / wheel).namelist())
