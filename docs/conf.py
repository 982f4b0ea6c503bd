"""Settings of Sphinx: `make docs`. `NOTEBOOKS=off` builds without running the notebooks."""

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "_extensions"), str(Path(__file__).parents[1])]
# Notebooks start processes of their own.
os.environ["PYTHONPATH"] = os.pathsep.join([sys.path[1], os.environ.get("PYTHONPATH", "")])
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tfdis  # noqa: E402

project = "tfdis"
author = "The tfdis developers"
copyright = "The tfdis developers"  # noqa: A001
version = release = tfdis.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "generated_pages",
    "docstrings",
]
exclude_patterns = ["_build", "_generated/*", "evidence/*"]
html_theme = "furo"
html_title = "tfdis"
html_static_path = ["_static"]
html_css_files = ["page.css"]
html_show_copyright = False
# Commands and formulas in indented blocks are no Python.
highlight_language = "none"
myst_heading_anchors = 4
# Flags begin with two dashes, and commands have straight quotes.
smartquotes = False

autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
autodoc_typehints = "none"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

nb_execution_mode = "off" if os.environ.get("NOTEBOOKS") == "off" else "force"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_output_stderr = "remove"  # Bars of progress.
