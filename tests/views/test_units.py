"""The page by responsible unit, from the list of all to one of them; and the way to it from a district."""

import pytest

from clusters.district_duties import unit_account
from clusters.goals import Board
from tests.views.opened import app_page
from views.document import Table
from views.document_file import document_file
from views.units_choices import LONGEST
from views.units_document import unit_tables, units_document
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
    assert page.query_params["unit"] == UNIT
    subsectors, targets, tasks, safeguards = (table.value for table in page.table)
    assert subsectors[t("units.position")].tolist() == [t("units.first"), t("units.other")]
    assert targets[t("units.number")].tolist() == ["T1", "T2", "T11", "T12"]
    assert len(tasks) == len(safeguards) == 1
    assert not page.dataframe


@pytest.mark.parametrize("unit", ["", UNIT])
def test_the_page_can_be_taken_away(unit: str) -> None:
    page = app_page("units", lang="zh", **({"unit": unit} if unit else {})).run()
    assert not page.exception
    buttons = [button for button in page.get("download_button") if "units_paper" in button.proto.id]
    assert [button.proto.id.rsplit("_", 1)[1] for button in buttons] == ["pdf", "xlsx", "html"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_of_all_units_holds_each_with_its_counts(board: Board, language: Language) -> None:
    t = words(language)
    document = units_document(board, t, link="/units")
    (table,) = (part for section in document.sections for part in section.blocks if isinstance(part, Table))
    assert len(table.rows) == 28
    assert document.title == t("units.all_title")
    assert document.link == "/units"
    assert document.stamp
    assert document_file(document, "xlsx")[:2] == b"PK"


def test_totals_of_a_unit_stand_beside_what_the_data_hold(board: Board) -> None:
    t = words("zh")
    account = unit_account(board.plan, "罗湖区政府", tuple(map(str, board.dataset.districts.index)))
    districts = unit_tables(account, board, t)[-1]
    heads = [column.title for column in districts.columns]
    row = dict(zip(heads, (cell.value for cell in districts.rows[0]), strict=True))
    # 罗湖 has one firm with revenue of 2021
    assert row[t("units.firms")] == 1
    assert row[t("units.known")] >= 1


def test_a_district_government_sees_its_district() -> None:
    page = app_page("units", lang="zh", unit="罗湖区政府").run()
    assert not page.exception
    assert page.table[-1].value["区"].tolist() == ["罗湖区"]


@pytest.mark.parametrize("unit", ["市气象局", "x" * (LONGEST + 1), "<script>", "市\x00商务局"])
def test_a_unit_that_the_plan_does_not_list_opens_the_list(unit: str) -> None:
    page = app_page("units", lang="zh", unit=unit).run()
    assert not page.exception
    assert len(page.dataframe) == 1
