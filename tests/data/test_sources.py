"""Every shipped file is the one that sources.toml describes, and nothing is shipped without an entry."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import data.sources
from data.errors import SourceMismatch
from data.reference import load_reference
from data.sources import REFERENCE, digest, renew_checksums, sources

DATA = REFERENCE.parent


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of everything shipped, to be damaged."""
    for folder in ("reference", "plans"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    monkeypatch.setattr(data.sources, "__file__", str(tmp_path / "sources.py"))
    monkeypatch.setattr(data.sources, "REFERENCE", tmp_path / "reference")
    sources.cache_clear()
    yield tmp_path
    sources.cache_clear()


def test_every_shipped_file_has_an_entry_and_every_entry_a_file() -> None:
    shipped = {
        path.relative_to(DATA).as_posix()
        for folder in ("reference", "plans")
        for path in (DATA / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    listed = [source.file for source in sources()]
    assert len(listed) == len(set(listed))
    assert set(listed) == shipped - {"reference/sources.toml"}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.file)
def test_each_entry_says_what_it_is_who_gave_it_when_and_under_which_terms(source: data.sources.Source) -> None:
    for field in ("title", "publisher", "licence", "date", "covers"):
        assert getattr(source, field).strip(), field
    assert re.match(r"\d{4}", source.date)
    assert source.sha256 == hashlib.sha256((DATA / source.file).read_bytes()).hexdigest()


def test_the_data_of_openstreetmap_keep_their_licence_and_credit() -> None:
    divider = next(source for source in sources() if source.file.endswith("shenshan_divider.csv"))
    assert "ODbL" in divider.licence
    assert "OpenStreetMap" in divider.publisher
    assert "OpenStreetMap contributors" in divider.path.read_text("utf-8")


def test_what_a_title_counts_is_what_the_file_holds() -> None:
    counted = {s.file: int(found.group()) for s in sources() if (found := re.match(r"\d+", s.title))}
    for file, rows in counted.items():
        lines = [line for line in (DATA / file).read_text("utf-8").splitlines() if line and not line.startswith("#")]
        assert len(lines) - 1 == rows, file
    assert len(counted) >= 6


@pytest.mark.parametrize("file", [source.file for source in sources()])
def test_one_changed_byte_is_noticed(shelf: Path, file: str) -> None:
    assert digest() == load_reference().digest
    path = shelf / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SourceMismatch, match=rf"^{re.escape(file)} has checksum"):
        digest()


def test_a_changed_file_stops_the_loading(shelf: Path) -> None:
    path = shelf / "reference" / "revenue.csv"
    path.write_text(path.read_text("utf-8").replace("5601.18", "9601.18"), "utf-8")
    with pytest.raises(SourceMismatch, match=r"revenue\.csv"):
        load_reference.__wrapped__()


def test_renewed_checksums_accept_the_edit_and_change_the_stamp(shelf: Path) -> None:
    before = digest()
    path = shelf / "reference" / "labels.csv"
    path.write_text(path.read_text("utf-8").replace("Luohu", "Lowu"), "utf-8")
    renew_checksums()
    sources.cache_clear()
    assert digest() != before
    text = (shelf / "reference" / "sources.toml").read_text("utf-8")
    old = (REFERENCE / "sources.toml").read_text("utf-8")
    changed = [line for line, was in zip(text.splitlines(), old.splitlines(), strict=True) if line != was]
    assert len(changed) == 1
    assert changed[0].startswith("sha256")
