"""Tables of the documentation that come from the code: everything with a name, commands, errors, the API.

Those of names and commands are kept in their pages, between `<!-- generated: NAME -->` and `<!-- end -->`,
where they are read without a build, too; this file run as a script (`make tables`) writes them anew. Errors
and the API are written when the pages are built.
"""

import importlib
import inspect
import itertools
import re
import sys
from pathlib import Path

from error_messages import error_messages

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
OUTPUT = DOCS / "_generated"
_KEPT = re.compile(r"(<!-- generated: (\w+) -->\n\n).*?(<!-- end -->)", re.DOTALL)
_TABLE_OF_NAMES = re.compile(r"^\| `tfdis\.(\w+)`", re.MULTILINE)
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
    "options": "What gin binds besides: roots, optimisers, callbacks",
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
    from tfdis.cli.catalogue import KINDS, files_of, reference_of, summary_of

    header, rows = ["name", "what it is", "reference"], []
    for name, found in KINDS[kind]().items():
        rows.append([f"`{name}`", _cell(summary_of(found)), _cell(reference_of(found))])
        if kind == "data":
            rows[-1].append(_cell(files_of(name) or "none needed"))
    return _table(*header, *(["files"] if kind == "data" else []), rows=rows)


def commands() -> str:
    """The table of all commands."""
    from tfdis.cli.tfdis import command_names

    texts = {name: importlib.import_module(f"tfdis.cli.{name}").__doc__ for name in command_names()}
    rows = [(f"`{name}`", _cell(text.splitlines()[0])) for name, text in texts.items()]
    return _table("command", "what it does", rows=rows)


def errors() -> str:
    """One table of errors for each room of tfdis."""
    parts = []
    for room, found in itertools.groupby(error_messages(ROOT / "tfdis"), lambda each: each.room):
        rows = [(f"`{each.kind}`", _cell(each.text)) for each in found]
        parts.append(f"## {room}\n\n{_table('error', 'message', rows=rows)}")
    return "\n".join(parts)


def reference() -> str:
    """Directives that describe every public name, under the headings of api.md; then those of rooms alone."""
    parts = []
    for section in (DOCS / "api.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        parts.append(f"## {section.partition(chr(10))[0]}\n")
        parts += [_directive("tfdis", name) for name in _TABLE_OF_NAMES.findall(section)]
    for module, names in names_of_rooms().items():
        parts.append(f"## {module}\n\n{_about(module)}\n")
        parts += [_directive(module, name) for name in names]
    return "\n".join(parts)


def names_of_rooms() -> dict[str, list[str]]:
    """Functions and classes that modules offer and `tfdis` itself does not: {module: names}."""
    import tfdis

    rooms = [f"tfdis.{name}" for name in dir(tfdis) if name not in tfdis.__all__]
    public = [getattr(tfdis, name) for name in tfdis.__all__]
    found = {}
    for module in ("tfdis.registry", *rooms):
        offered = importlib.import_module(module)
        things = {name: getattr(offered, name) for name in getattr(offered, "__all__", ())}
        names = [n for n, thing in things.items() if callable(thing) and thing not in public]
        if names:
            found[module] = names
    return found


def _about(module):
    return importlib.import_module(module).__doc__.partition("\n")[0]


def _directive(module: str, name: str) -> str:
    thing = getattr(importlib.import_module(module), name)
    kind = "class" if inspect.isclass(thing) else "function"
    lines = [f".. auto{kind}:: {module}.{name}"]
    # The text of a named tuple describes its fields.
    if fields := getattr(thing, "_fields", ()):
        lines.append(f"   :exclude-members: {', '.join(fields)}")
    return "\n".join(["```{eval-rst}", *lines, "```\n"])


def renewed(page: str) -> str:
    """The text of a page with the tables that it keeps as the code has them now."""
    return _KEPT.sub(lambda found: f"{found[1]}{_piece(found[2])}\n{found[3]}", page)


def _piece(name):
    from tfdis.cli.catalogue import KINDS

    if name == "commands":
        return commands()
    if name != "names":
        return listing_of(name)
    kinds = [kind for kind in KINDS if kind not in ("data", "metrics")]
    return "\n".join(f"## {TITLES.get(kind, kind)}\n\n{listing_of(kind)}" for kind in kinds)


def write(_app) -> None:
    """Writes the pieces that pages include."""
    OUTPUT.mkdir(exist_ok=True)
    for name, text in {"errors": errors(), "reference": reference()}.items():
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


def _main() -> None:
    """Writes the kept tables anew; with `--check` it says which pages are out of date, and exits with 1."""
    sys.path.insert(0, str(ROOT))
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
    old = {path: new for path, text in texts.items() if (new := renewed(text)) != text}
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(f"{path.name} is out of date. Fix: make tables" for path in old) or 0)
    for path, text in old.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _main()
