"""Tables of the documentation that come from the code: everything with a name, commands, errors, the API."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
OUTPUT = DOCS / "_generated"
TITLES = {
    "models": "Models",
    "terms": "Terms of the loss",
    "likelihoods": "Likelihoods",
    "schedules": "Schedules",
    "networks": "Networks",
    "data": "Data sets",
    "splits": "Splits",
    "labellers": "Labellers",
    "metrics": "Metrics",
    "backbones": "Backbones",
    "poolings": "Pooling layers",
    "studies": "Studies",
    "zoo": "The zoo of small models",
}


def _cell(text: str) -> str:
    """A text as a cell of a Markdown table, outside of which its signs mean nothing."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    escaped = [
        part if part[:1] == "`" else re.sub(r"([*_<>\[\]$])", r"\\\1", part) for part in parts
    ]
    return "".join(escaped).replace("|", r"\|")


def _table(*header: str, rows) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def listing_of(kind: str) -> str:
    """The table of `tfdis list KIND` in Markdown."""
    from tfdis import registry
    from tfdis.cli.catalogue import KINDS, reference_of, summary_of

    is_data = kind == "data"
    published = registry.DATA_SETS.facts("files") if is_data else {}
    rows = []
    for name, found in KINDS[kind]().items():
        last = f"`bin/download_data {name}`" if name in published else "made or given by you"
        last = last if is_data else _cell(reference_of(found))
        rows.append((f"`{name}`", _cell(summary_of(found)), last))
    return _table("name", "what it is", "files" if is_data else "reference", rows=rows)


def commands() -> str:
    """The table of all commands."""
    from tfdis.cli.tfdis import command_names

    texts = {name: importlib.import_module(f"tfdis.cli.{name}").__doc__ for name in command_names()}
    rows = [(f"`{name}`", _cell(text.splitlines()[0])) for name, text in texts.items()]
    return _table("command", "what it does", rows=rows)


def _message(node: ast.expr) -> str:
    """Text of an exception's message with ... for what is filled in; empty if it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _message(part) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    if isinstance(node, ast.BinOp):
        return _message(node.left) + _message(node.right)
    return ""


def messages(source: str) -> Iterator[tuple[str, str]]:
    """Yields (class, message) of the exceptions with a text that says "expected", raised or built by a file."""
    for node in ast.walk(ast.parse(source)):
        # Some functions return an error for others to raise.
        made = node.exc if isinstance(node, ast.Raise) else getattr(node, "value", None)
        if isinstance(node, ast.Raise | ast.Return) and isinstance(made, ast.Call) and made.args:
            text = _message(made.args[-1])
            if "xpected" in text:
                yield getattr(made.func, "id", ""), text


def errors() -> str:
    """One table of errors for each room of tfdis."""
    parts = []
    for room in sorted(path.parent for path in (ROOT / "tfdis").glob("*/__init__.py")):
        found = {
            message
            for path in sorted(room.rglob("*.py"))
            for message in messages(path.read_text(encoding="utf-8"))
        }
        if found:
            rows = [
                (f"`{kind}`", _cell(text)) for kind, text in sorted(found, key=lambda m: m[::-1])
            ]
            parts.append(f"## {room.name}\n\n{_table('error', 'message', rows=rows)}")
    return "\n".join(parts)


def reference() -> str:
    """Directives that describe every public name, under the headings of api.md."""
    parts = []
    for section in (DOCS / "api.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        parts.append(f"## {section.partition(chr(10))[0]}\n")
        for name in re.findall(r"^\| `tfdis\.(\w+)`", section, re.M):
            parts.append(f"```{{eval-rst}}\n{_directive(name)}\n```\n")
    return "\n".join(parts)


def _directive(name: str) -> str:
    import tfdis

    kind = "class" if inspect.isclass(getattr(tfdis, name)) else "function"
    return f".. auto{kind}:: tfdis.{name}"


def write(_app) -> None:
    """Writes the pieces that pages include."""
    from tfdis.cli.catalogue import KINDS

    OUTPUT.mkdir(exist_ok=True)
    pieces = {kind: listing_of(kind) for kind in KINDS}
    pieces["names"] = "\n".join(
        f"## {TITLES.get(kind, kind)}\n\n{pieces[kind]}"
        for kind in KINDS
        if kind not in ("data", "metrics")
    )
    pieces |= {"commands": commands(), "errors": errors(), "reference": reference()}
    for name, text in pieces.items():
        path = OUTPUT / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def leave_out_missing(_app, name: str, source: list[str]) -> None:
    """Takes pages that are not there out of the list of all pages."""
    if name == "index":
        lines = source[0].splitlines()
        pages = re.compile(r"[a-z_/]+")
        kept = [x for x in lines if not pages.fullmatch(x) or (DOCS / f"{x}.md").is_file()]
        source[0] = "\n".join(kept)


def setup(app) -> dict:
    """Tells Sphinx of this extension."""
    app.connect("builder-inited", write)
    app.connect("source-read", leave_out_missing)
    return {"parallel_read_safe": True}
