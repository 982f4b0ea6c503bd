"""Scores over extractors: of each the mean over the seeds of its VAE, then their mean and interval.

python benchmarks/over_extractors.py --evidence=docs/evidence/extractors

The folder's extractors.csv says which extractors are of one kind: columns kind, extractor (a number), section
(another section of evidence) and path (`features.path` of its rows there). Writes runs.csv (one row for each
extractor, scores averaged over its rows) and groups.csv (mean and 95 % interval over the extractors of a kind).
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from absl import app, flags  # noqa: E402

_EVIDENCE = flags.DEFINE_string("evidence", None, "Folder of the section.", required=True)
SCORES = (
    "factor_vae/eval_accuracy",
    "dci/disentanglement",
    "sap/SAP_score",
    "irs/IRS",
    "mig/discrete_mig",
)


def main(_) -> None:
    import pandas as pd

    from tfdis.files.command_text import command_text
    from tfdis.report.evidence import describe_section, groups_of

    folder = Path(_EVIDENCE.value)
    rows = []
    for row in pd.read_csv(folder / "extractors.csv").to_dict("records"):
        runs = pd.read_csv(folder.parent / row["section"] / "runs.csv")
        of_it = runs[runs["features.path"] == row["path"]]
        if of_it.empty:
            sys.exit(f"error: Expected rows of {row['path']} in {row['section']}. Received: none.")
        rows.append(row | {"runs": len(of_it)} | of_it[list(SCORES)].mean().to_dict())
    runs = pd.DataFrame(rows).rename(columns={"extractor": "seed"})
    groups = groups_of(runs, ["kind"], SCORES)
    runs.to_csv(folder / "runs.csv", index=False, float_format="%.6g")
    groups.to_csv(folder / "groups.csv", index=False, float_format="%.6g")
    command = command_text("python", "benchmarks/over_extractors.py", *sys.argv[1:])
    check = {
        "what": "mean DCI over the extractors finetuned from ImageNet's weights, from the rows",
        "file": "runs.csv",
        "rows": {"kind": "finetuned from ImageNet"},
        "column": "dci/disentanglement",
        "value": float(runs[runs.kind == "finetuned from ImageNet"]["dci/disentanglement"].mean()),
        "tolerance": 1e-5,
    }
    title = "The challenge's systems over several extractors"
    describe_section(folder, [command], {"arm3d_real": "generated"}, title, [check])
    print(groups[["kind", "score", "n", "mean", "low", "high"]].to_string(index=False))


if __name__ == "__main__":
    app.run(main)
