"""Pages follow the current version of the data, and say of synthetic data that they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.dataset import Dataset
from data.settings import settings
from data.store import use_version
from data.synthetic import synthesize, write_register
from tests.register_files import import_register
from tests.views.opened import app_page
from views import loaded
from views.selection import Selection
from views.words import words

FIRMS = 400
SAID = words("zh")("synthetic.notice")


def take_in(home: Path, dataset: Dataset) -> None:
    write_register(synthesize(FIRMS, 3, dataset), home / "made.parquet")
    import_register(home / "made.parquet", home, dataset)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of one's own."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    settings.cache_clear()
    st.cache_resource.clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


def overview() -> AppTest:
    return app_page("overview", lang="zh").run()


def texts(page: AppTest) -> str:
    assert not page.exception
    return "\n".join([*(one.value for one in page.markdown), *(one.value for one in page.caption)])


def test_a_page_follows_the_pointer_and_says_what_is_synthetic(home: Path, dataset: Dataset) -> None:
    page = overview()
    assert "合成数据" not in texts(page)
    take_in(home, dataset)
    now = texts(page.run())
    assert f"名录 {FIRMS} 家企业中 {FIRMS} 家有 2023 年营收" in now
    assert words("zh")("synthetic.sentence") in now
    assert SAID in now
    use_version(home, "0")
    assert "合成数据" not in texts(page.run())


def test_boards_of_versions_of_the_same_bytes_are_kept_apart(home: Path, dataset: Dataset) -> None:
    take_in(home, dataset)
    one = loaded.board_of(Selection())
    assert loaded.board_of(Selection()) is one
    take_in(home, dataset)
    other = loaded.board_of(Selection())
    assert (one.dataset.version, other.dataset.version) == ("1", "2")
    assert one.dataset.digest == other.dataset.digest


def test_a_pointer_to_nothing_ends_in_a_sentence(home: Path) -> None:
    (home / "versions").mkdir()
    (home / "versions" / "current").write_text("7")
    page = overview()
    assert not page.exception
    assert [error.value for error in page.error] == ["没有数据版本“7”；现有版本：0。"]
