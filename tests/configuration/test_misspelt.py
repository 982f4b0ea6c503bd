"""Wrong names in gin files and bindings: expected, received, the closest name, and where it is."""

import gin
import pytest

from tfdis.configuration import configured
from tfdis.files.error_text import to_one_line


@gin.configurable("misspelt_root", module="test_misspelt", allowlist=["precision", "threads"])
def root(folder, threads=0, **options):
    return folder, threads, options


@gin.configurable("misspelt_part", module="test_misspelt", denylist=["images"])
def part(images, precise=False):
    return images, precise


@gin.register("misspelt_class", module="test_misspelt")
class Part:
    def __init__(self, size=1, *, shape=None):
        pass


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "misspelt_root.prec = 1",
            "Expected an option of misspelt_root, one of: precision, threads. Received: "
            "misspelt_root.prec. Fix: did you mean misspelt_root.precision?",
        ),
        (
            "a/misspelt_root.folder = 1",
            "one of: precision, threads. Received: misspelt_root.folder. Fix: correct or remove the line.",
        ),
        ("misspelt_part.images = 1", "one of: precise. Received: misspelt_part.images."),
        (
            "misspelt_part.precisely = 1",
            "Received: misspelt_part.precisely. Fix: did you mean misspelt_part.precise?",
        ),
        (
            "misspelt_class.sise = 1",
            "one of: size, shape. Received: misspelt_class.sise. Fix: did you",
        ),
        (
            "misspelt_prat.precise = 1",
            "Expected a name that gin knows. Received: misspelt_prat. Fix: did you mean misspelt_part?",
        ),
        ("misspelt_root.threads = @misspelt_prat", "Received: misspelt_prat. Fix: did you mean"),
        (
            "qqqqqq.z = 1",
            "Received: qqqqqq. Fix: correct it, or import the module that registers it",
        ),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_wrong_name_is_said_with_the_names_there_are(line, message, in_file, tmp_path):
    (tmp_path / "root.gin").write_text(f"# A test.\n{line if in_file else ''}\n")
    lines = [] if in_file else [line]
    with pytest.raises(ValueError) as info, configured([str(tmp_path / "root.gin")], lines):
        pass
    assert message in str(info.value)
    assert ("root.gin" in str(info.value)) == in_file and line in str(info.value)


@pytest.mark.parametrize("in_file", [True, False])
def test_a_text_without_quotes_is_said_with_them(in_file, tmp_path):
    (tmp_path / "root.gin").write_text(f"# A test.\n{'FOLDER = pictures' if in_file else ''}\n")
    lines = [] if in_file else ["FOLDER = pictures"]
    expected = "^Expected a value: a number, .*Received: pictures. Fix: 'pictures', if it is a text"
    files = [str(tmp_path / "root.gin")]
    with pytest.raises(SyntaxError, match=expected) as info, configured(files, lines):
        pass
    line = to_one_line(info.value)
    assert ("root.gin, line 2: Expected" in line) == in_file
    assert line.endswith("if it is a text: FOLDER = pictures") or not in_file


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("misspelt_root.threads 4", "Received: misspelt_root.threads 4 (Couldn't parse statement"),
        ("misspelt_root.threads = 4 5", "Received: misspelt_root.threads = 4 5 (Expected newline)"),
        (
            "misspelt_root.threads =",
            ("Received: misspelt_root.threads = (", "Received: one that ends early"),
        ),
        ("= 4", "Received: = 4 ("),
        ("misspelt_root.threads = [4,", "Received: one that ends within a bracket or a text"),
        # Python 3.11 reads a quote that is not closed as a sign of its own.
        ("misspelt_root.threads = 'four", ("Received: one that ends", "threads = 'four (Unable")),
    ],
)
@pytest.mark.parametrize("in_file", [True, False])
def test_a_line_that_is_none_is_shown(line, message, in_file, tmp_path):
    (tmp_path / "root.gin").write_text(f"# A test.\n{line if in_file else ''}\n")
    lines = [] if in_file else [f"# A test.\n{line}"]
    files = [str(tmp_path / "root.gin")]
    with pytest.raises(SyntaxError, match="Expected a") as info, configured(files, lines):
        pass
    messages = message if isinstance(message, tuple) else (message,)
    assert any(text in to_one_line(info.value) for text in messages)
    assert ("root.gin" in to_one_line(info.value)) == in_file


def test_other_errors_are_as_they_were():
    with (
        pytest.raises(ValueError, match="^mine$"),
        configured(bindings=["misspelt_root.threads = 1"]),
    ):
        raise ValueError("mine")
