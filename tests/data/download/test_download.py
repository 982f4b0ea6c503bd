"""Downloads from a server on this machine that truncates, stalls, lies, and has mirrors."""

import errno
import gzip
import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest

from tfdis.cli import dlib_download_data
from tfdis.data.download import download as download_module
from tfdis.data.download import http, unpack
from tfdis.data.download.download import WrongHashError, download, published_files
from tfdis.data.download.http import DownloadError, Patience
from tfdis.data.download.originals import missing_error
from tfdis.data.download.remote_file import RemoteFile
from tfdis.data.sets.cars3d.original import files_of

_SPEC = importlib.util.spec_from_file_location(
    "file_server", Path(__file__).with_name("file_server.py")
)
file_server = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(file_server)

CONTENT = np.random.RandomState(0).bytes(300_000)
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()
QUICK = Patience(timeout_seconds=0.3, num_attempts=3, backoff_seconds=0.01)


@pytest.fixture
def server():
    with file_server.FileServer() as server:
        server.files["/a.bin"] = CONTENT
        yield server


@pytest.fixture
def sources(server, monkeypatch):
    """Sets the files of a data set "set"; returns the function that does."""

    def set_sources(*files):
        monkeypatch.setattr(download_module, "published_files", lambda: {"set": files})

    set_sources(RemoteFile("set/a.bin", (f"{server.address}/a.bin",), MD5, len(CONTENT)))
    return set_sources


def _names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_comes_whole_and_once(server, sources, tmp_path):
    assert download(["set"], tmp_path, patience=QUICK) == [tmp_path / "set" / "a.bin"]
    assert (tmp_path / "set" / "a.bin").read_bytes() == CONTENT
    assert _names(tmp_path) == ["set/a.bin"]
    download(["set"], tmp_path, patience=QUICK)
    assert server.requests == [("/a.bin", None)]


@pytest.mark.parametrize(
    "faults",
    [
        ["truncate"],
        ["truncate", "truncate", "truncate", "truncate"],
        ["stall"],
        ["trickle"],
        ["status 503", "status 429"],
        ["truncate", "status 500", "stall", "whole"],
        ["more"],
    ],
)
def test_bad_servers_are_outlasted(server, sources, tmp_path, faults):
    server.faults["/a.bin"] = list(faults)
    start = time.monotonic()
    (path,) = download(["set"], tmp_path, patience=QUICK)
    assert path.read_bytes() == CONTENT and _names(tmp_path) == ["set/a.bin"]
    assert time.monotonic() - start < 8
    assert len(server.requests) == len(faults) + ("whole" not in faults)


def test_only_what_is_missing_is_asked_for(server, sources, tmp_path):
    server.faults["/a.bin"] = ["truncate"]
    download(["set"], tmp_path, patience=QUICK)
    assert server.requests == [("/a.bin", None), ("/a.bin", "bytes=150000-")]


def test_a_stopped_download_goes_on_where_it_was(server, sources, tmp_path):
    server.faults["/a.bin"] = ["truncate", *["status 503"] * 3]
    with pytest.raises(DownloadError, match=r"503.*150000 bytes are kept in .*a\.bin\.part"):
        download(["set"], tmp_path, patience=QUICK)
    assert _names(tmp_path) == ["set/a.bin.part"]
    server.requests.clear()
    download(["set"], tmp_path, patience=QUICK)
    assert server.requests == [("/a.bin", "bytes=150000-")]
    assert _names(tmp_path) == ["set/a.bin"]


@pytest.mark.parametrize("part", [CONTENT, CONTENT + b"too long"])
def test_parts_that_are_complete_or_too_long(server, sources, tmp_path, part):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.bin.part").write_bytes(part)
    (path,) = download(["set"], tmp_path, patience=QUICK)
    assert path.read_bytes() == CONTENT


