"""A file is replaced whole, or the old one stays and nothing lies beside it."""

import os
import stat
from pathlib import Path

import pytest

from data.durable import replacing, replacing_path


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


def test_a_file_that_is_opened_by_name_is_replaced(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with replacing_path(tmp_path / "file.txt") as path:
            assert path.name == "file.txt"
            path.write_text(text)
            (path.parent / "file.txt-journal").write_text("left behind")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file.txt", "two")]


def test_a_file_takes_its_place_after_its_bytes_are_on_the_disk_and_before_the_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    flush, replace = os.fsync, Path.replace

    def flushing(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        flush(handle)

    def replacing(self: Path, target: Path) -> Path:
        done.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", flushing)
    monkeypatch.setattr(Path, "replace", replacing)
    with replacing_path(tmp_path / "file") as path:
        path.write_text("new")
    assert done == ["file", "replace", "folder"]


@pytest.mark.parametrize("error", [RuntimeError("half"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, error: BaseException) -> None:
    def half(target: Path) -> None:
        with replacing_path(target) as path:
            path.write_text("half")
            raise error

    (tmp_path / "file").write_text("old")
    with pytest.raises(type(error)):
        half(tmp_path / "file")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "old")]


def test_an_error_names_the_file_that_was_to_be_written(tmp_path: Path) -> None:
    def full(target: Path) -> None:
        with replacing_path(target) as path:
            raise OSError(28, "No space left on device", str(path))

    def nothing(target: Path) -> None:
        with replacing_path(target):
            pass

    for write, problem in ((full, "No space left"), (nothing, "No such file")):
        with pytest.raises(OSError, match=problem) as caught:
            write(tmp_path / "file")
        assert caught.value.filename == str(tmp_path / "file")
    with pytest.raises(OSError, match="other") as caught, replacing_path(tmp_path / "file"):
        raise OSError(2, "no such file", "other")
    assert caught.value.filename == "other"
    with pytest.raises(FileNotFoundError) as caught:
        nothing(tmp_path / "nowhere" / "file")
    assert caught.value.filename == str(tmp_path / "nowhere")
    assert not list(tmp_path.iterdir())
