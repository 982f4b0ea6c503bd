"""Docstrings as reStructuredText: what is in single backticks is code, other signs stand for themselves."""

import itertools
import re

from pygments.lexers.python import PythonLexer

_LITERAL = re.compile(r"(``[^`]*``|`[^`]*`)")


def to_restructured_text(prose: str) -> str:
    """Prose whose formulas mean nothing to docutils; a name in backticks may be broken over two lines."""
    parts = _LITERAL.split(prose)
    for index, part in enumerate(parts):
        if index % 2:
            glued = parts[index + 1][:1].isalnum()
            parts[index] = f"``{part.strip('`')}``" + ("\\ " if glued else "")
        else:
            parts[index] = re.sub(r"([*|\\`])|(?<=\w)(_)(?!\w)", r"\\\1\2", part)
    return "".join(parts)


def process(_app, _what, _name, _thing, _options, lines: list[str]) -> None:
    """Changes the lines of a docstring in place, before napoleon reads its sections."""
    changed = []
    for is_example, group in itertools.groupby(
        lines, lambda line: line.lstrip()[:3] in (">>>", "...")
    ):
        text = "\n".join(group)
        changed += (text if is_example else to_restructured_text(text)).split("\n")
    lines[:] = changed


def signature(_app, what, _name, thing, *_) -> tuple[str, str] | None:
    """The arguments of a class that Keras or gin hides behind `*args, **kwargs`."""
    from tfdis import registry

    if what != "class" or not (parameters := registry.parameters_of(thing)):
        return None
    hidden = getattr(thing, "given_by_subclasses", ())
    shown = [
        p.name if p.default is p.empty else f"{p.name}={p.default!r}"
        for p in parameters.values()
        if p.name not in hidden
    ]
    return f"({', '.join(shown)})", ""


def setup(app) -> dict:
    """Tells Sphinx of this extension, and that gin files are coloured like Python."""
    app.connect("autodoc-process-docstring", process, priority=100)
    app.connect("autodoc-process-signature", signature)
    app.add_lexer("gin", PythonLexer)
    return {"parallel_read_safe": True}
