"""The page of bin/report: complete in itself, escaped, with its pictures, sortable in a browser."""

import base64
import html
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from tfdis.report import pictures
from tfdis.report.build import build_report
from tfdis.report.html import write_page
from tfdis.report.pictures import Album, to_data_uri

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GIF = b"GIF89a with any content"
# As a folder `<script>alert('x')<` with a folder `script>...` in it, it is a run's name.
MALICIOUS = "<script>alert('x')</script><b onclick=\"x\">{{ 7 * 191 }}${=cmd()}"
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Tags with their attributes, text, and whether what opens closes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def write_run(run, mig, seed):
    folder = run / "metrics" / "mean" / "mig" / "results" / "json"
    folder.mkdir(parents=True)
    config = {
        "dataset.name": "'dsprites_full'",
        "model.model": "@vae()",
        "model.random_seed": str(seed),
    }
    steps = {
        "train_config": config,
        "train_results": {"uuid": str(run)},
        "evaluation_config": {"evaluation.evaluation_fn": "@mig"},
        "evaluation_results": {"discrete_mig": mig, "uuid": f"mig {run}"},
    }
    for name, content in steps.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


@pytest.fixture(scope="module")
def written_runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("report") / "runs"
    for seed, (name, mig) in enumerate(
        [("a", 0.2), (MALICIOUS, float("nan")), ("c", 0.1), ("d", 0.3)]
    ):
        write_run(root / name, mig, seed)
    visualizations = root / "a" / "visualizations"
    visualizations.mkdir()
    (visualizations / "traversals.png").write_bytes(PNG)
    (root / "a" / "training_log.csv").write_text("step,loss\n1,3.0\n2,2.0\n")
    old = root / "c" / "visualizations"
    (old / "traversals").mkdir(parents=True)
    (old / "traversals" / "traversals0.jpg").write_bytes(b"\xff\xd8\xff\xe0 jpeg")
    (old / "animated_traversals").mkdir()
    (old / "animated_traversals" / "fixed_interval_cycle0.gif").write_bytes(GIF)
    for name in "ad":
        (root / name / "model").mkdir()
        (root / name / "model" / "scores.csv").write_text("step,mig\n0,0.1\n10,0.2\n")
    return root


@pytest.fixture
def runs(written_runs, tmp_path):
    return shutil.copytree(written_runs, tmp_path / "runs")