def test_a_part_of_another_file_is_started_anew(server, sources, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.bin.part").write_bytes(b"x" * 1000)
    (path,) = download(["set"], tmp_path, patience=QUICK)
    assert path.read_bytes() == CONTENT
    assert server.requests == [("/a.bin", "bytes=1000-"), ("/a.bin", None)]


def test_without_a_hash_parts_are_not_trusted(server, sources, tmp_path):
    sources(RemoteFile("set/a.bin", (f"{server.address}/a.bin",)))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.bin.part").write_bytes(b"x" * 1000)
    (path,) = download(["set"], tmp_path, patience=QUICK)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_a_wrong_hash_names_both_and_removes_nothing(server, sources, tmp_path, kind):
    expected = f"{kind}:" + "0" * (32 if kind == "md5" else 64)
    sources(RemoteFile("set/a.bin", (f"{server.address}/a.bin",), expected))
    received = hashlib.new(kind, CONTENT).hexdigest()
    with pytest.raises(WrongHashError, match=f"{expected}. Received: {kind}:{received}"):
        download(["set"], tmp_path, patience=QUICK)
    assert _names(tmp_path) == [f"set/a.bin.{received}.wrong-hash"]
    assert (tmp_path / "set" / f"a.bin.{received}.wrong-hash").read_bytes() == CONTENT
    download(["set"], tmp_path, check_hash=False, patience=QUICK)
    assert (tmp_path / "set" / "a.bin").read_bytes() == CONTENT


def test_another_size_is_refused_before_it_comes(server, sources, tmp_path):
    sources(RemoteFile("set/a.bin", (f"{server.address}/a.bin",), MD5, 299_999))
    with pytest.raises(DownloadError, match="299999 bytes. Received: a file of 300000 bytes"):
        download(["set"], tmp_path, patience=QUICK)


@pytest.mark.parametrize("first", ["gone", "wrong", "silent", "elsewhere"])
def test_the_next_place_is_tried(server, sources, tmp_path, first):
    server.files["/wrong"] = b"<html>moved</html>"
    server.files["/silent"] = CONTENT
    server.faults["/silent"] = ["status 503"] * 3
    place = "http://127.0.0.1:9/a" if first == "elsewhere" else f"{server.address}/{first}"
    sources(RemoteFile("set/a.bin", (place, f"{server.address}/a.bin"), MD5))
    (path,) = download(["set"], tmp_path, patience=QUICK)
    assert path.read_bytes() == CONTENT


def test_mirrors_come_first(server, sources, tmp_path):
    server.files["/mirror/set/a.bin"] = CONTENT
    download(["set"], tmp_path, [f"{server.address}/mirror/"], patience=QUICK)
    assert server.requests == [("/mirror/set/a.bin", None)]


def test_all_places_are_named_when_none_has_it(server, sources, tmp_path):
    places = (f"{server.address}/b", f"{server.address}/c", "ftp://127.0.0.1/d")
    sources(RemoteFile("set/a.bin", places, MD5))
    with pytest.raises(DownloadError) as caught:
        download(["set"], tmp_path, patience=QUICK)
    for place in places:
        assert place in str(caught.value)
    assert "404" in str(caught.value) and "http or https" in str(caught.value)
    assert _names(tmp_path) == []


def test_gzip_is_unpacked(server, sources, tmp_path):
    server.files["/a.gz"] = packed = gzip.compress(CONTENT)
    md5 = "md5:" + hashlib.md5(packed).hexdigest()
    file = RemoteFile("set/a.gz", (f"{server.address}/a.gz",), md5, 0, "set/a", len(CONTENT))
    sources(file)
    assert download(["set"], tmp_path, patience=QUICK) == [tmp_path / "set" / "a"]
    assert _names(tmp_path) == ["set/a"] and (tmp_path / "set" / "a").read_bytes() == CONTENT
    (tmp_path / "set" / "a").unlink()
    (tmp_path / "set" / "a.gz").write_bytes(packed)  # The user's own stays.
    server.files.clear()
    download(["set"], tmp_path, patience=QUICK)
    assert _names(tmp_path) == ["set/a", "set/a.gz"]


@pytest.mark.parametrize("damage", ["bomb", "half", "html"])
def test_bad_gzip_is_refused(tmp_path, damage):
    packed = gzip.compress(bytes(10**7) if damage == "bomb" else CONTENT)
    content = {"bomb": packed, "half": packed[: len(packed) // 2], "html": b"<html>"}[damage]
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(ValueError, match="a.gz to hold .*Received: .*left as it is"):
        unpack.unpack(tmp_path / "a.gz", tmp_path / "a", len(CONTENT))
    assert _names(tmp_path) == ["a.gz"]


def _tar(**members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def test_cars_are_unpacked_from_their_archive(tmp_path):
    members = {"data/cars/a.mat": b"1", "data/cars/list.txt": b"a", "data/sprites/b.mat": b"2"}
    (tmp_path / "c.tar.gz").write_bytes(_tar(**members))
    unpack.unpack(tmp_path / "c.tar.gz", tmp_path / "cars", 100, files_of)
    assert _names(tmp_path) == ["c.tar.gz", "cars/a.mat", "cars/list.txt"]


@pytest.mark.parametrize(
    "members",
    [
        {"data/cars/a.mat": b"1", "../evil.mat": b"2"},
        {"data/cars/a.mat": b"1", "data/cars/../../../evil.mat": b"2"},
        {"data/cars/a.mat": b"1" * 101},
        {"data/other/a.mat": b"1"},
    ],
)
def test_bad_archives_are_refused(tmp_path, members):
    (tmp_path / "c.tar.gz").write_bytes(_tar(**members))
    with pytest.raises(ValueError, match="c.tar.gz to hold"):
        unpack.unpack(tmp_path / "c.tar.gz", tmp_path / "cars", 100, files_of)
    assert _names(tmp_path) == ["c.tar.gz"] and not (tmp_path / "cars").exists()


def test_a_full_disk_keeps_what_has_come(server, sources, tmp_path, monkeypatch):
    class FullDisk(io.FileIO):
        def write(self, data):
            if self.tell() > 100_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    with monkeypatch.context() as patch:
        patch.setattr(http, "open", FullDisk, raising=False)
        patch.setattr(http, "_BLOCK_BYTES", 50_000)
        with pytest.raises(OSError, match="No space left.*kept. Fix: free some space") as caught:
            download(["set"], tmp_path, patience=QUICK)
    assert caught.value.errno == errno.ENOSPC
    assert _names(tmp_path) == ["set/a.bin.part"]
    download(["set"], tmp_path, patience=QUICK)
    assert (tmp_path / "set" / "a.bin").read_bytes() == CONTENT


def test_too_little_space_is_told_before_the_work(server, sources, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(http.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match="No space left"):
        download(["set"], tmp_path, patience=QUICK)


def test_an_unwritable_place_is_one_clear_error(sources, tmp_path):
    (tmp_path / "set").write_text("a file in the way")
    with pytest.raises(OSError, match="Expected to write .*Fix: "):
        download(["set"], tmp_path, patience=QUICK)
    assert (tmp_path / "set").read_text() == "a file in the way"


@pytest.mark.long
def test_two_processes_download_it_once(server, sources, tmp_path):
    server.faults["/a.bin"] = ["stall"]
    program = (
        "from tfdis.data.download import download\n"
        "from tfdis.data.download import http\n"
        "from tfdis.data.download.remote_file import RemoteFile\n"
        f"file = RemoteFile('set/a.bin', ('{server.address}/a.bin',), '{MD5}')\n"
        "download.published_files = lambda: {'set': (file,)}\n"
        f"download.download(['set'], '{tmp_path}', patience=http.Patience(timeout_seconds=1))\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert (tmp_path / "set" / "a.bin").read_bytes() == CONTENT
    assert len(server.requests) == 2 and _names(tmp_path) == ["set/a.bin"]


@pytest.mark.parametrize("names", [["nonsense"], []])
def test_unknown_names_list_the_known(tmp_path, names):
    with pytest.raises(ValueError, match="cars3d, .*smallnorb. Received: (nonsense|none)"):
        download(names, tmp_path)


def test_the_table_is_sound():
    sources = published_files()
    assert set(dlib_download_data._NAMES) <= set(sources)
    lengths = {"md5": 32, "sha256": 64}
    for file in {file for files in sources.values() for file in files}:
        assert not file.path.startswith("/") and ".." not in file.path
        kind, _, digits = file.hash.partition(":")
        assert not file.hash or (len(digits) == lengths[kind] and int(digits, 16))
        assert bool(file.unpacked) == bool(file.unpacked_bytes) == file.path.endswith(".gz")


@pytest.mark.parametrize("name", sorted(published_files()))
def test_every_missing_error_names_a_command_that_exists(name):
    assert f"bin/download_data {name}" in str(missing_error(name, ["x"]))
