"""Messages of the errors that tfdis raises, read from its source: `…` stands for what is filled in."""

import ast
import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

# Classes whose text no user sees, or that have none.
_UNSEEN = ("AttributeError", "NotImplementedError", "SystemExit")
_FILLED_IN = "…"


@dataclasses.dataclass(frozen=True)
class ErrorMessage:
    """An error.

    Attributes:
        room: the folder of tfdis that raises it, or the file that is in none.
        kind: name of its class.
        text: its message.
    """

    room: str
    kind: str
    text: str


class Builders:
    """Functions that make errors for others, and classes of errors that have a text of their own.

    Args:
        trees: syntax tree of each file.
    """

    def __init__(self, trees: Mapping[Path, ast.Module]):
        self._found = {}
        known = -1
        while known < len(self._found):  # Some are made of others.
            known = len(self._found)
            for path, tree in trees.items():
                self._look(path, tree)

    def _look(self, path, tree):
        for function in _functions(tree):
            made = [call for call in _returned(function) if _is_call(call)]
            if any(_class_of(call) or self.find(path, call) for call in made):
                self._add(path, function.name, function, made)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                for function in _functions(node):
                    if function.name == "__init__":
                        made = [call for call in ast.walk(function) if _is_super(call)]
                        self._add(path, node.name, function, made)

    def _add(self, path, name, function, made):
        self._found.setdefault(name, {})[path] = function, made

    def find(self, path: Path, call: ast.expr) -> tuple[ast.FunctionDef, list[ast.Call]] | None:
        """The function that a file calls, and the errors that it makes: its own, or the only one there is."""
        of_files = self._found.get(_name(call), {})
        return of_files.get(path, next(iter(of_files.values())) if len(of_files) == 1 else None)


def error_messages(folder: Path) -> list[ErrorMessage]:
    """All errors of the files below a folder, sorted and each once."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")}
    trees = dict(sorted(trees.items()))
    builders = Builders(trees)
    shared = {name: value for tree in trees.values() for name, value in _constants(tree).items()}
    found = set()
    for path, tree in trees.items():
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        constants = shared | _constants(tree)
        for call, names in _raised(tree):
            for kind, text in _messages(path, call, constants | names, builders):
                words = " ".join(text.split())
                if kind not in _UNSEEN and not kind.startswith("_") and words.strip(_FILLED_IN):
                    found.add(ErrorMessage(room, kind, words))
    return sorted(found, key=lambda error: (error.room, error.text, error.kind))


def _raised(tree) -> Iterator[tuple[ast.Call, dict]]:
    """Calls that a file raises, or returns as errors, each with the texts that its function has names for."""
    for function in [tree, *_functions(tree)]:
        names = _constants(function)
        for node in _own_nodes(function):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                yield node.exc, names
            elif isinstance(node, ast.Return) and _class_of(node.value):
                yield node.value, names
            elif isinstance(node, ast.Return) and "xpected" in _text(node.value, names):
                # A text for a `raise` elsewhere.
                yield ast.Call(ast.Name("ValueError"), [node.value], []), names


def _messages(path, call, names, builders) -> Iterator[tuple[str, str]]:
    builder = builders.find(path, call)
    if builder is None:
        texts = [text for value in call.args if (text := _text(value, names))]
        # `type(error)(...)` makes another error of its kind.
        yield _name(call) or "OSError", texts[-1] if texts else ""
        return
    function, made = builder
    names = names | _constants(function) | _given(function, call, names)
    for inner in made:
        if _is_super(inner):
            yield _name(call), _text(inner.args[0], names) if inner.args else ""
        else:
            yield from _messages(path, inner, names, builders)


def _given(function, call, names):
    """Texts of the arguments of a call; those that have none are filled in."""
    parameters = [each.arg for each in function.args.args if each.arg != "self"]
    defaults = dict(zip(parameters[::-1], function.args.defaults[::-1], strict=False))
    given = dict(zip(parameters, call.args, strict=False))
    given |= {word.arg: word.value for word in call.keywords if word.arg}
    texts = {name: _text(value, names) for name, value in {**defaults, **given}.items()}
    constants = _constants(function)
    return {
        name: ast.Constant(texts.get(name) or _FILLED_IN)
        for name in parameters
        if texts.get(name) or name not in constants
    }


def _text(node, names) -> str:
    """The text of an expression, `…` where only a run can tell; empty if it is none."""
    text = functools.partial(_text, names=names)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text(node.value) or _FILLED_IN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text(node.left) + text(node.right)
    if isinstance(node, ast.BoolOp):
        return next((found for value in node.values if (found := text(value))), "")
    if isinstance(node, ast.IfExp):
        return " / ".join(found for value in (node.body, node.orelse) if (found := text(value)))
    if isinstance(node, ast.Name) and node.id in names:
        rest = {name: value for name, value in names.items() if name != node.id}
        return _text(names[node.id], rest)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
        return re.sub(r"\{\w+\}", _FILLED_IN, text(node.func.value))
    return ""


@functools.cache
def _constants(node) -> dict[str, ast.expr]:
    """What the statements of a file or function bind to single names."""
    found = {}
    for each in _own_nodes(node):
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            found.setdefault(each.targets[0].id, each.value)
    return found


@functools.cache
def _own_nodes(node) -> list[ast.AST]:
    """The nodes below one that are in no function or class of their own."""
    found = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.ClassDef):
            found += [child, *_own_nodes(child)]
    return found


@functools.cache
def _functions(node) -> list[ast.FunctionDef]:
    return [each for each in ast.walk(node) if isinstance(each, ast.FunctionDef)]


def _returned(function) -> list[ast.expr]:
    return [node.value for node in _own_nodes(function) if isinstance(node, ast.Return)]


def _name(node) -> str:
    """Name of what a call calls, without what it belongs to."""
    called = getattr(node, "func", None)
    return getattr(called, "id", getattr(called, "attr", ""))


def _is_call(node) -> bool:
    return isinstance(node, ast.Call)


def _class_of(node) -> bool:
    """Whether an expression makes an error by its class."""
    return _is_call(node) and _name(node).endswith("Error")


def _is_super(node) -> bool:
    """Whether an expression is `super().__init__(...)`."""
    return _is_call(node) and ast.unparse(node.func) == "super().__init__"
