"""The outlook of a cluster is of its panel, with n, years, coverage and basis."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clusters.errors import BadValue
from clusters.outlook import backtest, project
from clusters.panel_outlook import PanelOutlook, panel_outlook, panel_series, panel_years
from data import columns as c
from data.dataset import Basis, Dataset
from tests.conftest import Sealed

YI = 10**8


def of(dataset: Dataset, **choices: object) -> PanelOutlook:
    rng = np.random.default_rng(1)
    return panel_outlook(dataset, **{"horizon": 2, "draws": 999} | choices, rng=rng)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def towns(four_towns: Dataset) -> Dataset:
    """Four years: a1, a2 in 甲 in all of them, b1 in 乙 from 2020, b2 gone after 2019."""
    rows = [
        *(("a1", year, cny) for year, cny in zip(range(2019, 2023), (40, 44, 50, 60), strict=True)),
        *(("a2", year, cny) for year, cny in zip(range(2019, 2023), (10, 12, 11, 15), strict=True)),
        *(("b1", year, 7) for year in range(2020, 2023)),
        ("b2", 2019, 800),
    ]
    table = pd.DataFrame(rows, columns=[c.FIRM_ID, c.YEAR, c.REVENUE_CNY])
    table[c.REVENUE_CNY] *= YI
    return replace(four_towns, observations=table.assign(**{c.STATUS: "sourced", c.SOURCE: "made up for tests"}))


def test_the_panel_is_that_of_the_firms_of_every_year(towns: Dataset) -> None:
    """2019 to 2022: a1 and a2, 50, 56, 61, 75; in 2022 b1's 7 is the rest of 82."""
    assert panel_years(towns) == (2019, 2020, 2021, 2022)
    found = of(towns, subsectors=["S01"], target_cny=100 * YI)
    assert found.totals.to_dict() == {2019: 50 * YI, 2020: 56 * YI, 2021: 61 * YI, 2022: 75 * YI}
    assert (found.firms, found.years, found.problem) == (2, (2019, 2020, 2021, 2022), None)
    assert found.coverage == pytest.approx(75 / 82)
    assert (found.evidence, found.data_version, found.place) == ("listed_sample", "four-towns", "registered")
    plain = project(found.totals, horizon=2, rng=np.random.default_rng(1), target=100 * YI, draws=999)
    assert found.outlook is not None
    pd.testing.assert_frame_equal(found.outlook.bands, plain.bands)


def test_other_years_have_another_panel_and_a_register_says_so(towns: Dataset) -> None:
    found = of(replace(towns, basis=Basis.REGISTER), years=(2020, 2021, 2022))
    assert (found.firms, found.totals.tolist()) == (3, [63 * YI, 68 * YI, 82 * YI])
    assert (found.coverage, found.evidence) == (1, "register")


def test_a_district_and_a_place_choose_their_firms(towns: Dataset) -> None:
    assert of(towns, district_id="440391").firms == 2
    assert of(towns, district_id="440391", place="operating").firms == 1


def test_where_there_is_no_outlook_the_problem_says_why(towns: Dataset, four_towns: Dataset) -> None:
    nobody = of(towns, subsectors=["S05"])
    assert (nobody.outlook, nobody.problem, nobody.firms) == (None, "no_firms", 0)
    assert np.isnan(nobody.coverage)
    short = of(four_towns)
    assert (short.outlook, short.problem, short.years) == (None, "too_few_years", (2020, 2021))
    nothing = of(replace(towns, observations=towns.observations.assign(**{c.REVENUE_CNY: 0})))
    assert (nothing.outlook, nothing.problem) == (None, "not_positive")


@pytest.mark.parametrize("years", [(2019, 2020), (2019, 2021, 2022), (2022, 2021, 2020), tuple(range(2015, 2023))])
def test_years_that_are_no_panel_are_refused(towns: Dataset, years: tuple[int, ...]) -> None:
    with pytest.raises(BadValue, match="consecutive"):
        of(towns, years=years)


def test_series_are_of_the_longest_panel_of_each_group(towns: Dataset) -> None:
    """甲's of 2019 to 2022; 乙's b1 only from 2020."""
    series = panel_series(towns, [c.DISTRICT_ID])
    assert series.loc["440391"].tolist() == [50 * YI, 56 * YI, 61 * YI, 75 * YI]
    assert series.loc["440392"].tolist()[1:] == [7 * YI] * 3
    assert np.isnan(series.loc["440392", 2019])
    assert len(backtest(series, horizon=1, rng=np.random.default_rng(1), draws=999).cases) == 1
    assert panel_series(replace(towns, observations=towns.observations.iloc[:2]), [c.DISTRICT_ID]).empty


def test_the_bundled_sample_stays_a_sample_and_has_no_year_to_hold_back(dataset: Dataset) -> None:
    found = of(dataset, subsectors=["S08"])
    assert (found.evidence, found.firms, found.years) == ("listed_sample", 6, (2019, 2020, 2021))
    assert found.outlook is not None
    assert found.outlook.intervals == 2
    tested = backtest(panel_series(dataset, [c.SUBSECTOR_ID]), horizon=3, rng=np.random.default_rng(1), draws=999)
    assert len(tested.cases) == 0


def test_many_firms_are_answered_from_small_tables(sealed: Sealed) -> None:
    found = of(sealed)
    assert found.problem is None
    assert found.firms > 5_000
    assert found.evidence == "synthetic"
