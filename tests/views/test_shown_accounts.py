"""What readers see adds up: the figures are read from the pages as they are shown, and added up by hand."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as hs
from streamlit.testing.v1 import AppTest

from clusters.goals import tally_goals
from clusters.plan import Plan
from data import columns as c
from data.dataset import Dataset
from data.differences import AFTER, BEFORE, DIFFERENCE
from tests.views.opened import app_page
from views import data_differences, loaded
from views.charts import tier_ladder
from views.figures import accounts_of, district_figures
from views.goals_text import board_text
from views.seeming import seeming
from views.tokens import seals, tokens
from views.words import Language, words

NANSHAN = "440305"
CHOICES = [
    {},
    {"year": "2023", "subsectors": "S02,S05,S07"},
    {"year": "2019", "tier": "CNY_1E10"},
    {"lang": "en", "year": "2020", "place": "operating"},
]


@pytest.fixture(params=["bundled", "made up"])
def shown(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """The pages show the bundled set, or a made-up register."""
    held = request.getfixturevalue("dataset" if request.param == "bundled" else "many_firms")
    monkeypatch.setattr(loaded, "dataset", lambda: held)
    st.cache_resource.clear()
    yield held
    st.cache_resource.clear()


def opened(**query: str) -> AppTest:
    page = app_page("overview", **({"lang": "zh"} | query))
    page.run()
    assert not page.exception
    return page


def texts(page: AppTest, table: int) -> pd.DataFrame:
    """A table as its cells are written for readers."""
    element = page.dataframe[table]
    shown = element.proto.arrow_data.styler.display_values
    frame = pa.ipc.open_stream(io.BytesIO(shown)).read_all().to_pandas()
    return frame.set_axis(element.value.columns, axis=1)


def steps(text: str) -> int:
    """A figure in steps of its last digit: 0.1 亿元 or 0.01 billion CNY; what is written in 万元 is less than one."""
    if "万元" in text or "million" in text:
        return 0
    found = re.search(r"(\d[\d,]*)\.(\d+)", text)
    assert found, text
    return int(found[1].replace(",", "") + found[2])


def money_columns(table: pd.DataFrame, dataset: Dataset) -> list[str]:
    return [name for name in table if name in (*dataset.districts.index, c.UNPLACED)]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_rows_and_columns_of_the_matrix_meet_the_ladder_and_the_map(shown: Dataset, choice: dict[str, str]) -> None:
    page = opened(**choice)
    chosen = page.session_state["selection"]
    board, t = loaded.board_of(chosen), words(chosen.lang)
    if not len(page.dataframe):
        return  # no cluster is of the chosen tier
    table = texts(page, 0)
    parts = table[money_columns(table, shown)].map(lambda text: steps(text) if text else 0)
    city = [steps(text) if text else 0 for text in table["city"]]
    assert parts.sum(axis=1).tolist() == city, "districts make the city"

    subsectors = {t(f"subsector.{s}"): s for s in board.clusters.index}
    visible = [subsectors[name] for name in table["name"]]
    figures = district_figures(board, visible)
    labels = {d: steps(t.amount(amount, unit=False)) for d, amount in figures["amount"].items() if amount}
    assert {d: parts[d].sum() for d in labels} == labels, "subsectors make the district on the map"
    unplaced = accounts_of(board).shares(visible).get(c.UNPLACED, 0)
    assert round((figures["shown_share"].sum() + unplaced) * 1000) == 1000

    look = tokens("light")
    ladder = tier_ladder(board.clusters, accounts_of(board), seals("light", chosen.lang), look, t)
    names, totals = (axis["data"] for axis in ladder["yAxis"])
    told = dict(zip(names, totals, strict=True))
    assert [told[name] for name in table["name"] if told[name] != t("word.no_data")] == [
        text.strip("★☆ ") for text in table["city"] if text
    ]
    told_in_terminal = board_text(board, t).splitlines()
    for name, text in told.items():
        line = next(line for line in told_in_terminal if line.startswith(f"{name}  "))
        assert text == t("word.no_data") or steps(line) in (steps(text), 0)


@pytest.mark.parametrize("choice", [{}, {"lang": "en", "place": "operating"}], ids=str)
def test_the_clusters_of_a_district_make_its_total(shown: Dataset, choice: dict[str, str]) -> None:
    page = opened(focus=f"district:{NANSHAN}", **choice).button(key="open_district").click().run()
    assert not page.exception
    if not page.metric:
        return  # nothing of that year
    table, city = texts(page, 0), opened(**choice)
    totals = {name: text for name, text in zip(table["name"], table["total"], strict=True) if text != "—"}
    assert sum(map(steps, totals.values())) == steps(page.metric[0].value)
    matrix = texts(city, 0)
    column = dict(zip(matrix["name"], matrix[NANSHAN], strict=True))
    assert totals == {name: column[name].strip("★☆ ") for name in totals}, "the same figures on both pages"
    for total, gap in zip(table["total"], table["gap"], strict=True):
        if total != "—" and re.search(r"\d\.\d", str(gap)):
            threshold = steps(total) + steps(str(gap).split(" ")[-1] if choice.get("lang") != "en" else str(gap))
            assert threshold in (1000, 10_000), f"{total} and {gap} make a threshold"
    first = max(map(steps, totals.values()))
    t = words(choice.get("lang", "zh"))
    begin = [t(f"district.{key}").split("{rest}")[0] for key in ("tier_stays", "tier_falls")]
    rest = next(line.value for line in page.markdown if any(one in line.value for one in begin))
    assert steps(page.metric[-1].delta) + steps(rest) == first or "万元" in rest or "million" in rest


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=hs.data())
def test_any_choice_of_subsectors_adds_up_on_the_map(
    shown: Dataset, plan: Plan, board: object, data: hs.DataObject
) -> None:
    year = data.draw(hs.sampled_from(shown.years))
    place = data.draw(hs.sampled_from(["registered", "operating"]))
    some = data.draw(hs.lists(hs.sampled_from([s.id for s in plan.subsectors]), unique=True, min_size=1))
    tallied = tally_goals(plan, shown, year=year, place=place)
    kept, figures, t = accounts_of(tallied), district_figures(tallied, some), words("zh")
    total, unplaced = kept.total(subsectors=some), kept.districts(some).get(c.UNPLACED)
    if total is None:
        assert figures["amount"].isna().all()
        return
    written = [steps(t.amount(a, unit=False)) for a in (*figures["amount"], unplaced) if a]
    assert sum(written) == steps(t.amount(total, unit=False))
    exact = [a.cny for a in (*figures["amount"], unplaced) if a]
    assert sum(exact) == total.cny == tallied.clusters.loc[some, c.TOTAL_CNY].sum()


def test_a_figure_that_only_rounds_to_a_tier_is_told(
    dataset: Dataset, plan: Plan, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One firm's revenue is changed so that a cluster misses 百亿 by 3 yuan."""
    board, t = tally_goals(plan, dataset), words(language)
    others = board.clusters[c.TOTAL_CNY] - board.clusters[c.TOP1_CNY]
    first = board.clusters[(board.clusters[c.TIER] == "CNY_1E10") & (others < 10**10 - 3)].iloc[0]
    rows = dataset.observations
    at = (rows[c.FIRM_ID] == first[c.TOP_FIRM_ID]) & (rows[c.YEAR] == board.year)
    assert at.sum() == 1
    lower = rows[c.REVENUE_CNY].mask(at, rows[c.REVENUE_CNY] - (int(first[c.TOTAL_CNY]) - 10**10 + 3))
    short = replace(dataset, observations=rows.assign(**{c.REVENUE_CNY: lower}))
    tallied = tally_goals(plan, short)
    total = accounts_of(tallied).total(subsectors=[first.name])
    assert (total.cny, total.shown_cny) == (10**10 - 3, 10**10)
    said = seeming(tallied, t, [first.name])
    assert any(t("city") in line and t(f"subsector.{first.name}") in line and " 3 " in line for line in said)
    assert any(line in board_text(tallied, t) for line in said)

    monkeypatch.setattr(loaded, "dataset", lambda: short)
    st.cache_resource.clear()
    page = opened(lang=language)
    st.cache_resource.clear()
    table = texts(page, 0).set_index("name").loc[t(f"subsector.{first.name}")]
    assert table["city"] == ("< 100.0" if language == "zh" else "< 10.00"), "no star"
    assert "☆" not in table["tier"]
    assert any(":material/warning:" in line.value and "3" in line.value for line in page.caption)


def test_no_figure_of_the_bundled_set_only_seems_a_tier(board: object) -> None:
    assert seeming(board, words("zh"), board.clusters.index) == []


def test_before_and_difference_make_after(monkeypatch: pytest.MonkeyPatch, language: Language) -> None:
    drawn: list[pd.DataFrame] = []
    monkeypatch.setattr(st, "dataframe", lambda table, **_: drawn.append(table))
    cny = pd.DataFrame(
        {c.SUBSECTOR_ID: ["S01", "S02"], c.YEAR: 2021, BEFORE: [14_000_000, 0], AFTER: [26_000_000, 5_000_000]}
    )
    data_differences._totals(
        cny.assign(**{DIFFERENCE: cny[AFTER] - cny[BEFORE]}), c.SUBSECTOR_ID, "", {}, words(language)
    )
    (table,) = drawn
    unit = 0.1 if language == "zh" else 0.01
    # 1.4 and 2.6 tenths: 1 and 3, so that the difference of 1.2 is shown as 2
    assert (table[[BEFORE, DIFFERENCE, AFTER]] / unit).round(6).to_numpy().tolist() == [[1, 2, 3], [0, 1, 1]]