@pytest.fixture(scope="module")
def text(written_runs, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(build_report([written_runs]), path)
    return path.read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_needs_nothing_else(text):
    page = Page(text)
    assert not re.search(r"https?://|//cdn|@import|url\(", text)
    assert page.all("link") == [] and all("src" not in found for found in page.all("script"))
    assert all(found["src"].startswith("data:image/") for found in page.all("img"))
    policy = page.all("meta")[1]["content"]
    assert policy.startswith("default-src 'none'")
    assert all(found.get("alt") for found in page.all("img"))


def test_names_are_harmless(text):
    page = Page(text)
    assert "<script>alert" not in text and "<b onclick" not in text and "1337" not in text
    assert len(page.all("script")) == 1 and page.all("b") == []
    assert MALICIOUS in "".join(page.text)
    assert MALICIOUS in [found["data-value"] for found in page.all("td")]


def test_bindings_paths_and_notes_are_harmless(runs, tmp_path):
    for path in runs.rglob("train_config.json"):
        found = json.loads(path.read_text())
        path.write_text(json.dumps(found | {"vae.note": f"'{MALICIOUS}'", "vae.beta": str(path)}))
    damaged = runs / "<img src=x>" / "results" / "json"
    damaged.mkdir(parents=True)
    (damaged / "train_config.json").write_text("<script>")
    write_page(build_report([runs]), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    page = Page(text)
    assert len(page.all("script")) == 1 and "<img src=x>" not in text
    assert f"vae.note = {MALICIOUS}" in "".join(page.text)
    assert "<img src=x>" in "".join(page.text)


def test_what_all_rows_share_stands_above_the_tables(text):
    groups, runs = text.split("<h2>Runs</h2>")
    shared = {"model": "vae", "data set": "dsprites_full", "provenance": "not stated"}
    for part in (groups, runs):
        for heading, value in shared.items():
            assert f"<li><span>{heading}:</span> {value}</li>" in part
            assert f">{heading}</th>" not in part
    assert re.findall(r"<th[^>]*>(.*?)</th>", groups) == ["MIG", "best run"]
    assert re.findall(r"<th[^>]*>(.*?)</th>", runs) == ["run", "seed", "MIG"]


def test_what_differs_and_equal_scores_stay_in_the_tables(tmp_path):
    for name, data_set in (("a", "dsprites_full"), ("b", "cars3d")):
        write_run(tmp_path / name, 0.5, seed=3)
        path = tmp_path / name / "metrics/mean/mig/results/json/train_config.json"
        path.write_text(path.read_text().replace("dsprites_full", data_set))
    write_page(build_report([tmp_path]), tmp_path / "page.html")
    groups, runs = (tmp_path / "page.html").read_text().split("<h2>Runs</h2>")
    assert re.findall(r"<th[^>]*>(.*?)</th>", groups) == ["data set", "MIG", "best run"]
    assert re.findall(r"<th[^>]*>(.*?)</th>", runs) == ["run", "data set", "MIG"]
    assert "<li><span>seed:</span> 3</li>" in runs


def test_tables_have_all_scores_and_say_nan(text):
    page = Page(text)
    values = [found["data-value"] for found in page.all("td") if "number" in found["class"]]
    assert {"0.2", "0.1", "0.3", ""} <= set(values)
    shown = [part.replace("\u00a0", " ") for part in page.text]
    assert "NaN" in shown
    # Mean of 0.1, 0.2, 0.3; t_{0.975, 2} = 4.302653.
    assert "0.200" in shown
    assert "± 0.100 [-0.048, 0.448] (n=3, 1 not finite)" in shown


def test_pictures_are_embedded_as_they_are(text):
    uris = [found["src"] for found in Page(text).all("img")]
    assert to_data_uri(PNG) in uris and to_data_uri(GIF) in uris
    assert sum(uri.startswith("data:image/jpeg") for uri in uris) == 1
    captions = [found["alt"] for found in Page(text).all("img")]
    assert sorted(captions) == [
        "latent traversals of a",
        "latent traversals of c",
        "latent traversals, animated of c",
        "scores during training of a",
        "scores during training of all runs",
        "scores during training of d",
        "scores over seeds of all groups",
        "training curves of a",
    ]
    assert (
        base64.b64decode(uris[captions.index("training curves of a")].partition(",")[2])[:4]
        == b"\x89PNG"
    )


def test_damaged_pictures_and_logs_are_noted_and_the_page_is_written(runs, tmp_path):
    (runs / "a" / "visualizations" / "traversals.png").write_bytes(b"<html>")
    (runs / "a" / "training_log.csv").write_text("no log")
    (runs / "d" / "model" / "scores.csv").write_text("step,mig\n1,x\n")
    write_page(build_report([runs]), tmp_path / "page.html")
    shown = "\n".join(Page((tmp_path / "page.html").read_text()).text)
    assert "latent traversals cannot be shown" in shown and "traversals.png" in shown
    assert "training curves cannot be shown" in shown
    assert shown.count("scores during training cannot be shown") == 2


def test_groups_that_no_picture_holds_are_noted(runs, monkeypatch):
    monkeypatch.setattr(pictures, "_MOST_GROUPS", 0)
    album = Album(1000)
    assert album.of_groups(build_report([runs])) == []
    assert album.notes == ["More than 0 groups: there is no picture of the scores over seeds."]


def test_pictures_are_limited(runs, tmp_path):
    write_page(build_report([runs]), tmp_path / "none.html", max_megabytes=0)
    assert Page((tmp_path / "none.html").read_text()).all("img") == []
    album = Album(len(PNG))
    (runs / "a" / "training_log.csv").unlink()
    (runs / "a" / "model" / "scores.csv").unlink()
    assert [picture.uri for picture in album.of_run(runs / "a")] == [to_data_uri(PNG)]
    assert album.of_run(runs / "a") == [] and album.num_left_out == 1


CLICKS = """<script>
const table = document.querySelectorAll("table.sortable")[1], rows = [];
const column = table.rows[0].cells.length - 1;
for (let click = 0; click < 2; click++) {
  table.rows[0].cells[column].querySelector("button").click();
  rows.push([...table.tBodies[0].rows].map(row => row.cells[column].textContent).join(" "));
}
document.title = rows.join("; ");
</script></body>"""


@pytest.mark.long
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_click_sorts_in_a_browser(text, tmp_path):
    page = tmp_path / "clicked.html"
    page.write_text(text.replace("</body>", CLICKS))
    flags = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--disable-quic"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [
        "chromium",
        *flags,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        page.as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=100).stdout
    title = html.unescape(re.search("<title>(.*?)</title>", dom).group(1))
    assert title == "0.300 0.200 0.100 NaN; 0.100 0.200 0.300 NaN"


@pytest.mark.long
def test_the_command(runs, tmp_path, start_command):
    bad = runs / "d" / "metrics" / "mean" / "mig" / "results" / "json" / "evaluation_results.json"
    bad.write_text('{"discrete_mig": 0.')
    result = start_command("report", "runs", cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    warnings = [line for line in result.stderr.splitlines() if "evaluation_results.json" in line]
    assert len(warnings) == 1 and "is not JSON" in warnings[0]
    files = {"report.html", "report.md", "runs.csv", "groups.csv"}
    assert {path.name for path in (tmp_path / "report").iterdir()} == files
    page = (tmp_path / "report" / "report.html").read_bytes()

    again = start_command("report", "runs", cwd=tmp_path)
    assert again.returncode == 1 and "exists" in again.stderr
    assert (tmp_path / "report" / "report.html").read_bytes() == page

    bad.unlink()
    shutil.rmtree(runs / "d")
    replaced = start_command("report", "runs", "--overwrite", "--max_megabytes=0", cwd=tmp_path)
    assert replaced.returncode == 0, replaced.stderr
    assert len((tmp_path / "report" / "report.html").read_bytes()) < len(page)

    refused = start_command("report", "runs", "--overwrite", "--output_dir=runs", cwd=tmp_path)
    assert refused.returncode == 1 and "only replaces reports" in refused.stderr
    assert (runs / "a").is_dir()
