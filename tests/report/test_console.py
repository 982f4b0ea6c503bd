"""Tables that commands print."""

import io

from rich.console import Console

from tfdis.report.console import score_table


def test_scores_stand_below_their_variant():
    file = io.StringIO()
    table = score_table("data, 2 steps", ["trained", "untrained"], {"MIG *": [0.25, 0.1239]})
    Console(file=file, width=80).print(table)
    text = file.getvalue()
    assert "data, 2 steps" in text
    heading, row = (
        next(line for line in text.splitlines() if word in line) for word in ("score", "MIG")
    )
    for word, number in (("untrained", "0.124"), (" trained", "0.250")):
        assert heading.index(word) + len(word) == row.index(number) + len(number)
