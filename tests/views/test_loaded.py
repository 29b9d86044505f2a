"""Caches hold few versions: one that is no longer current is let go, however many pages showed it."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from bench.store_soak import firms_of
from data.reference import load_reference
from data.settings import settings
from data.store import commit, current_dataset
from tests.views.opened import app_page
from views import loaded


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of one's own, with nothing in the caches before and after."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    settings.cache_clear()
    st.cache_resource.clear()
    loaded._versions.clear()


@pytest.mark.parametrize(("most", "held"), [(1, False), (9, True)])  # the second is the control: a board holds it
def test_a_version_that_is_no_longer_current_is_let_go(
    most: int, held: bool, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded, "MOST_VERSIONS", most)
    seen = []
    for number in (1, 2):
        commit(workspace, load_reference(), firms_of(number))
        seen.append(weakref.ref(current_dataset()))
        page = app_page("overview", lang="zh").run()
        assert not page.exception
        del page
    gc.collect()  # a test's page holds its session in a circle
    assert [version() is not None for version in seen] == [held, True]


def test_a_walk_through_all_versions_empties_the_caches_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    emptied = []
    monkeypatch.setattr(st.cache_resource, "clear", lambda: emptied.append(len(loaded._versions)))
    for version in ("a", "b", "c", "b", "a", "c", "d", "a"):
        loaded._keep_few(version)
    loaded._versions.clear()
    assert emptied == [1], "three versions in turns are no walk; the fourth is"
