"""A briefing and a unit to take away: whole, in both languages, numbers as numbers, names as text."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from clusters.briefing import district_briefing
from clusters.district_duties import unit_account
from clusters.goals import tally_goals
from clusters.plan import Plan
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Basis, Dataset
from views.briefing_document import briefing_document
from views.document import Document, Figure, Table, Text
from views.units_document import unit_document
from views.words import LANGUAGES, Language, words

HAN = re.compile(r"[\u3400-\u9fff]+")
MONEY = re.compile(r"^[+-]?[\d,.]+ (亿元|万元)$")


def tables(document: Document) -> Iterator[Table]:
    for section in document.sections:
        yield from (block for block in section.blocks if isinstance(block, Table))


def check_shape(document: Document) -> None:
    names = [table.sheet for table in tables(document)]
    assert len(set(names)) == len(names), "one sheet a table"
    for table in tables(document):
        assert 0 < len(table.sheet) <= 31
        assert not set(table.sheet) & set("[]:*?/\\")
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert all(cell.text for row in table.rows for cell in row)
        for row in table.rows:
            for cell, column in zip(row, table.columns, strict=True):
                if cell.value is not None:
                    assert column.number_format, (table.sheet, column.title)
                    assert cell.value == cell.value
                if MONEY.match(cell.text) and column.number_format:
                    assert cell.value is not None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("district_id", ["440304", "440306", "441521-SS"])
def test_the_briefing_of_a_district_is_whole(
    plan: Plan, dataset: Dataset, language: Language, district_id: str
) -> None:
    t = words(language)
    drawn = Figure("<svg/>", "map", "map")
    found = district_briefing(plan, dataset, district_id)
    document = briefing_document(found, t, link="https://example.org/district", figures=(drawn,))
    check_shape(document)
    titles = [section.title for section in document.sections]
    expected = ["briefing.title", "briefing.duties", "briefing.method"]
    if found.progress.firms:
        expected += ["briefing.clusters", "briefing.quadrant", "briefing.paths", "briefing.top_firms"]
    assert {t(key) for key in expected} <= set(titles)
    assert drawn in document.sections[0].blocks
    assert document.origin
    derived = {section.title for section in document.sections if section.label == t("word.derived")}
    assert t("briefing.title") in derived


def test_an_english_briefing_holds_chinese_only_in_names_of_the_data(plan: Plan, dataset: Dataset) -> None:
    found = district_briefing(plan, dataset, "440303")
    document = briefing_document(found, words("en"))
    texts = [line for section in document.sections for block in section.blocks if isinstance(block, Text)
             for line in block.lines]  # fmt: skip
    texts += [cell.text for table in tables(document) for row in table.rows for cell in row]
    names = set(dataset.firms[c.SHORT_NAME]) | set(dataset.parks[c.NAME])
    left = {word for text in texts for word in HAN.findall(text)}
    assert left <= {word for name in names for word in HAN.findall(name)}


def test_what_is_withheld_is_in_no_cell(plan: Plan, dataset: Dataset) -> None:
    firms = dataset.firms.assign(**{c.CONFIDENTIALITY: "statistical"})
    secret = replace(dataset, basis=Basis.REGISTER, digest="secret", firms=firms)
    t = words("zh", "register")
    document = briefing_document(district_briefing(plan, release(secret, Viewer(Role.PUBLIC)), "440307"), t)
    amounts = {cell.value for table in tables(document) for row in table.rows for cell in row}
    hidden = set(secret.observations[c.REVENUE_CNY].dropna().astype(int))
    assert not amounts & hidden
    assert t("word.withheld") in {cell.text for table in tables(document) for row in table.rows for cell in row}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_has_a_document(plan: Plan, dataset: Dataset, language: Language) -> None:
    city, t = tally_goals(plan, dataset), words(language)
    for unit in plan.unit_duties():
        document = unit_document(unit_account(plan, unit, tuple(dataset.districts.index)), city, t)
        check_shape(document)
        assert list(tables(document))
        if language == "en":
            texts = [cell.text for table in tables(document) for row in table.rows for cell in row]
            assert not {word for text in texts for word in HAN.findall(text)}
