"""The page by responsible unit, from the list of all to one of them; and the way to it from a district."""

import pytest

from tests.views.opened import app_page
from views.units_choices import LONGEST
from views.words import LANGUAGES, Language, words

UNIT = "市地方金融监管局"


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_units_then_one(language: Language) -> None:
    t = words(language)
    page = app_page("units", lang=language).run()
    assert not page.exception
    assert not page.error
    (listed,) = page.dataframe
    assert len(listed.value) == 28
    assert listed.value[t("units.first_n")].sum() == 12 + 9 + 4  # each list has one first
    page.selectbox(key="unit").select(UNIT).run()
    assert not page.exception
    assert page.query_params["unit"] == [UNIT]
    subsectors, targets, tasks, safeguards = (table.value for table in page.table)
    assert subsectors[t("units.position")].tolist() == [t("units.first"), t("units.other")]
    assert targets[t("units.number")].tolist() == ["T1", "T2", "T11", "T12"]
    assert len(tasks) == len(safeguards) == 1
    assert not page.dataframe


def test_a_district_government_sees_its_district() -> None:
    page = app_page("units", lang="zh", unit="罗湖区政府").run()
    assert not page.exception
    assert page.table[-1].value["区"].tolist() == ["罗湖区"]


@pytest.mark.parametrize("unit", ["市气象局", "x" * (LONGEST + 1), "<script>", "市\x00商务局"])
def test_a_unit_that_the_plan_does_not_list_opens_the_list(unit: str) -> None:
    page = app_page("units", lang="zh", unit=unit).run()
    assert not page.exception
    assert len(page.dataframe) == 1
