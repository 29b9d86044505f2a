"""Parts of a change add up to it, whatever the base."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.growth import shift_share
from data import columns as c

INDUSTRIES = ["chips", "toys"]
BEGIN, END = pd.Series([100, 100], INDUSTRIES), pd.Series([150, 90], INDUSTRIES)
CITY, CITY_END = pd.Series([400, 600], INDUSTRIES), pd.Series([520, 580], INDUSTRIES)
CLASSICAL = [c.NATIONAL_EFFECT, c.INDUSTRIAL_MIX, c.REGIONAL_EFFECT]
SPLIT = [c.COMPETITIVE_EFFECT, c.ALLOCATION_EFFECT]


def test_the_classical_parts_by_hand() -> None:
    """The city grows from 1,000 to 1,100: G = 0.1. Chips +0.3: mix 100 x 0.2, regional 150 - 130. Toys -1/30."""
    parts = shift_share(BEGIN, END, CITY, CITY_END)
    assert parts[CLASSICAL].loc["chips"].tolist() == pytest.approx([10, 20, 20])
    assert parts[CLASSICAL].loc["toys"].tolist() == pytest.approx([10, 100 * (-1 / 30 - 0.1), 90 - 100 * 29 / 30])
    assert parts[c.CHANGE].tolist() == [50, -10]
    assert list(parts) == [c.CHANGE, *CLASSICAL]


def test_the_parts_of_esteban_marquillas_by_hand() -> None:
    """With the city's mix the town had 80 in chips and 120 in toys; it grew 0.2 and -1/15 more than the city there."""
    parts = shift_share(BEGIN, END, CITY, CITY_END, form="esteban_marquillas")
    assert parts[SPLIT].loc["chips"].tolist() == pytest.approx([80 * 0.2, 20 * 0.2])
    assert parts[SPLIT].loc["toys"].tolist() == pytest.approx([-120 / 15, 20 / 15])
    assert not parts[c.UNSPLIT].any()


def test_an_industry_that_began_with_nothing_is_not_split() -> None:
    parts = shift_share(BEGIN * [1, 0], END, CITY, CITY_END, form="esteban_marquillas").loc["toys"]
    assert parts[CLASSICAL].tolist() == [0, 0, 90]
    assert parts[SPLIT].tolist() == [90, 0]
    assert parts[c.UNSPLIT]


def test_supplied_shares_and_growth_do_as_the_base_itself() -> None:
    share, growth = CITY / CITY.sum(), CITY_END / CITY - 1
    for form in ("classical", "esteban_marquillas"):
        supplied = shift_share(BEGIN, END, base_share=share, base_growth=growth, form=form)
        pd.testing.assert_frame_equal(supplied, shift_share(BEGIN, END, CITY, CITY_END, form=form))


def test_a_region_that_is_the_base_has_no_regional_effect_and_its_mix_adds_to_nothing() -> None:
    parts = shift_share(CITY, CITY_END, CITY, CITY_END, form="esteban_marquillas")
    assert parts[[c.REGIONAL_EFFECT, *SPLIT]].to_numpy() == pytest.approx(0, abs=1e-10)
    assert parts[c.INDUSTRIAL_MIX].sum() == pytest.approx(0, abs=1e-10)


NAN, INF = float("nan"), float("inf")
GOOD = {"begin": BEGIN, "end": END, "base_begin": CITY, "base_end": CITY_END}
SUPPLIED = {"begin": BEGIN, "end": END, "base_share": CITY / 1000, "base_growth": CITY / 1000}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD | {"base_begin": CITY * [1, 0]}, r"base_begin\[toys\]"),
        (GOOD | {"begin": BEGIN * [1, NAN]}, r"begin\[toys\] must be a finite number, at least 0; got nan"),
        (GOOD | {"end": END * [1, INF]}, r"end\[toys\] must be a finite number, at least 0; got inf"),
        (GOOD | {"base_end": -CITY_END}, r"base_end\[chips\] must be a finite number, at least 0; got -520"),
        (GOOD | {"end": END.rename({"toys": "boats"})}, "boats"),
        (GOOD | {"base_end": CITY_END.iloc[:1]}, "industries"),
        (GOOD | {"end": pd.Series([1, 2, 3], ["chips", "toys", "toys"])}, "industries, each once"),
        (GOOD | {"begin": BEGIN.iloc[:0]}, "at least one industry"),
        (GOOD | {"base_growth": CITY}, "base_share with base_growth"),
        (GOOD | {"base_end": None}, "base_share with base_growth"),
        (GOOD | {"form": "dynamic"}, "dynamic"),
        (SUPPLIED | {"base_share": CITY / 999}, "sum of base_share"),
        (SUPPLIED | {"base_growth": CITY * -1}, "base_growth"),
    ],
)
def test_what_cannot_be_split_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        shift_share(**wrong)  # type: ignore[arg-type]


AMOUNTS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**7), st.integers(0, 10**7)),
    min_size=1,
    max_size=6,
)


def world(rows: list[tuple[int, int, int, int]]) -> list[pd.Series]:
    return [pd.Series(column, [f"C{i}" for i in range(len(rows))], dtype=float) for column in zip(*rows, strict=True)]


@settings(max_examples=50)
@given(AMOUNTS, st.randoms(), st.floats(1e-3, 1e3))
def test_parts_add_up_in_any_order_and_unit(rows: list[tuple[int, int, int, int]], dice: object, unit: float) -> None:
    tables = world(rows)
    before = [each.copy() for each in tables]
    parts = shift_share(*tables, form="esteban_marquillas")
    size = max(1.0, float(np.abs(parts[[c.CHANGE, *CLASSICAL, *SPLIT]].to_numpy()).max()))
    assert parts[CLASSICAL].sum(axis=1).to_numpy() == pytest.approx(parts[c.CHANGE].to_numpy(), abs=1e-12 * size)
    assert parts[SPLIT].sum(axis=1).to_numpy() == pytest.approx(parts[c.REGIONAL_EFFECT].to_numpy(), abs=1e-11 * size)
    order = list(parts.index)
    dice.shuffle(order)  # type: ignore[attr-defined]
    shuffled = shift_share(tables[0][order], *tables[1:], form="esteban_marquillas")
    assert shuffled.index.tolist() == order
    pd.testing.assert_frame_equal(shuffled.loc[parts.index], parts, atol=1e-9 * size)
    scaled = shift_share(*(each * unit for each in tables), form="esteban_marquillas")
    money = [c.CHANGE, *CLASSICAL, *SPLIT]
    assert scaled[money].to_numpy() == pytest.approx(parts[money].to_numpy() * unit, abs=1e-9 * size * unit)
    renamed = shift_share(*(each.rename(lambda i: f"{i}x") for each in tables), form="esteban_marquillas")
    pd.testing.assert_frame_equal(renamed.set_axis(parts.index), parts)
    for each, kept in zip(tables, before, strict=True):
        pd.testing.assert_series_equal(each, kept)


def test_plain_lists_are_industries_in_their_order() -> None:
    lists = shift_share([100, 100], [150, 90], [400, 600], [520, 580])
    series = shift_share(*(pd.Series(one) for one in ([100, 100], [150, 90], [400, 600], [520, 580])))
    pd.testing.assert_frame_equal(lists, series)
