"""Pages of docs/ that the code fills in: they have every error and every name."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tfdis

ROOT = Path(__file__).resolve().parent.parent
# Errors that say to programmers what a class or module lacks, and the end of a command without one.
LEFT_OUT = {"AttributeError", "NotImplementedError", "SystemExit"}
FEWEST_LETTERS = 12
LARGE = shutil.ignore_patterns("evidence", "_build", "_generated")
# Files whose texts with "Received" are no errors: what absl and gin say put otherwise, reasons to leave a
# metric out, and a warning.
NO_ERRORS = {
    *("cli/run.py", "files/error_text.py", "dlib/scoring/metric_needs.py", "training/runtime.py")
}


@pytest.fixture(scope="module")
def pages():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs/_extensions")
        yield importlib.import_module("generated_pages")


def fixed_parts(line, constant):
    """(line, part) of a text, between what `str.format` fills in. Names of files and the like are none."""
    for part in re.split(r"\{\w+\}", constant):
        if " " in part.strip() and sum(map(str.isalpha, part)) >= FEWEST_LETTERS:
            yield line, " ".join(part.split())


def received_texts(source):
    """Fixed parts of all texts but docstrings that say what was received, wherever they are written."""
    tree = ast.parse(source)
    described = (ast.FunctionDef, ast.ClassDef, ast.Module)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and "Received" in node.value and id(node) not in docstrings:
            yield from fixed_parts(node.lineno, node.value)


def raised_texts(source):
    """Fixed parts of everything that is written within a `raise` of a file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        name = ast.unparse(node.exc.func).rpartition(".")[2]
        # Errors of private classes are caught in their own file.
        if name in LEFT_OUT or re.match("_[A-Z]", name):
            continue
        for part in ast.walk(node.exc):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from fixed_parts(node.lineno, part.value)


@pytest.mark.long
def test_the_tables_that_pages_keep_are_those_of_the_code(tmp_path):
    """In a process of its own, where no other test has registered a name."""
    docs = shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=LARGE)
    shutil.copytree(ROOT / "gin", tmp_path / "gin")
    command = [sys.executable, docs / "_extensions/generated_pages.py", "--check"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def check():
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    result = check()
    assert result.returncode == 0, result.stderr
    pages = {path: path.read_text("utf-8") for path in docs.glob("*.md")}
    kept = [path for path, text in pages.items() if "<!-- generated: " in text]
    assert len(kept) == 4
    page = docs / "commands.md"
    page.write_text(pages[page].replace("| `card` |", "| `kard` |"), "utf-8")
    result = check()
    assert result.returncode == 1 and "commands.md is out of date" in result.stderr


@pytest.mark.long
def test_every_text_of_an_error_is_on_the_page(pages):
    page = "\n".join(each.text for each in pages.error_messages(ROOT / "tfdis"))
    missing, seen = [], 0
    for path in sorted((ROOT / "tfdis").rglob("*.py")):
        source, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT / "tfdis"))
        texts = [*raised_texts(source), *([] if name in NO_ERRORS else received_texts(source))]
        seen += len(texts)
        missing += [f"{name}:{line}: {text}" for line, text in texts if text not in page]
    assert seen > 1200
    assert missing == []


def test_texts_are_put_together_from_what_functions_and_names_hold(pages, tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room/errors.py").write_text("""
HOW = "read {page} first"

class DamagedError(ValueError):
    def __init__(self, path, reason):
        super().__init__(f"{path}: {reason}")

def wrong(path, expected, fix="write it again"):
    return ValueError(f"Expected {path} to hold {expected}. Fix: {fix}.")

def unpacked(path):
    return wrong(path, "an archive")
""")
    (tmp_path / "room/user.py").write_text("""
def use(path, number, known):
    hint = f"did you mean {known}? " if known else ""
    if number == 1:
        raise wrong(path, "a table", HOW.format(page=1))
    if number == 2:
        raise unpacked(path)
    if number == 3:
        raise DamagedError(path, "is missing")
    raise KeyError(f"Expected one of {', '.join(known)}. {hint}" + "Leave it out.")
""")
    found = [(each.room, each.kind, each.text) for each in pages.error_messages(tmp_path)]
    assert set(found) >= {
        ("room", "ValueError", "Expected … to hold a table. Fix: read … first."),
        ("room", "ValueError", "Expected … to hold an archive. Fix: write it again."),
        ("room", "DamagedError", "…: is missing"),
        ("room", "KeyError", "Expected one of …. did you mean …? Leave it out."),
    }
    assert found == sorted(found, key=lambda each: (each[0], each[2], each[1]))


def test_a_text_that_is_not_on_the_page_is_seen():
    texts = dict(raised_texts("raise ValueError(f'Expected {x} in the morning.')\n"))
    assert texts == {1: "in the morning."}
    assert list(raised_texts("raise NotImplementedError('of a base, in long words')")) == []
    (found,) = received_texts(
        "def f():\n    'Received in words.'\n    return 'Received none of them.'\n"
    )
    assert found == (3, "Received none of them.")


@pytest.mark.long
def test_every_name_that_a_module_offers_is_in_the_reference(pages):
    directives = pages.reference().splitlines()
    described = {line.rpartition(" ")[2] for line in directives if line.startswith(".. auto")}
    assert {f"tfdis.{name}" for name in tfdis.__all__} - described == {"tfdis.__version__"}
    rooms = ["tfdis.registry", *(f"tfdis.{name}" for name in set(dir(tfdis)) - set(tfdis.__all__))]
    for room in map(importlib.import_module, rooms):
        for name in getattr(room, "__all__", ()):
            thing, public = getattr(room, name), getattr(tfdis, name, None)
            if callable(thing) and thing is not public:
                assert f"{room.__name__}.{name}" in described
    assert {"tfdis.registry.encoder", "tfdis.ops.mmd", "tfdis.dlib.install"} <= described
