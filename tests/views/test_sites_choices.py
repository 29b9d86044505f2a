"""What is looked for in a site survives its address; weights and judgments do, and nonsense falls back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.site_records import CRITERIA, DEFAULT_WEIGHTS, HUB_KINDS, NEIGHBORHOODS_M, SiteRequest
from data.reference import load_reference
from views.selection import Selection, read_selection
from views.sites_choices import (
    COMPARED,
    MOST_COMPARED,
    MOST_SHORTLISTED,
    ORDERS,
    PRESETS,
    VIEWS,
    WEIGHTINGS,
    Named,
    SitesChoices,
    differing,
    pairs,
    written,
)

DATA = load_reference()
SUBSECTORS = tuple(f"S{n:02d}" for n in range(1, 13))


def read(**query: str) -> SitesChoices:
    return SitesChoices.read(query, DATA, SUBSECTORS)


@st.composite
def choices(draw: st.DrawFn) -> SitesChoices:
    subsector = draw(st.sampled_from(["", *SUBSECTORS]))
    chain = draw(st.sets(st.sampled_from(SUBSECTORS)))
    names = draw(st.sets(st.sampled_from(CRITERIA), min_size=2, max_size=MOST_COMPARED))
    compared = tuple(name for name in CRITERIA if name in names)
    judgment = st.sampled_from([1, *range(2, 10), *range(-9, -1)])
    judged = draw(st.lists(judgment, min_size=len(pairs(compared)), max_size=len(pairs(compared))))
    halves = draw(st.dictionaries(st.sampled_from(CRITERIA), st.integers(0, 10)))
    reach = draw(st.dictionaries(st.sampled_from(HUB_KINDS), st.integers(1, 100_000)))
    return SitesChoices(
        subsector=subsector,
        chain=tuple(s for s in SUBSECTORS if s in chain and s != subsector),
        near=draw(st.sampled_from(NEIGHBORHOODS_M)),
        floor=draw(st.integers(0, 10_000_000)),
        rent=draw(st.integers(0, 10_000)),
        area=draw(st.sampled_from(["", *DATA.districts.index])),
        reach=tuple(Named(kind, float(reach[kind])) for kind in HUB_KINDS if kind in reach),
        weighting=draw(st.sampled_from(WEIGHTINGS)),
        weights=differing(dict(DEFAULT_WEIGHTS) | {name: n / 2 for name, n in halves.items()}),
        compared=compared,
        judged=written(judged),
        order=draw(st.sampled_from(ORDERS)),
        view=draw(st.sampled_from(VIEWS)),
        shortlist=tuple(draw(st.lists(st.sampled_from(list(DATA.parks.index)), max_size=5, unique=True))),
    )


@given(choices())
def test_every_state_of_the_page_survives_its_address(made: SitesChoices) -> None:
    query = made.query()
    assert all(isinstance(text, str) for text in query.values())
    assert SitesChoices.read(query, DATA, SUBSECTORS) == made
    whole = replace(Selection(year=2022), sites=made)
    assert read_selection(whole.query("sites"), DATA, SUBSECTORS, page="sites") == whole


@given(choices())
def test_whatever_is_chosen_can_be_looked_for(made: SitesChoices) -> None:
    request = made.request(year=2021)
    assert isinstance(request, SiteRequest)
    assert hash(request) == hash(made.request(year=2021)), "a cache keeps it apart by it"
    if made.weighting == "pairs":
        assert sum(request.weight_of().values()) == pytest.approx(1)
        assert {name for name, w in request.weights if w > 0} == set(made.compared)
    else:
        assert request.weight_of() == made.weight_of()


@pytest.mark.parametrize(
    "query",
    [
        {"weights": "near_metro:9,chain_firms:-1,focus:1.25,sunshine:2,rent:nan,momentum:1e0"},
        {"judged": "1,2,3"},
        {"judged": "0,1,1,1,1,1"},
        {"judged": "10,1,1,1,1,1"},
        {"judged": "-1,1,1,1,1,1"},
        {"judged": "1,1,1,1,1,1"},
        {"judged": "²,1,1,1,1,1"},
        {"compared": "near_metro"},
        {"compared": ",".join(CRITERIA)},
        {"near": "2000", "floor": "-1", "rent": "1e3", "area": "Mars"},
        {"reach": "moon:100,metro:0,rail:-5,port:x,airport:999999999"},
        {"order": "magic", "view": "sea", "weighting": "dice"},
        {"shortlist": "P00,,;DROP"},
        {"chain": "S01,S99", "subsector": "S01"},
    ],
)
def test_what_nobody_knows_falls_back(query: dict[str, str]) -> None:
    expected = {"subsector": "S01"} if "subsector" in query else {}
    assert read(**query) == SitesChoices(**expected)


def test_the_shortlist_keeps_its_order_and_its_length() -> None:
    found = read(shortlist="P07,P01,P01,P99,P03,P05,P04,P02").shortlist
    assert found == ("P07", "P01", "P03", "P05", "P04")
    assert len(found) == MOST_SHORTLISTED


def test_judgments_become_weights_by_hand() -> None:
    # metro twice as important as the focus, all else alike: 2 over 1 of two criteria is 2/3 and 1/3
    made = SitesChoices(subsector="S01", weighting="pairs", compared=("near_metro", "focus"), judged=(2,))
    weights = dict(made.request().weights)
    assert weights["near_metro"] == pytest.approx(2 / 3)
    assert weights["focus"] == pytest.approx(1 / 3)
    assert sum(weights.values()) == pytest.approx(1)
    turned = replace(made, judged=(-2,))
    assert dict(turned.request().weights)["focus"] == pytest.approx(2 / 3)


def test_a_pair_that_stays_keeps_its_judgment() -> None:
    made = SitesChoices(compared=COMPARED, judged=(2, 3, 4, 5, 6, 7))
    held = dict(zip(pairs(COMPARED), made.judged, strict=True))
    other = replace(made, **made.compared_again(["focus", "momentum", "near_metro"]))
    assert other.compared == ("near_metro", "momentum", "focus")
    assert dict(zip(pairs(other.compared), other.all_judged(), strict=True)) == {
        ("near_metro", "momentum"): 1,
        ("near_metro", "focus"): held["near_metro", "focus"],
        ("momentum", "focus"): 1,
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_puts_first_what_it_is_called_after(preset: str) -> None:
    first = {"metro": "near_metro", "peers": "chain_firms", "cluster": "cluster_strength"}[preset]
    weights = dict(DEFAULT_WEIGHTS) | PRESETS[preset]
    assert max(weights, key=lambda name: weights[name]) == first
    assert sorted(weights.values())[-2] < weights[first]
