"""Growth and outlook of a district: worked by hand, and silent where too little is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.errors import UnknownDistrict
from clusters.growth_interval import FEWEST_FIRMS
from clusters.prospects import Prospect, district_growth, prospects
from clusters.tiers import ScaleTier
from data import columns as c
from data.dataset import Dataset

JIA, YI_CNY = "440391", 10**8


def _doubling(four_towns: Dataset, firms: int = 5, *, late: int = 5) -> Dataset:
    """Firms of S01 in 甲, together 10, 20 and 40 亿元 in three years, and one more of ``late`` 亿元 in the last."""
    ids = [f"p{n}" for n in range(firms)]
    table = pd.DataFrame(
        {
            c.FIRM_ID: [*ids, "late"],
            c.NAME: "x",
            c.SHORT_NAME: "x",
            c.SUBSECTOR_ID: "S01",
            c.REGISTERED_DISTRICT_ID: JIA,
            c.OPERATING_DISTRICT_ID: None,
        }
    )
    rows = [(f, 2019 + n, 10 * YI_CNY * 2**n // firms) for f in ids for n in range(3)]
    rows.append(("late", 2021, late * YI_CNY))
    seen = pd.DataFrame(rows, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY])
    return replace(
        four_towns,
        firms=table.set_index(c.FIRM_ID, drop=False).rename_axis(None),
        observations=seen.assign(**{c.STATUS: "sourced", c.SOURCE: "", c.SCOPE: ""}),
    )


def _only(dataset: Dataset, plan_end: int = 2023) -> Prospect:
    (found,) = prospects(dataset, JIA, plan_end=plan_end)
    return found


def test_growth_of_a_town_by_hand(four_towns: Dataset) -> None:
    """甲: a1 40 to 60, a2 10 to 50, a3 70 to 80; three firms give no interval."""
    found = district_growth(four_towns, base_year=2020, year=2021)
    town = found.loc[(JIA, c.TOTAL)]
    assert town[c.MATCHED_FIRMS] == 3
    assert town[c.GROWTH] == pytest.approx(190 / 120 - 1)
    assert np.isnan(town[c.GROWTH_LOW])
    assert found.loc[(JIA, "S01"), c.GROWTH] == pytest.approx(110 / 50 - 1)
    city = found.loc[(c.TOTAL, c.TOTAL)]  # with b2 880 to 950 and n1 5 to 10
    assert city[[c.MATCHED_FIRMS, c.GROWTH]].tolist() == pytest.approx([5, 1150 / 1005 - 1])
    assert city[c.GROWTH_LOW] <= city[c.GROWTH] <= city[c.GROWTH_HIGH]


def test_there_is_no_growth_towards_the_past(four_towns: Dataset) -> None:
    assert district_growth(four_towns, base_year=2021, year=2021).empty


def test_growth_has_an_interval_from_five_firms_on(dataset: Dataset) -> None:
    found = district_growth(dataset, base_year=2020, year=2021)
    enough = found[c.MATCHED_FIRMS] >= FEWEST_FIRMS
    assert found[c.GROWTH_LOW].notna().tolist() == enough.tolist()
    assert 0 < enough.sum() < len(found)


def test_a_total_that_doubles_every_year_by_hand(four_towns: Dataset) -> None:
    """Growth of the panel is ln 2 twice, without spread: 45 becomes 90, 180, 360 in every path."""
    found = _only(_doubling(four_towns))
    assert (found.now_cny, found.tier, found.firms, found.rates) == (45 * YI_CNY, ScaleTier.CNY_1E10, 5, 2)
    assert found.coverage == pytest.approx(40 / 45)
    assert found.chances.to_dict() == {2023: 1.0, 2024: 1.0}
    assert (found.low_cny, found.high_cny) == pytest.approx((360 * YI_CNY, 360 * YI_CNY))
    assert not found.is_wide
    assert _only(_doubling(four_towns), plan_end=2022).chances.to_dict() == {2022: 0.0, 2024: 1.0}
    assert list(_only(_doubling(four_towns), plan_end=2020).chances.index) == [2024]  # a plan that is over


def test_too_few_firms_too_small_a_panel_or_too_few_years_give_no_chance(four_towns: Dataset) -> None:
    few = _only(_doubling(four_towns, 4))
    assert (few.unsaid, few.firms, len(few.chances)) == ("few_firms", 4, 0)
    thin = _only(_doubling(four_towns, late=50))  # 40 of 90 亿元
    assert (thin.unsaid, thin.tier) == ("low_coverage", ScaleTier.CNY_1E10)
    top = _only(_doubling(four_towns, late=2000))
    assert (top.unsaid, top.tier) == ("top_tier", None)
    assert {each.unsaid for each in prospects(four_towns, JIA, plan_end=2023)} == {"too_few_years"}
    with pytest.raises(UnknownDistrict):
        prospects(four_towns, "1", plan_end=2023)


def test_the_nearest_comes_first_and_the_same_data_say_the_same(dataset: Dataset) -> None:
    found = prospects(dataset, "440305", plan_end=2023)
    factors = [10**10 / p.now_cny if p.tier is ScaleTier.CNY_1E10 else 10**11 / p.now_cny for p in found if p.tier]
    assert factors == sorted(factors)
    again = prospects(replace(dataset), "440305", plan_end=2023)
    assert [p.chances.to_dict() for p in again] == [p.chances.to_dict() for p in found]
    assert {p.unsaid for p in found} == {None, "few_firms", "top_tier"}


def test_many_firms_are_answered_from_small_tables(sealed: Dataset) -> None:
    last = sealed.default_year
    found = district_growth(sealed, base_year=last - 1, year=last)
    assert found[c.MATCHED_FIRMS].max() > 1000
    assert found[c.GROWTH_LOW].isna().all()
    assert prospects(sealed, "440305", plan_end=last + 2)
