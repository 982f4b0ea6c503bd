"""What ruff cannot check about prose: how descriptions begin, British spelling, who has to be documented."""

import ast
import importlib
import inspect
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = sorted((ROOT / "tfdis").rglob("*.py"))
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / "docs/notebooks").glob("*.md"),
]
AMERICAN = re.compile(
    r"\b(behaviors?|colors?|colored|grays?|neighbors?|neighboring|centers?|centered|labeled|labeling|modeling|"
    r"(normal|initial|regular|optim|organ|summar|serial|standard|discret|general|recogn|minim|maxim)"
    r"iz(e|es|ed|er|ers|ing|ation)|visualiz(e|es|ed|ing)|analyz(e|es|ed|ing))\b",
    re.IGNORECASE,
)
# Code in prose: names in backticks or quotes, names of arguments, attributes, paths, flags, gin bindings.
CODE = re.compile(
    r"`[^`]*`|\"[^\"]*\"|'[^' ]*'|\S*[_/=(@.-]\w\S*|^\s*(>>>|\.\.\.) .*|^\s*\w+: ", re.MULTILINE
)
REFERENCES = re.compile(r"^( *)References:\n(?:\1 +.*\n|\n)*", re.MULTILINE)


def american_words(prose: str) -> list[str]:
    """Words that are spelt as in America, outside of code and of the titles of papers."""
    prose = CODE.sub(" ", REFERENCES.sub("", prose))
    return [match[0] for match in AMERICAN.finditer(prose)]


def prose_of(source: str) -> Iterator[tuple[int, str]]:
    """Yields line and text of the docstrings and comments of a file."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.lstrip("rR").startswith('"""')
        if is_docstring or token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.fixture(scope="module")
def found_by():
    """Applies a rule to every docstring and comment of the library: file, line and text of what it finds."""
    library = [
        (f"{path.relative_to(ROOT)}:{line}", prose)
        for path in LIBRARY
        for line, prose in prose_of(path.read_text(encoding="utf-8"))
    ]

    def apply(rule):
        return [f"{at}: {text.strip()}" for at, prose in library for text in rule(prose)]

    return apply


@pytest.mark.long
def test_prose_is_spelt_as_in_britain(found_by):
    found = found_by(american_words)
    for path in PAGES:
        prose = re.sub(
            r"^```.*?^```|^    .*?$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S
        )
        found += [f"{path.name}: {word}" for word in american_words(prose)]
    assert found == []


@pytest.mark.parametrize(
    ("prose", "words"),
    [
        ("The color of an optimizer.", ["color", "optimizer"]),
        ("Normalizes the centers.", ["Normalizes", "centers"]),
        ("The colour of an optimiser; `optimizer` and color_dsprites are names.", []),
        ("Args:\n    optimizer: the optimiser.\n", []),
        ("References:\n    How to Summarize Colors. 2020.\n", []),
    ],
)
def test_the_checker_tells_america_from_britain(prose, words):
    assert american_words(prose) == words


def descriptions_that_begin_with_of(docstring: str) -> list[str]:
    """Lines such as "name: of the metric", which leave out the noun that they describe."""
    return re.findall(r"^ +[\w*, ]+: of .*$", docstring, re.MULTILINE)


@pytest.mark.long
def test_no_description_leaves_out_its_noun(found_by):
    assert found_by(descriptions_that_begin_with_of) == []
    assert descriptions_that_begin_with_of("Args:\n    name: of the metric.") != []
    assert descriptions_that_begin_with_of("Args:\n    name: name of the metric.") == []


def sections_not_indented_by_four(docstring: str) -> list[str]:
    """Headings of sections whose first line has another indentation than four spaces."""
    sections = re.findall(
        r"^( *)(Args|Attributes|Returns|Raises|Yields|Example|References):\n( *)", docstring, re.M
    )
    return [name for outer, name, inner in sections if len(inner) != len(outer) + 4]


@pytest.mark.long
def test_sections_are_indented_by_four_spaces(found_by):
    assert found_by(sections_not_indented_by_four) == []
    assert sections_not_indented_by_four("Args:\n  x: a number.\n") == ["Args"]
    assert sections_not_indented_by_four("  Args:\n      x: a number.\n") == []


def references_in_another_form(docstring: str) -> list[str]:
    """First lines of references that are not as in: Chen et al. (2018), "Isolating ...", NeurIPS."""
    lines = re.findall(r"^ *References:\n *(.*)$", docstring, re.MULTILINE)
    form = re.compile(r"(As for `|\w[\w' -]+( et al\.)? \(\d{4}\), \")")
    return [line for line in lines if not form.match(line)]


@pytest.mark.long
def test_references_have_one_form(found_by):
    assert found_by(references_in_another_form) == []
    assert references_in_another_form("References:\n    A Title. A. Author. 2020.") != []


def public_functions(source: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yields qualified name and definition of the functions and methods that are public in a file."""

    def visit(node, names):
        for child in ast.iter_child_nodes(node):
            is_public = not getattr(child, "name", "_").startswith("_")
            if isinstance(child, ast.ClassDef) and is_public:
                yield from visit(child, (*names, child.name))
            elif isinstance(child, ast.FunctionDef) and (is_public or child.name == "__init__"):
                yield ".".join((*names, child.name)), child

    yield from visit(ast.parse(source), ())


def unannotated(source: str) -> list[str]:
    """Arguments of public functions that have no type; `self`, `cls`, `*args` and `**kwargs` need none."""
    found = []
    for name, function in public_functions(source):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        found += [
            f"{name}({argument.arg})"
            for argument in arguments
            if argument.annotation is None
            and argument.arg not in ("self", "cls")
            and not argument.arg.startswith("_")
        ]
    return found


@pytest.mark.long
def test_arguments_of_public_functions_are_annotated():
    found = []
    for path in LIBRARY:
        names = unannotated(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(ROOT)}: {name}" for name in names]
    assert found == []
    assert unannotated("def f(x, _, *args): pass\ndef _g(x): pass") == ["f(x)"]
    assert unannotated("class A:\n    def __init__(self, x: int, y): pass") == ["A.__init__(y)"]


def undocumented_methods(module) -> list[str]:
    """Public methods of a module's public classes that neither they nor their bases document."""
    classes = [
        (name, value)
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and name[0] != "_"
    ]
    return [
        f"{name}.{method}"
        for name, value in classes
        for method, function in vars(value).items()
        if method[0] != "_" and (inspect.isroutine(function) or isinstance(function, property))
        if not inspect.getdoc(getattr(value, method))
    ]


@pytest.mark.long
def test_public_methods_are_documented_by_their_class_or_its_bases():
    found = []
    for path in LIBRARY:
        if "import mujoco" in path.read_text(encoding="utf-8"):  # An extra that may be missing.
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        found += [f"{module.__name__}.{method}" for method in undocumented_methods(module)]
    assert found == []
