"""What two versions mean for one district, by hand."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.version_changes import AFTER_FIRMS, BEFORE_FIRMS, district_changes
from data import columns as c
from data.dataset import Dataset
from data.differences import AFTER, BEFORE, DIFFERENCE
from tests.conftest import YI

JIA, YI_TOWN = "440391", "440392"


def moved(four_towns: Dataset) -> Dataset:
    """The towns after a2 has moved from 甲 to 乙."""
    firms = four_towns.firms.copy()
    firms.loc["a2", c.REGISTERED_DISTRICT_ID] = YI_TOWN
    return replace(four_towns, version="later", digest="later", firms=firms)


def test_a_move_takes_from_one_district_and_gives_to_the_other(four_towns: Dataset) -> None:
    after = moved(four_towns)
    left, came = (district_changes(four_towns, after, town, year=2021) for town in (JIA, YI_TOWN))
    assert left is not None
    assert came is not None
    assert (left.difference_cny, came.difference_cny) == (-50 * YI, 50 * YI)
    assert (left.before_firms, left.after_firms) == (3, 2)
    # S01 in 甲: 60 + 50 before, 60 after; S02 did not change and is left out
    assert left.clusters[[BEFORE, AFTER, DIFFERENCE]].to_dict("index") == {
        "S01": {BEFORE: 110 * YI, AFTER: 60 * YI, DIFFERENCE: -50 * YI}
    }
    assert left.clusters[[BEFORE_FIRMS, AFTER_FIRMS]].values.tolist() == [[2, 1]]
    assert list(left.tiers) == ["S01"]
    assert came.tiers == {}


def test_a_district_without_a_firm_changes_from_nothing(four_towns: Dataset) -> None:
    found = district_changes(four_towns, four_towns, "440394", year=2021)
    assert found is not None
    assert (found.before_cny, found.after_cny, len(found.clusters)) == (0, 0, 0)


@settings(max_examples=5)
@given(st.integers(1, 900))
def test_there_and_back_is_the_negative(four_towns: Dataset, cny: int) -> None:
    seen = four_towns.observations
    other = replace(
        four_towns,
        version="o",
        digest=f"o{cny}",
        observations=seen.assign(**{c.REVENUE_CNY: seen[c.REVENUE_CNY] + cny}),
    )
    there, back = (district_changes(*pair, JIA, year=2021) for pair in ((four_towns, other), (other, four_towns)))
    assert there is not None
    assert back is not None
    assert there.difference_cny == -back.difference_cny == 3 * cny
