"""What `tfdis list` and `tfdis explain` show: the tables of the registry, and the zoo, in words."""

import dataclasses
import difflib
import inspect
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tfdis import registry
from tfdis.configuration.names import Option, options_of_package

# What the gin file of every metric of disentanglement_lib binds.
_OF_EVERY_METRIC = ("evaluation.evaluation_fn", "dataset.name")


def _objectives(base: str) -> dict[str, type]:
    from tfdis import objectives

    wanted = getattr(objectives, base)
    return {
        name: found
        for name, found in registry.OBJECTIVES.items()
        if isinstance(found, type) and issubclass(found, wanted)
    }


def _data() -> Mapping[str, Any]:
    registry.load("tfdis.data")
    return registry.DATA_SETS


def _options() -> dict[str, Option]:
    """What gin binds beside the other kinds: the roots of runs, optimisers, callbacks, ..."""
    rooms = tuple(f"tfdis.{room}" for room in _ROOMS_WITH_OPTIONS)
    registry.load(*rooms)
    others = {name for kind, names in KINDS.items() if kind not in _BY_OPTIONS for name in names()}
    return {
        name: option
        for name, option in options_of_package("tfdis").items()
        if name not in others and option.function.__module__.startswith(rooms)
    }


@dataclasses.dataclass(frozen=True)
class ZooModel:
    """A model of the zoo.

    Attributes:
        about: what its gin file says about it.
        reference: path of the gin file, and its seed.
    """

    about: str
    reference: str


def _zoo() -> dict[str, ZooModel]:
    from tfdis.configuration import search_folders
    from tfdis.sweeps.studies.zoo import SEED

    found = {}
    for point in registry.STUDIES.find("zoo")():
        places = [folder / file for folder in search_folders() for file in point.gin_files]
        texts = [place.read_text(encoding="utf-8") for place in places if place.is_file()]
        header = texts[0].partition("\n\ninclude")[0] if texts else ""
        about = "\n".join(line.removeprefix("# ").removeprefix("#") for line in header.splitlines())
        found[point.name] = ZooModel(about, f"{point.gin_files[0]}, seed {SEED}")
    return found


# What can be listed -> its names and what they stand for.
KINDS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "models": lambda: registry.MODELS,
    "terms": lambda: _objectives("Term"),
    "likelihoods": lambda: _objectives("ReconstructionLoss"),
    "schedules": lambda: _objectives("Schedule"),
    "networks": lambda: {**registry.ENCODERS, **registry.DECODERS, **registry.DISCRIMINATORS},
    "data": _data,
    "splits": lambda: registry.SPLITS,
    "labellers": lambda: registry.LABELLERS,
    "metrics": lambda: registry.METRICS,
    "backbones": lambda: registry.BACKBONES,
    "poolings": lambda: registry.POOLINGS,
    "options": _options,
    "studies": lambda: registry.STUDIES,
    "zoo": _zoo,
}
# The kinds that gin does not know.
_WITHOUT_GIN = ("studies", "zoo")
_BY_OPTIONS = ("options", *_WITHOUT_GIN)
_ROOMS_WITH_OPTIONS = (
    *("networks", "objectives", "data", "features", "training", "export", "runs", "evaluation"),
    "plots",
)


