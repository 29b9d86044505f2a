"""Both pages run in both languages, and what goes wrong is said in a sentence."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.settings import settings
from tests.views.opened import app_page
from views import loaded
from views.words import Language, Words, words

EMPTY = "440310"  # no firm of the sample is registered in 坪山
SMALL_PLAN = """\
schema: cluster-plan/0.1
plan:
  id: nanshan-example
  title: 南山区示例方案 <2025> *草案*
  city: {name: 深圳市, adcode: "440300"}
  period: {start: 2022, end: 2025}
  extends: shenzhen-digital-economy-2021-2023
targets:
  - id: N1
    kind: cluster_count
    geography: "440305"
    metric: 南山区百亿级细分领域产业集群
    cluster_threshold: {value: 100, unit: 亿元}
    operator: ">="
    value: 4
    unit: 个
    by: 2025
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of one's own; everything that remembers settings or plans forgets them before and after."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    (tmp_path / "plans").mkdir()
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    settings.cache_clear()
    st.cache_resource.clear()


def overview(lang: Language = "zh", **query: str) -> AppTest:
    return app_page("overview", **({"lang": lang} | query)).run()


def district(district_id: str, lang: Language = "zh", **query: str) -> AppTest:
    """The page of a district, reached as a reader does: by its button under the map."""
    page = overview(lang, focus=f"district:{district_id}", **query)
    return page.button(key="open_district").click().run()


def sentences(page: AppTest) -> list[str]:
    """What boxes say, as a reader sees it: Markdown's escapes are gone."""
    return [re.sub(r"\\(.)", r"\1", box.value) for box in (*page.info, *page.error, *page.warning)]


def html(page: AppTest) -> str:
    """Everything that a page writes as markup, in one text."""
    return "\n".join(element.proto.body for element in page.get("html"))


def test_both_pages_run(language: Language) -> None:
    t = words(language)
    page = overview(language)
    assert not page.exception
    assert not sentences(page)
    assert page.markdown[0].value.replace("\\", "") == f"## {t('overview.title', city=t('city'))}"
    assert len(page.dataframe) == 1
    assert len(page.get("component_instance")) == 1
    for target in ("T1", "T2", "T3", "T5", "T9", "T10", "T11", "T12"):
        assert t(f"target.{loaded.PLAN_ID}.{target}").replace("&", "&amp;").replace(">", "&gt;") in html(page)

    page = district("440305", language)
    assert not page.exception
    assert not sentences(page)
    assert page.query_params["district"] in ("440305", ["440305"])
    assert len(page.dataframe) == 4
    assert any(t("district.derived") == caption.value for caption in page.caption)
    assert any(t("word.derived") in line.value for line in page.markdown)


@pytest.mark.parametrize("year", ["1999", "2031", "nonsense"])
def test_an_unknown_year_falls_back_to_the_default(year: str, t: Words) -> None:
    page = overview(year=year)
    assert not page.exception
    assert "year" not in page.query_params
    assert page.session_state["selection"].year is None
    assert any(
        t("footer.data", version="0", digest=loaded.dataset().digest, year=2021) in x.value for x in page.caption
    )


def test_a_year_that_is_not_the_best_covered_says_so(language: Language) -> None:
    t = words(language)
    caution = t("sample.other_year", year=2022, default=2021)
    assert any(caution in line.value for line in overview(language, year="2022").markdown)
    assert not any(caution in line.value for line in overview(language).markdown)


def test_filters_that_leave_nothing_say_so(language: Language) -> None:
    page = overview(language, subsectors="S01", tier="CNY_1E11")
    assert not page.exception
    assert words(language)("filter.none_left") in sentences(page)
    assert not page.dataframe
    page.button(key="clear_filters").click().run()
    assert not sentences(page)
    assert len(page.dataframe) == 1
    assert page.session_state["selection"].query() == ({"lang": "en"} if language == "en" else {})


def test_a_district_without_a_firm_says_so(language: Language) -> None:
    t = words(language)
    page = district(EMPTY, language)
    assert not page.exception
    assert t("district.empty", year=2021) in sentences(page)
    assert len(sentences(page)) == 2, "the table of firms has its own sentence"
    assert len(page.get("component_instance")) == 1


def test_a_broken_plan_file_is_said_in_a_sentence(workspace: Path, language: Language) -> None:
    (workspace / "plans" / "bad.yaml").write_text("schema: cluster-plan/0.1\nplan: {id: bad\n", "utf-8")
    page = overview(language)
    assert not page.exception
    assert not sentences(page), "a district's plan has no part in the overview"
    page = district("440305", language)
    assert not page.exception
    (said,) = sentences(page)
    assert "bad.yaml" in said
    assert "Traceback" not in said
    assert len(page.dataframe) == 4, "the rest of the page is there"


def test_a_plan_with_a_damaged_field_is_named_and_a_mended_one_is_seen(workspace: Path, language: Language) -> None:
    file = workspace / "plans" / "nanshan.yaml"
    file.write_text(SMALL_PLAN.replace("value: 4\n", "value: four\n"), "utf-8")
    page = app_page("district", lang=language, district="440305").run()
    assert not page.exception
    (said,) = sentences(page)
    assert "nanshan.yaml" in said
    assert "南山区百亿级细分领域产业集群" not in html(page)

    file.write_text(SMALL_PLAN, "utf-8")
    page = page.run()
    assert not page.exception
    assert not sentences(page)
    assert "南山区百亿级细分领域产业集群" in html(page)


def test_a_plan_of_its_own_gives_a_district_official_goals(workspace: Path, language: Language) -> None:
    t = words(language)
    (workspace / "plans" / "nanshan.yaml").write_text(SMALL_PLAN, "utf-8")
    page = district("440305", language)
    assert not page.exception
    assert not page.error
    heading = next(line.value for line in page.markdown if t("district.official") in line.value)
    assert "南山区示例方案" in heading
    assert "\\*草案\\*" in heading, "a title is text and no markup"
    assert "南山区百亿级细分领域产业集群" in html(page)
    goal = t("card.goal", goal="", year=2025).split("（")[-1] if language == "zh" else "by 2025"
    assert goal in html(page)

    other = district("440304", language)
    assert not any(t("district.official") in line.value for line in other.markdown)
    assert "南山区百亿级细分领域产业集群" not in html(other)


def test_choices_end_in_the_address() -> None:
    page = overview()
    page.button_group(key="measure").set_value("density").run()
    assert page.query_params["measure"] in ("density", ["density"])
    page.button_group(key="subsectors").set_value(["S07", "S05"]).run()
    assert page.query_params["subsectors"] in ("S05,S07", "S07,S05", ["S05,S07"], ["S07,S05"])
    page.selectbox(key="search").set_value("firm:00700.HK").run()
    assert page.session_state["selection"].focus.id == "00700.HK"
    page.button(key="clear").click().run()
    assert page.session_state["selection"].focus is None
    assert not page.exception
