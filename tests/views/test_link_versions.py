"""An old link shows the old version and says that a newer one exists; a reader who may not see it gets the newest."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from api.tiles import tile_routes
from clusters.kept_plans import keep_plan, kept_plan, plan_digest
from clusters.plan import Plan, find_plans, load_plan
from clusters.release import visible_dataset
from clusters.roles import Role, Viewer
from data.dataset import Dataset
from data.reference import load_reference
from data.settings import settings
from data.store import current_version, dataset_of, open_version, use_version
from data.synthetic import synthesize, write_register
from tests.api.conftest import ask
from tests.register_files import import_register
from tests.views.opened import app_page
from views import loaded, map_atlas
from views.selection import Focus, Selection, fitted
from views.words import Language, words

FIRMS = (40, 60)


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with versions 1 and 2 beside the bundled set; 2 is the current one."""
    home = tmp_path_factory.mktemp("versions")
    for firms in FIRMS:
        write_register(synthesize(firms, firms, load_reference()), home / "register.parquet")
        import_register(home / "register.parquet", home, load_reference())
    return home


@pytest.fixture
def workspace(two_versions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it that a test may change."""
    shutil.copytree(two_versions, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    settings.cache_clear()
    st.cache_resource.clear()


def asked(page: AppTest, name: str) -> str:
    """A parameter of the address."""
    held = page.query_params.get(name, "")
    return held if isinstance(held, str) else held[0]


def opened(name: str = "overview", **query: str) -> AppTest:
    page = app_page(name, **query).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(box.value for box in (*page.warning, *page.info))


@pytest.mark.parametrize("name", ["start", "overview", "district", "compare", "sites", "gaps", "data", "methods"])
def test_every_page_names_its_data_and_its_plan_in_the_address(name: str) -> None:
    page = opened(name)
    assert asked(page, "data") == "0"
    assert asked(page, "plan") == plan_digest(loaded.plan_of_today())
    assert not {"data", "plan"} & set(page.session_state["selection"].query()), "and holds to neither"


def test_an_old_link_shows_the_old_version_and_leads_to_the_newest(workspace: Path, language: Language) -> None:
    t = words(language)
    page = opened(lang=language, data="1")
    assert t("link.data_newer", held="1", now="2") in said(page)
    footer = [line.value for line in page.caption]
    first = open_version(workspace, "1", load_reference())
    assert any(first.digest in line for line in footer)
    assert asked(page, "data") == "1"
    page.button_group(key="measure").set_value("firms").run()
    assert asked(page, "data") == "1", "choices do not let go of it"

    page.button(key="newest").click().run()
    assert not page.exception
    assert said(page) == ""
    assert asked(page, "data") == "2"
    assert asked(page, "measure") == "firms"


def test_a_link_to_what_is_current_follows_what_becomes_current(workspace: Path) -> None:
    page = opened(data="2")
    assert said(page) == ""
    use_version(workspace, "1")
    page.run()
    assert not page.exception
    assert said(page) == ""
    assert asked(page, "data") == "1"


def test_an_older_version_in_use_is_not_called_newer(workspace: Path) -> None:
    use_version(workspace, "1")
    assert words("zh")("link.data_other", held="2", now="1") in said(opened(data="2"))


@pytest.mark.parametrize("version", ["7", "999999999"])
def test_a_version_that_is_not_here_is_said_and_the_current_one_shown(workspace: Path, version: str) -> None:
    t = words("zh")
    page = opened(data=version)
    assert t("link.data_gone", asked=version, now="2") in said(page)
    assert asked(page, "data") == "2"
    page.button_group(key="measure").set_value("firms").run()
    assert t("link.data_gone", asked=version, now="2") in said(page), "until the reader has taken note"
    page.button(key="noted").click().run()
    assert said(page) == ""


def test_a_damaged_version_is_said_like_one_that_is_not_here(workspace: Path) -> None:
    (workspace / "versions" / "1" / "version.json").write_text("{}", "utf-8")
    assert words("zh")("link.data_gone", asked="1", now="2") in said(opened(data="1"))


@pytest.mark.parametrize("version", ["", "../1", "-1", "٢", "1e0", "01", "zwei"])
def test_what_is_no_version_asks_for_none(workspace: Path, version: str) -> None:
    page = opened(data=version)
    assert said(page) == ""
    assert asked(page, "data") == "2"


def test_things_that_another_version_does_not_have_are_let_go(dataset: Dataset, four_towns: Dataset) -> None:
    chosen = Selection(district="440305", focus=Focus("firm", "00700.HK"), measure="density", lang="en", data="1")
    chosen = chosen.on("compare", districts=("440305",))
    left = fitted(chosen, four_towns, ("S01",))
    assert left == Selection(measure="density", lang="en", data="1")
    assert fitted(chosen, dataset, ("S01",)) == chosen


# ---------------------------------------------------------------- who may see an earlier version


@pytest.mark.parametrize("role", ["public", "investor", "government:440305"])
def test_only_who_keeps_the_data_gets_an_earlier_version(
    workspace: Path, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = words("zh")
    monkeypatch.setenv("JIQUN_ROLE", role)
    _forget()
    page = opened(data="1")
    assert t("link.data_not_for_reader", asked="1", now="2") in said(page)
    assert asked(page, "data") == "2"
    assert page.session_state["selection"].data == ""
    assert visible_dataset(version="1").version == "2"
    assert t("link.data_not_for_reader", asked="7", now="2") in said(opened(data="7")), "nor learns which there are"


def test_two_readers_of_one_workspace(workspace: Path) -> None:
    assert visible_dataset(Viewer(), version="1").version == "1"
    assert visible_dataset(Viewer(Role.PUBLIC), version="1").version == "2"
    assert dataset_of("1") is dataset_of("1")
    assert dataset_of("2") is visible_dataset(Viewer())
    assert current_version(workspace) == "2"


def test_tiles_and_the_atlas_are_those_of_the_version(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tile = "/tiles/firms/8/209/111.pbf"
    bodies = {version: ask(tile_routes(), f"{tile}?data={version}").body for version in ("1", "2")}
    assert bodies["1"] != bodies["2"] == ask(tile_routes(), tile).body
    assert ask(tile_routes(), f"{tile}?data=7").status == 404
    atlas = map_atlas.map_atlas(dataset_of("1"), "zh", "light")
    assert "data=1" in atlas.address

    query = {"lang": "zh", "theme": "light"}
    assert map_atlas.asked_atlas(dataset_of, query | {"data": "1"}) is atlas
    assert map_atlas.asked_atlas(dataset_of, query | {"data": "7"}) is None

    monkeypatch.setenv("JIQUN_ROLE", "investor")
    _forget()
    told = {version: ask(tile_routes(), f"{tile}?data={version}").body for version in ("1", "2", "7")}
    assert told["1"] == told["2"] == told["7"]


# ---------------------------------------------------------------- the text of the plan


def other_text(plan: Plan, folder: Path) -> Plan:
    """The same plan with another title, so another digest."""
    file = folder / "earlier.yaml"
    text = plan.origin.path.read_text("utf-8")
    file.write_text(f"# an earlier edition\n{text}", "utf-8")
    return load_plan(file)


def test_a_plan_is_kept_by_its_digest_where_no_search_finds_it(plan: Plan, tmp_path: Path) -> None:
    earlier = other_text(plan, tmp_path)
    for each in (plan, earlier, earlier):
        keep_plan(each, tmp_path)
    again = kept_plan(plan_digest(earlier), tmp_path, plan_id=plan.id)
    assert again is not None
    assert again.origin.sha256 == earlier.origin.sha256
    kept = kept_plan(plan_digest(plan), tmp_path, plan_id=plan.id)
    assert kept is not None
    assert kept.text_checked, "its text was kept beside it"
    assert find_plans(tmp_path / "plans") == find_plans()
    assert kept_plan(plan_digest(plan), tmp_path, plan_id="another") is None


def test_a_copy_that_was_changed_is_none(plan: Plan, tmp_path: Path) -> None:
    keep_plan(plan, tmp_path)
    (copy,) = (tmp_path / "plans" / "kept").glob("*/*.yaml")
    copy.write_text(copy.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert kept_plan(plan_digest(plan), tmp_path, plan_id=plan.id) is None


@pytest.mark.parametrize("digest", ["", "../plans", "0" * 8, "0" * 64])
def test_a_digest_that_nobody_kept_is_none(digest: str, tmp_path: Path, plan: Plan) -> None:
    assert kept_plan(digest, tmp_path, plan_id=plan.id) is None


def test_a_link_under_an_earlier_text_shows_it_when_a_copy_is_here(workspace: Path, plan: Plan) -> None:
    t, now = words("zh"), plan_digest(plan)
    earlier = other_text(plan, workspace)
    digest = plan_digest(earlier)
    assert t("link.plan_gone", asked=digest, now=now) in said(opened(plan=digest))

    _forget()
    keep_plan(earlier, workspace)
    page = opened(plan=digest)
    assert t("link.plan_other", held=digest, now=now) in said(page)
    assert asked(page, "plan") == digest
    assert any(digest in line.value for line in page.caption), "the foot names the text that is shown"
    page.button(key="newest").click().run()
    assert asked(page, "plan") == now
    assert said(page) == ""


def test_todays_text_is_kept_when_a_page_opens_it(workspace: Path, plan: Plan) -> None:
    opened()
    assert kept_plan(plan_digest(plan), workspace, plan_id=plan.id) is not None


def test_the_link_to_share_is_the_address(workspace: Path) -> None:
    page = opened(data="1", focus="district:440305")
    (code,) = page.code
    for part in ("/overview?", "focus=district:440305", "data=1", f"plan={plan_digest(loaded.plan_of_today())}"):
        assert part in code.value