def listing(kind: str) -> None:
    """Prints one line for each name of a kind: gin name, first sentence, reference or files.

    Args:
        kind: a key of `KINDS`.

    Raises:
        ValueError: there is no such kind.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Column, Table

    if kind not in KINDS:
        raise ValueError(f"Expected one of {', '.join(KINDS)}. Received: {kind}.")
    last = {"data": ["reference", "files"], "zoo": ["gin file, seed, size"]}.get(
        kind, ["reference"]
    )
    # A path or a number of arXiv that is too long goes on in the next line.
    others = [Column(header, overflow="fold") for header in ("what it is", *last)]
    table = Table(Column("name", no_wrap=True), *others, box=box.SIMPLE)
    for name, found in KINDS[kind]().items():
        detail = reference_of(found)
        detail = f"{detail}, {_size(name)}" if kind == "zoo" else detail
        cells = [name, summary_of(found), detail, *([_files(name)] if kind == "data" else [])]
        # Brackets in texts are no markup.
        table.add_row(*(cell.replace("[", r"\[") for cell in cells))
    Console(width=shutil.get_terminal_size((120, 24)).columns).print(table)


def explanation(name: str) -> str:
    """Description of a name: every kind that has it, its text, and its gin parameters.

    Raises:
        ValueError: nothing has the name.
    """
    parts = [
        f"{name} ({kind})\n\n{_text(found)}\n"
        + ("" if kind in _WITHOUT_GIN else _parameters(kind, name, found))
        for kind, names in KINDS.items()
        if (found := names().get(name)) is not None
    ]
    if not parts:
        close = difflib.get_close_matches(
            name, [each for names in KINDS.values() for each in names()], n=3
        )
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise ValueError(
            f"Expected a name that `tfdis list {'|'.join(KINDS)}` shows. Received: {name}. Fix: {hint}One of "
            "your own has to be imported first, by --import=my_module."
        )
    return "\n".join(parts)


def _text(found):
    return getattr(found, "about", "") or inspect.getdoc(_callable(found)) or ""


def _callable(found: Any) -> Any:
    """The function or class of an entry."""
    return getattr(found, "function", None) or found


def summary_of(found: Any) -> str:
    """First sentence of the text of an entry, on one line."""
    return _text(found).partition("\n\n")[0].replace("\n", " ")


def reference_of(found: Any) -> str:
    """The references of a docstring, or of a row of metrics, on one line.

    A function without any has those of the class beside it that it builds.
    """
    if reference := getattr(found, "reference", ""):
        return reference
    function = inspect.unwrap(_callable(found))
    built = getattr(function, "__annotations__", {}).get("return")
    is_beside = getattr(built, "__module__", None) == function.__module__
    texts = [_text(found), (is_beside and built.__doc__) or ""]
    _, _, text = next((t for t in texts if "References:\n" in t), "").partition("References:\n")
    return " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())


def files_of(name: str) -> str:
    """How a user gets the published files of a data set; empty if it needs none."""
    source = registry.DATA_SETS.facts("source").get(name, "")
    if name in registry.DATA_SETS.facts("files"):
        return f"{source and f'{source}, or '}bin/download_data {name}"
    place = registry.DATA_SETS.facts("place").get(name)
    return f"by hand: $DISENTANGLEMENT_LIB_DATA/{place}" if place else source


def _files(name):
    """Whether the published files of a data set are at hand, or how they are got."""
    from tfdis.data.download.originals import originals_folder

    places = [file.wanted for file in registry.DATA_SETS.facts("files").get(name, ())]
    if place := registry.DATA_SETS.facts("place").get(name):
        places.append(place)
    there = places and all((originals_folder() / place).exists() for place in places)
    return "there" if there else files_of(name) or "none needed"


def _size(name):
    """Size of the Keras file of a model of the zoo, if it is trained."""
    from tfdis.export.load import find_file, zoo_path

    file = find_file(zoo_path(name))
    return f"{file.stat().st_size / 1e6:.1f} MB in {file}" if file else "not trained: make zoo"


def _parameters(kind: str, name: str, found: Any) -> str:
    if gin_file := getattr(found, "gin_file", None):
        return f"reference: {found.reference}\n{_bound_in(gin_file)}"
    lines = [f"    {name}.{p.name}{_default(p)}" for p in _gin_parameters(kind, found)]
    if isinstance(found, Option):
        known = inspect.signature(found.function).parameters
        shared = options_of_package("tfdis")["runtime"].bindable
        lines += [
            f"    {name}.{other}{f'  (runtime.{other} unless it is bound)' * (other in shared)}"
            for other in found.bindable
            if other not in known
        ]
    return "\n".join(["gin parameters:", *lines, ""]) if lines else ""


def _bound_in(gin_file: str) -> str:
    """What a gin file of disentanglement_lib binds; its name alone where that is not installed."""
    from tfdis.dlib import configs

    try:
        text = Path(configs.find_config(gin_file)).read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"gin file of disentanglement_lib: {gin_file}\n"
    bound = re.findall(r"^([\w./]+) *= *(.+)$", text, re.MULTILINE)
    lines = [f"    {name} = {value}\n" for name, value in bound if name not in _OF_EVERY_METRIC]
    return f"gin parameters, as bound in {gin_file} of disentanglement_lib:\n{''.join(lines)}"


def _gin_parameters(kind, found) -> Iterator[inspect.Parameter]:
    """The parameters that gin can bind: not those that are given by whoever calls a thing of this kind."""
    if isinstance(found, Option):
        known = inspect.signature(found.function).parameters
        yield from (known[name] for name in found.bindable if name in known)
        return
    if isinstance(found, type):
        hidden = {"self", "own_terms", "hyperparameters", *getattr(found, "given_by_the_root", ())}
        parameters = registry.parameters_of(found).values()
    else:
        given = {"codes", "factors", "seed", "ground_truth_data", "input_tensor", "latent_tensor"}
        hidden = given | {"num_latent", "output_shape", "is_training", "image_shape"}
        hidden = set() if kind == "data" else hidden
        parameters = inspect.signature(_callable(found)).parameters.values()
    for parameter in parameters:
        if parameter.name not in hidden and parameter.kind is not parameter.VAR_KEYWORD:
            yield parameter


def _default(parameter):
    if parameter.default is parameter.empty or re.match("<|REQUIRED", repr(parameter.default)):
        return "  (has to be bound)"
    return f" = {parameter.default!r}"
