"""Tables in files: what is read, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from tfdis.evaluation.table_files import read_table

TABLE = np.random.RandomState(0).normal(size=(5, 3)).round(3)


@pytest.mark.parametrize("ending", ["npy", "npz", "csv", "parquet"])
def test_every_kind_of_file(tmp_path, ending):
    path = tmp_path / f"codes.{ending}"
    if ending == "npy":
        np.save(path, TABLE)
    elif ending == "npz":
        np.savez(path, codes=TABLE, factors=TABLE > 0)
    elif ending == "csv":
        pd.DataFrame(TABLE, columns=list("abc")).to_csv(path, index=False)
    else:
        pytest.importorskip("pyarrow")
        pd.DataFrame(TABLE, columns=list("abc")).to_parquet(path)
    np.testing.assert_array_equal(np.asarray(read_table(path, "codes")), TABLE)
    if ending == "npz":
        np.testing.assert_array_equal(read_table(path, "factors"), TABLE > 0)
        np.savez(path, other=TABLE)
        np.testing.assert_array_equal(read_table(path, "codes"), TABLE)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("1.5,2\n3,4\n", [0, 1]),
        ("a,b\n1.5,2\n3,4\n", [0, 1]),
        ("0,1\n1.5,2\n3,4\n", [0, 1]),
        (",0,1\n7,1.5,2\n9,3,4\n", [7, 9]),
        ("\ufeffa,b\n1.5,2\n3,4\n", [0, 1]),
    ],
)
def test_headers_and_indices_of_csv(tmp_path, text, index):
    path = tmp_path / "codes.csv"
    path.write_text(text, encoding="utf-8")
    table = read_table(path, "codes")
    np.testing.assert_array_equal(table.to_numpy(), [[1.5, 2], [3, 4]])
    assert table.index.tolist() == index


def test_texts_of_csv(tmp_path):
    path = tmp_path / "factors.csv"
    path.write_text("shape,size\nheart,1\nsquare,2\n")
    assert read_table(path, "factors")["shape"].tolist() == ["heart", "square"]


def _pickled(path):
    np.save(path, np.array([{"a": 1}, None]), allow_pickle=True)


def _two_arrays(path):
    np.savez(path, a=TABLE, b=TABLE)


BAD = {
    "none.npy": (None, FileNotFoundError, "Expected the file"),
    "codes.txt": (
        lambda path: path.write_text("1 2"),
        ValueError,
        r"\.npy, \.npz, \.csv, \.parquet",
    ),
    "objects.npy": (_pickled, ValueError, "table of numbers in .*objects.npy"),
    "text.npy": (lambda path: path.write_text("1 2"), ValueError, "table of numbers"),
    "empty.npy": (lambda path: path.write_bytes(b""), ValueError, "table of numbers"),
    "text.npz": (lambda path: path.write_text("1 2"), ValueError, "table of numbers"),
    "two.npz": (_two_arrays, ValueError, "an array 'codes' in .*two.npz.*Received: a, b"),
    "empty.csv": (lambda path: path.write_text(""), ValueError, "table of numbers"),
    "ragged.csv": (lambda path: path.write_text("a,b\n1,2\n1,2,3\n"), ValueError, "ragged.csv"),
    "bytes.csv": (lambda path: path.write_bytes(b"\xff\xfe\x00a"), ValueError, "bytes.csv"),
    "text.parquet": (
        lambda path: path.write_text("1 2"),
        (ValueError, ImportError),
        "text.parquet",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_table_is_one_clear_error(tmp_path, name):
    write, error, message = BAD[name]
    if write:
        write(tmp_path / name)
    with pytest.raises(error, match=message) as raised:
        read_table(tmp_path / name, "codes")
    assert str(raised.value).startswith("Expected") and "\n" not in str(raised.value)


def test_what_pandas_lacks_is_named(tmp_path, monkeypatch):
    def lacking(path):
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pd, "read_parquet", lacking)
    (tmp_path / "a.parquet").write_text("")
    with pytest.raises(ImportError, match="pip install pyarrow"):
        read_table(tmp_path / "a.parquet", "codes")
