"""Installs tfdis, its gin files and its commands."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent

# Command -> module of tfdis.cli whose main() it calls. Install tfdis after disentanglement_lib:
# both bring the dlib_* commands, and only these run on TensorFlow 2.
COMMANDS = {
    path.stem if path.stem.startswith(("dlib_", "tfdis")) else f"tfdis_{path.stem}": path.stem
    for path in sorted((ROOT / "tfdis" / "cli").glob("*.py"))
    if "\ndef main(" in path.read_text(encoding="utf-8")
}

# Ranges for `pip install .`; requirements.txt has the exact versions that were tested.
REQUIREMENTS = [
    "absl-py>=2.0",
    "filelock>=4.3,<5",
    "gin-config>=0.5,<0.6",
    "h5py>=3.10",
    "imageio>=2.30",
    "jinja2>=3.1",
    "keras>=3.15,<4",
    "lazy_loader>=0.4",
    "matplotlib>=3.9",
    "numba>=0.61",
    "numpy>=2.0",
    "pandas>=2.2",
    "pillow>=10.0",
    "requests>=2.31",
    "rich>=13.0",
    "scikit-learn>=1.5",
    "scipy>=1.13",
    "seaborn>=0.13",
    "setuptools<82",  # tensorflow-hub imports pkg_resources, which 82 no longer has.
    "simplejson>=3.19",
    "six>=1.16",
    "tensorboard>=2.20",
    "tensorflow>=2.21,<2.22",
    "tensorflow-hub>=0.16.1,<0.17",
    "tensorflow-probability>=0.25,<0.26",
    "tf-keras>=2.21,<2.22",
    "tqdm>=4.60",
    "urllib3>=2.0",
]


def read_version() -> str:
    """The version in tfdis/__init__.py, read without importing it."""
    text = (ROOT / "tfdis" / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE).group(1)


def gin_data_files() -> list[tuple[str, list[str]]]:
    """(folder below the environment's prefix, files in it) for every folder of gin/."""
    folders: dict[str, list[str]] = {}
    for path in sorted((ROOT / "gin").rglob("*.gin")):
        relative = path.relative_to(ROOT)
        folders.setdefault(f"share/tfdis/{relative.parent}", []).append(str(relative))
    return list(folders.items())


setup(
    name="tfdis",
    version=read_version(),
    description="Disentangled representations on TensorFlow 2 and Keras 3",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    project_urls={
        "The measure (disentanglement_lib)": "https://github.com/google-research/disentanglement_lib",
        "Its study": "https://arxiv.org/abs/1811.12359",
    },
    keywords="disentanglement, representation learning, variational autoencoder, TensorFlow, Keras",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "License :: OSI Approved :: Apache Software License",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
        "Typing :: Typed",
    ],
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["tfdis", "tfdis.*"]),
    # Said aloud, it makes `pip install --editable .` add this folder to sys.path. Otherwise setuptools
    # installs an import hook, before which Python takes a clone called tfdis, in the folder of the
    # script, for an empty namespace package.
    package_dir={"": "."},
    package_data={
        "": ["*.pyi"],
        "tfdis": ["py.typed"],
        "tfdis.report": ["page.*"],
        "tfdis.report.papers": ["published/*.csv"],
    },
    data_files=gin_data_files(),
    install_requires=REQUIREMENTS,
    extras_require={
        "arm": ["mujoco>=4.0"],
        "hub": ["huggingface_hub>=1.0"],
        "kaggle": ["kagglehub>=1.0"],
        "mlflow": ["alembic>=1.13", "mlflow-skinny>=3", "sqlalchemy>=2"],
        "wandb": ["wandb>=0.20"],
        "study": ["pyarrow>=20", "ray>=2.49"],
        "docs": ["furo>=2025.9", "myst-nb>=1.3", "sphinx>=8"],
        "dev": ["mypy>=2.0", "pytest>=9", "pytest-xdist>=3.8", "ruff>=0.17"],
    },
    entry_points={
        "console_scripts": [
            f"{command} = tfdis.cli.{module}:main" for command, module in COMMANDS.items()
        ]
    },
)
