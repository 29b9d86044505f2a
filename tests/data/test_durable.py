"""A file is replaced whole, or the old one stays and nothing lies beside it."""

from pathlib import Path

import pytest

from data.durable import replacing


def test_a_file_is_replaced(tmp_path: Path) -> None:
    for text in (b"one", b"two"):
        with replacing(tmp_path / "file") as file:
            file.write(text)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"two")]


def half_written(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"half")
        raise RuntimeError


def test_a_failure_leaves_the_old_file_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(RuntimeError):
        half_written(tmp_path / "file")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "old")]
