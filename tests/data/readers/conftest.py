"""Files of strangers, made on the spot, and the two ways to read them."""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.errors import RefusedFile
from data.readers import Limits, read_file
from data.readers.answer import take_answer
from data.readers.child import UPLOAD, answer_upload
from data.readers.raw_table import RawTable, ReadOptions
from data.readers.refusing import Refusal

Read = Callable[..., RawTable]
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A file of the given bytes, or text in UTF-8."""

    def made(content: bytes | str, name: str = "upload.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return made


@pytest.fixture
def packed(tmp_path: Path) -> Make:
    """A zip of the given members."""

    def made(members: dict[str, bytes], name: str = "upload.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return tmp_path / name

    return made


@pytest.fixture
def read_here(tmp_path: Path) -> Iterator[Read]:
    """Reads as the child does, in this process: for files that hold no mischief, and not for formats of GDAL."""
    turns = iter(range(100))

    def read(path: Path, limits: Limits | None = None, **options: object) -> RawTable:
        scratch = tmp_path / f"scratch{next(turns)}"
        scratch.mkdir()
        shutil.copyfile(path, scratch / UPLOAD)
        answer_upload(scratch, ReadOptions(**options), limits or Limits())
        return take_answer(scratch)

    return read


@pytest.fixture
def reason(read_here: Read) -> Callable[..., str]:
    """Why a file is refused, read in this process."""

    def why(path: Path, limits: Limits | None = None, **options: object) -> str:
        with pytest.raises(Refusal) as refused:
            read_here(path, limits, **options)
        return refused.value.reason

    return why


@pytest.fixture
def reason_of_child() -> Callable[..., str]:
    """Why a file is refused, read by the child behind its walls."""

    def why(path: Path, limits: Limits | None = None, **options: object) -> str:
        with pytest.raises(RefusedFile) as refused:
            read_file(path, ReadOptions(**options), limits=limits or Limits())
        return refused.value.reason

    return why
