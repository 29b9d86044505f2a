"""首页: three doors, one for each reader, each with one sentence and one figure of the data that are open.

There is no map here: a map needs its scale, legend and notices to be honest, and the overview, one click away, has all
of them. What a door opens is chosen and then opened by a button, since a choice alone should not carry a reader away.
"""

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from clusters.goals import Board
from clusters.growth_interval import FEWEST_FIRMS
from clusters.openings import most_alike, nearest_tier, places_known
from clusters.tiers import THRESHOLD_CNY, next_tier
from data import columns as c
from views import frame, links, loaded, state
from views.figures import accounts_of
from views.how_to_read import heading
from views.origin import origin_button
from views.origin_bases import Figure
from views.selection import Selection
from views.tour import tour_button
from views.words import Words, plain

DOORS = {"district": "location_city", "compare": "compare_arrows", "sites": "add_location_alt"}
METHOD = {"district": "gap_to_next_cny", "compare": "krugman_index", "sites": "rank_sites"}
"""The measure that the figure of a door comes from."""
WAYS = {
    "overview": "dashboard",
    "gaps": "stacked_line_chart",
    "units": "assignment_ind",
    "data": "database_upload",
    "methods": "function",
}


class Opening(NamedTuple):
    """The figure of a door: what it is, the figure itself, what it rests on (all Markdown), where it comes from."""

    label: str
    value: str
    note: str
    is_derived: bool = False
    origin: Figure | None = None


def show() -> None:
    """The page."""
    chosen = state.current()
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen)
    frame.head(t("start.title", city=t("city")), frame.sample_lead(board, t), chosen, t)
    data = board.dataset
    figures = {
        "subsectors": len(board.clusters),
        "districts": len(data.districts),
        "parks": len(data.parks),
        "firms": f"{board.coverage['of_firms']:,}",
    }
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    bar.markdown(t("start.lead", **figures), width="content")
    tour_button(bar, t, key="tour_again")
    openings = {"district": _nearest(chosen, t), "compare": _alike(board, t), "sites": _places(board, t)}
    for column, (name, icon) in zip(st.columns(3, gap="medium"), DOORS.items(), strict=True):
        card = column.container(border=True, height="stretch", vertical_alignment="distribute", key=f"door-{name}")
        _door(card, name, icon, openings[name], chosen, t)
    _ways(t)
    frame.foot(board, t)


def _door(card: DeltaGenerator, name: str, icon: str, opening: Opening, chosen: Selection, t: Words) -> None:
    """Who it is for, the question, the figure, and the way in."""
    label = t(f"start.open.{name}")
    with card.container(gap="small"):
        heading(f"#### :primary[:material/{icon}:] {t(f'start.who.{name}')}", f"door_{name}", t, method=METHOD[name])
        st.markdown(f"**{t(f'start.question.{name}')}**")
        st.markdown(t(f"start.text.{name}"))
        if name == "district":
            names = _choose_district(chosen, t)
            label = t("start.open_this", name=plain(names[chosen.district])) if chosen.district else label
    with card.container(gap="small"):
        with st.container(gap=None):
            st.metric(opening.label, opening.value)
            said = [f":small[{opening.note}]", *([f":orange-badge[{t('word.derived')}]"] if opening.is_derived else [])]
            st.markdown(" ".join(said))
            if opening.origin is not None:
                origin_button(st.container(), opening.origin, t, key=f"door_{name}")
        if st.button(label, type="primary", icon=":material/arrow_forward:", width="stretch", key=f"open_{name}"):
            links.go(name)


def _choose_district(chosen: Selection, t: Words) -> dict[str, str]:
    """The box that names a district government's own district; gives the names of all."""
    names = _district_names(t)
    st.selectbox(
        t("start.choose_district"),
        list(names),
        index=None,
        format_func=lambda d: names.get(d, d),
        placeholder=t("start.choose_district"),
        label_visibility="collapsed",
        key=state.bound("start_district", chosen.district or None),
        on_change=_district_chosen,
    )
    return names


def _district_chosen() -> None:
    state.choose(district=st.session_state["start_district"] or "")


def _district_names(t: Words) -> dict[str, str]:
    districts = loaded.dataset().districts
    return {str(d): str(name) for d, name in districts[c.NAME if t.language == "zh" else c.NAME_EN].items()}


def _nearest(chosen: Selection, t: Words) -> Opening:
    """The cluster that is nearest to its next tier: the city's, or the chosen district's part."""
    city = loaded.board_of(chosen)
    here = chosen.district
    found = nearest_tier(loaded.board_of(chosen, district_id=here).clusters if here else city.clusters)
    if found is None:
        return Opening(t("start.all_at_top"), "—", t("start.all_at_top_note"), bool(here))
    kept, subsector = accounts_of(city), found.subsector_id
    amount = kept.cell(subsector, here) if here else kept.total(subsectors=[subsector])
    tier = next_tier(found.total_cny)
    named = {"subsector": t(f"subsector.{subsector}"), "tier": t.tier(tier), "n": f"{found.firms:,}"}
    return Opening(
        t("start.nearest_here" if here else "start.nearest", year=city.year, **named),
        t("card.gap", gap=t.amount(amount.gap if amount else None, withheld=True)),
        t(
            "district.now_and_threshold",
            now=t.amount(amount, withheld=True),
            tier=t.tier(tier),
            threshold=t.money(THRESHOLD_CNY[tier]),
        ),
        bool(here),
        Figure((subsector,), here),
    )


def _alike(board: Board, t: Words) -> Opening:
    """The two districts with the most alike mix of firms."""
    found = most_alike(board.dataset, year=board.year, place=board.place)
    if found is None:
        note = t("start.too_few_note", year=board.year, fewest=FEWEST_FIRMS)
        return Opening(t("start.too_few"), "—", note)
    names = {d: plain(name) for d, name in _district_names(t).items()}
    label = t(
        "start.alike",
        a=names[found.district_a],
        b=names[found.district_b],
        n_a=f"{found.firms_a:,}",
        n_b=f"{found.firms_b:,}",
        year=board.year,
    )
    note = t("start.alike_note", n=found.districts, fewest=FEWEST_FIRMS)
    figure = Figure(measure="similarity", among=(found.district_a, found.district_b))
    return Opening(label, t.share(found.similarity), note, True, figure)


def _places(board: Board, t: Words) -> Opening:
    """How many parks there are to choose from, and what their distances can be measured to."""
    found = places_known(board.dataset, place=board.place)
    note = t(
        "start.parks_note",
        without=f"{found.parks - found.placed_parks:,}",
        hubs=f"{found.hubs:,}",
        firms=f"{found.firms:,}",
        placed=f"{found.placed_firms:,}",
    )
    value = t("start.parks_value", n=f"{found.placed_parks:,}")
    return Opening(t("start.parks"), value, note, origin=Figure(measure="criteria"))


def _ways(t: Words) -> None:
    """The other pages, each with what it is for."""
    st.markdown(f"#### {t('start.other_ways')}")
    for column, (name, icon) in zip(st.columns(len(WAYS), gap="small"), WAYS.items(), strict=True):
        with column.container(gap=None, key=f"way-{name}"):
            if st.button(t(f"page.{name}"), icon=f":material/{icon}:", type="tertiary", key=f"to_{name}"):
                links.go(name)
            st.caption(t(f"start.way.{name}"))
