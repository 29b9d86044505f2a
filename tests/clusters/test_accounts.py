"""The city is the sum of its districts, exact and as shown: any year, reading of place and choice of subsectors."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.accounts import UNIT_CNY, Accounts, Amount, accounts, part_and_rest, round_accounts
from clusters.errors import BadValue
from clusters.plan import Plan
from clusters.standing import cluster_totals
from clusters.tiers import ScaleTier, tier_of_display_only
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.weights import write_weights

YI = 10**8
PLACES: tuple[Place, ...] = ("registered", "operating")
PARTS = st.dictionaries(
    st.tuples(st.sampled_from(["S01", "S02", "S03"]), st.sampled_from(["A", "B", "unplaced"])),
    st.integers(-(10**9), 2 * 10**11),
    min_size=1,
)


def adds_up(kept: Accounts, subsectors: list[str] | None) -> None:
    """A choice of subsectors: districts make the city, subsectors make each, exact and shown."""
    city, districts = kept.total(subsectors=subsectors), kept.districts(subsectors)
    if city is None:
        assert districts == {}
        return
    assert city.cny == sum(one.cny for one in districts.values())
    assert city.shown_cny == sum(one.shown_cny for one in districts.values())
    for district, total in districts.items():
        cells = [p for (s, d), p in kept.parts.items() if d == district and (subsectors is None or s in subsectors)]
        assert total == Amount(sum(p.cny for p in cells), sum(p.shown_cny for p in cells))
    shares = kept.shares(subsectors)
    if city.cny > 0:
        assert sum(round(share * 1000) for share in shares) == 1000, "100.0 %"


def test_the_four_towns_worked_by_hand() -> None:
    # 亿元:     X      Y    sum        0.04 + 0.04 and 0.04 + 0.13: S1 0.08 -> 0.1, S2 0.17 -> 0.2, in all 0.25 -> 0.3;
    #    S1   0.04   0.04   0.08       X 0.08 -> 0.1, Y 0.17 -> 0.2; so X and S1 get one tenth in one of their cells
    #    S2   0.04   0.13   0.17
    parts = pd.Series({("S1", "X"): 4, ("S1", "Y"): 4, ("S2", "X"): 4, ("S2", "Y"): 13}) * 10**6
    kept = round_accounts(parts)
    assert kept.total() == Amount(25_000_000, 30_000_000)
    assert [kept.total(subsectors=[s]).shown_cny for s in ("S1", "S2")] == [10**7, 2 * 10**7]
    assert [kept.total(district_id=d).shown_cny for d in ("X", "Y")] == [10**7, 2 * 10**7]
    assert kept.cell("S1", "Z") is None
    assert kept.total(district_id="Z") is None


@settings(max_examples=60)
@given(PARTS, st.none() | st.lists(st.sampled_from(["S01", "S02", "S03"]), unique=True))
def test_random_amounts_add_up(parts: dict[tuple[str, str], int], subsectors: list[str] | None) -> None:
    kept = round_accounts(pd.Series(parts))
    assert {pair: part.cny for pair, part in kept.parts.items()} == parts
    adds_up(kept, subsectors)
    wholes = [kept.total(), *kept.districts().values(), *(kept.total(subsectors=[s]) for s, _ in parts)]
    assert all(abs(one.shown_cny - one.cny) < UNIT_CNY for one in (*kept.parts.values(), *wholes))


@pytest.mark.parametrize("place", PLACES)
def test_the_bundled_city_is_the_sum_of_its_districts_in_every_year(plan: Plan, dataset: Dataset, place: Place) -> None:
    for year in dataset.years:
        _agrees(dataset, plan, year, place)


@settings(max_examples=25)
@given(data=st.data())
def test_a_made_up_register_adds_up_whatever_is_chosen(plan: Plan, many_firms: Dataset, data: st.DataObject) -> None:
    year, place = data.draw(st.sampled_from(many_firms.years)), data.draw(st.sampled_from(PLACES))
    subsectors = data.draw(st.none() | st.lists(st.sampled_from([s.id for s in plan.subsectors]), unique=True))
    adds_up(accounts(many_firms, year=year, place=place), subsectors)


@settings(max_examples=4)
@given(
    st.lists(st.integers(0, 10_000), min_size=7, max_size=7), st.lists(st.integers(0, 10**10), min_size=7, max_size=7)
)
def test_firms_in_several_subsectors_add_up(
    plan: Plan, four_towns: Dataset, weights: list[int], yuan: list[int]
) -> None:
    texts = [write_weights({"S01": weight, "S03": 10_000 - weight}) for weight in weights]
    firms = four_towns.firms.assign(**{c.SUBSECTOR_WEIGHTS: texts})
    odd = dict(zip(firms.index, yuan, strict=True))
    rows = four_towns.observations
    observations = rows.assign(**{c.REVENUE_CNY: rows[c.REVENUE_CNY] + rows[c.FIRM_ID].map(odd)})
    split = replace(four_towns, firms=firms, observations=observations)
    for year in split.years:
        for place in PLACES:
            _agrees(split, plan, year, place)


def _agrees(dataset: Dataset, plan: Plan, year: int, place: Place) -> None:
    """Accounts beside totals that are grouped anew, for the city and for each district alone."""
    kept = accounts(dataset, year=year, place=place)
    clusters = cluster_totals(cube_of(dataset), year=year, place=place)
    for subsector in clusters.index:
        total = kept.total(subsectors=[subsector])
        assert total.cny == clusters[c.TOTAL_CNY][subsector]
        adds_up(kept, [subsector])
    adds_up(kept, None)
    adds_up(kept, [s.id for s in plan.subsectors[::2]])
    for district, total in kept.districts().items():
        if district != c.UNPLACED:
            alone = cluster_totals(cube_of(dataset), year=year, place=place, district_id=district)
            assert total.cny == alone[c.TOTAL_CNY].sum()


def _two_by_two() -> Accounts:
    """Million CNY; X and Y are withheld in both subsectors, every total is released.

    ====  ====  ====  ====  =====
    ..     X     Y     Z    total
    S1     ?     ?     14    40
    S2     ?     ?     13    30
    all    25    18    27    70
    ====  ====  ====  ====  =====
    """
    rest = c.NOT_RELEASED
    told = {("S1", "Z"): 14, ("S2", "Z"): 13, ("S1", rest): 26, ("S2", rest): 17, (rest, "X"): 25, (rest, "Y"): 18}
    told[rest, rest] = 70 - sum(told.values())  # what the city's total lacks of all of these: -43
    withheld = [(s, d) for s in ("S1", "S2") for d in ("X", "Y")]
    return round_accounts(pd.Series(told) * 10**6, withheld=withheld)


def test_what_released_totals_leave_stands_for_withheld_parts() -> None:
    kept = _two_by_two()
    assert kept.cell("S1", "X") is None
    assert kept.rest("S1").cny == 26 * 10**6
    assert [kept.total(subsectors=[s]).cny for s in ("S1", "S2")] == [40 * 10**6, 30 * 10**6]
    assert [kept.total(district_id=d).cny for d in "XYZ"] == [25 * 10**6, 18 * 10**6, 27 * 10**6]
    assert kept.total() == kept.total(subsectors=["S1", "S2"])
    assert kept.total().cny == 70 * 10**6
    for chosen in (None, ["S1"], ["S2"]):
        districts = kept.districts(chosen).values()
        assert kept.total(subsectors=chosen).shown_cny == sum(one.shown_cny for one in districts)
        assert kept.shares(chosen).sum() == 1
    assert kept.total().shown_cny == sum(kept.total(subsectors=[s]).shown_cny for s in ("S1", "S2"))
    assert set(kept.districts(["S1"])) == {"Z", c.NOT_RELEASED}
    assert set(kept.districts()) == {"X", "Y", "Z"}


def test_what_no_released_total_completes_is_withheld() -> None:
    kept = _two_by_two()
    assert kept.total(subsectors=["S1"], district_id="X") is None
    assert kept.withholds(subsectors=["S1"], district_id="X")
    assert not kept.withholds(subsectors=["S1"], district_id="Z")
    assert not kept.withholds(subsectors=["S3"], district_id="X"), "no firm is no secret"
    bare = Accounts({("S1", "Z"): Amount(10**7, 10**7)}, frozenset({("S1", "X"), ("S2", "Z")}))
    assert bare.total() is None
    assert bare.withholds(subsectors=["S1"])
    assert bare.districts() == {}
    assert bare.shares().empty


@settings(max_examples=40)
@given(PARTS, st.sets(st.tuples(st.sampled_from(["S01", "S02", "S03"]), st.sampled_from(["A", "B", "unplaced"]))))
def test_with_every_total_released_all_that_is_shown_adds_up(
    parts: dict[tuple[str, str], int], hidden: set[tuple[str, str]]
) -> None:
    lacking, rest = {pair: parts[pair] for pair in hidden & set(parts)}, c.NOT_RELEASED
    told = {pair: cny for pair, cny in parts.items() if pair not in lacking}
    for (s, d), cny in lacking.items():
        told[s, rest] = told.get((s, rest), 0) + cny
        told[rest, d] = told.get((rest, d), 0) + cny
    if lacking:
        told[rest, rest] = -sum(lacking.values())
    kept, whole = round_accounts(pd.Series(told), withheld=lacking), round_accounts(pd.Series(parts))
    assert kept.total().cny == whole.total().cny
    subsectors = sorted({s for s, _ in parts})
    assert kept.total().shown_cny == sum(kept.total(subsectors=[s]).shown_cny for s in subsectors)
    for chosen in (None, *([s] for s in subsectors)):
        total, districts = kept.total(subsectors=chosen), kept.districts(chosen)
        assert total.cny == whole.total(subsectors=chosen).cny
        alone = len({d for s, d in parts if chosen is None or s in chosen} - set(districts)) == 1
        assert alone or total.shown_cny == sum(one.shown_cny for one in districts.values())
        assert (rest in districts) <= (not alone), "what one district alone has is not told as a rest"
        for one in (total, *(amount for d, amount in districts.items() if d != rest)):
            assert abs(one.shown_cny - one.cny) < UNIT_CNY
    for district in {d for _, d in parts}:
        assert kept.total(district_id=district).cny == whole.total(district_id=district).cny


def test_accounts_are_made_once(dataset: Dataset) -> None:
    assert accounts(dataset, year=2021) is accounts(dataset, year=2021)
    assert accounts(dataset, year=2021) is not accounts(dataset, year=2021, place="operating")


def test_a_tier_is_that_of_the_unrounded_amount_and_the_gap_makes_up_the_threshold() -> None:
    short = Amount(100 * YI - 1, 100 * YI)
    assert short.tier is ScaleTier.BELOW
    assert short.seems is ScaleTier.CNY_1E10
    assert short.gap == Amount(1, 0)
    reached = Amount(100 * YI + 1, 100 * YI)
    assert (reached.tier, reached.seems) == (ScaleTier.CNY_1E10, None)
    assert reached.gap.shown_cny + reached.shown_cny == 1000 * YI
    assert Amount(1000 * YI, 1000 * YI).gap is None
    assert tier_of_display_only(None, None) is None


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.booleans())
def test_a_part_and_the_rest_make_the_whole(part: int, rest: int, up: bool) -> None:
    cny = part + rest
    shown = (-(-cny // UNIT_CNY) if up else cny // UNIT_CNY) * UNIT_CNY
    one, other = part_and_rest(Amount(cny, shown), part)
    assert (one.cny, other.cny) == (part, rest)
    assert one.shown_cny + other.shown_cny == shown
    assert all(abs(a.shown_cny - a.cny) < UNIT_CNY and a.shown_cny % UNIT_CNY == 0 for a in (one, other))


def test_a_whole_that_is_no_rounding_of_itself_has_no_part() -> None:
    with pytest.raises(BadValue, match="a floor or ceiling"):
        part_and_rest(Amount(10**8, 5 * 10**8), 10**7)
