"""Numbers with an interval on the page Evidence: they are those of the tables in docs/evidence."""

import re
from pathlib import Path

import pandas as pd
import pytest

DOCS = Path(__file__).parents[2] / "docs"
_NUMBER = r"\d*\.\d+"


def parts(text):
    """(title, text) of each part of the page, from one heading to the next."""
    found = re.split(r"^#+ (.*)$", text, flags=re.M)
    return list(zip(found[1::2], found[2::2], strict=True))


def intervals(text):
    """(mean, half the width of its interval) as printed."""
    return re.findall(rf"({_NUMBER}) ± ({_NUMBER})", text)


def printed(value, like):
    """A number with as many digits as another, without a leading zero."""
    digits = len(like.partition(".")[2])
    return re.sub(r"^0\.", ".", f"{value:.{digits}f}")


def groups(text):
    """(mean, half its interval) of each score of three seeds or more, in the sections that a part names."""
    names = {a or b for a, b in re.findall(r"docs/evidence/(\w+)|\(evidence/(\w+)/", text)}
    paths = [path for name in names for path in DOCS.glob(f"evidence/{name}/*groups.csv")]
    found = pd.concat(map(pd.read_csv, paths))
    found = found[found.n >= 3]
    return list(zip(found["mean"], (found.high - found.low) / 2, strict=True))


PARTS = [part for part in parts((DOCS / "evidence.md").read_text("utf-8")) if intervals(part[1])]


@pytest.mark.parametrize(("title", "text"), PARTS, ids=[title for title, _ in PARTS])
def test_numbers_with_an_interval_are_those_of_the_named_sections(title, text):
    known = groups(text)
    wrong = [
        f"{mean} ± {half}"
        for mean, half in intervals(text)
        if (mean, half) not in {(printed(m, mean), printed(h, half)) for m, h in known}
    ]
    assert wrong == []


def test_no_table_shows_a_deviation_in_place_of_an_interval():
    text = (DOCS / "evidence.md").read_text("utf-8").lower()
    assert "± standard" not in text and "± sd" not in text
    assert len(PARTS) > 7
