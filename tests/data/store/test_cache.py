"""Where data sets keep what they render and convert."""

from tfdis.data.store import cache


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDIS_DATA", str(tmp_path))
    assert cache.cache_folder() == tmp_path
    monkeypatch.delenv("TFDIS_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache.cache_folder() == tmp_path / "xdg" / "tfdis"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / ".cache" / "tfdis"
