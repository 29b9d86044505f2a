"""区级: one area's clusters and what each needs, its firms and parks, its part in the city's goals, its duties."""

import html

import pandas as pd
import streamlit as st

from clusters.accounts import Amount, part_and_rest
from clusters.goals import Board, Tally
from clusters.outcomes import Fact, latest_figures
from clusters.tiers import THRESHOLD_CNY, ScaleTier, next_tier, scale_tier
from data import columns as c
from data import lookup
from views import frame, links, loaded, state
from views.cluster_table import show_clusters
from views.district_briefing import link_to_units, show_dependence, show_findings, show_standing
from views.district_document import district_document
from views.district_profile import show_profile
from views.document_downloads import document_downloads
from views.downloads import offer_file
from views.duties import show_duties
from views.figures import accounts_of, district_figures, is_withheld
from views.filters import filters
from views.goal_cards import show_goal_board, target_name
from views.goal_facts import scope_name, source_of, table
from views.goals_text import actual_text, goal_text
from views.how_to_read import heading
from views.map_page import map_page
from views.map_widget import show_map
from views.origin import origin_button
from views.origin_bases import Figure
from views.place_tables import show_firms, show_parks
from views.sample_limits import show_sample_limits
from views.selection import Selection
from views.stale import aged
from views.words import Words, plain

MAP_HEIGHT = 456


def show() -> None:
    """The page."""
    chosen = state.current()
    city = loaded.board_of(chosen)
    if not chosen.district:
        focus = chosen.focus
        asked = focus.id if focus and focus.kind == "district" else _largest(city)
        chosen = chosen.with_(district=asked, focus=None if focus and focus.kind == "district" else focus)
        st.session_state["selection"] = chosen
    t = loaded.words_of(chosen)
    board = loaded.board_of(chosen, district_id=chosen.district)
    _head(board, city, chosen, t)
    _official_goals(board, chosen, t)
    found = loaded.briefing_of(chosen)
    with st.container(border=True):
        _headlines(board, city, t)
        show_findings(found, t)
    left, right = st.columns([1.62, 1], gap="medium")
    with left:
        show_clusters(board, city, chosen, t)
    with right:
        note = t("district.map_note_many" if board.dataset.has_many_firms else "district.map_note")
        heading(f"#### {t('district.map')}　:small[:gray[{note}]]", "district_map", t)
        show_map(city, chosen, t, height=MAP_HEIGHT, district_id=chosen.district)
    show_firms(board, city, chosen, t)
    show_standing(found, t)
    show_dependence(found, t)
    show_profile(board, city, chosen, t)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _part_in_goals(board, city, t)
        facts = latest_figures(board.dataset, board.area_id)
        _statistics(facts, board.area_id, t)
        _missing({name for name, _ in facts}, t)
    with right:
        show_parks(board, t)
    show_duties(board, t)
    link_to_units(found, t)
    show_sample_limits(board, t)
    frame.foot(board, t)


def _head(board: Board, city: Board, chosen: Selection, t: Words) -> None:
    districts = board.dataset.districts
    row = districts.loc[board.area_id]
    name = districts[c.NAME if t.language == "zh" else c.NAME_EN]
    code = row[c.ADCODE] or t("district.no_code")
    lead = f":gray-badge[{t('kind.' + row[c.KIND])} {code}] :gray-badge[{row[c.OFFICIAL_AREA_M2] / 1e6:,.2f} km²] "
    controls = frame.head(name[board.area_id], lead + frame.sample_lead(board, t), chosen, t)
    controls.selectbox(
        t("field.district"),
        list(districts.index),
        format_func=lambda d: name[d],
        label_visibility="collapsed",
        width=190,
        key=state.bound("district", chosen.district),
        on_change=_district_changed,
    )
    frame.year_control(board, controls, t)
    filters(city, chosen, t, controls)
    offer_file(
        controls,
        t("map.download"),
        lambda: map_page(city, chosen, t, district_id=chosen.district),
        file_name=f"jiqun-{board.area_id}-{board.year}.html",
        mime="text/html",
        icon=":material/download:",
        type="tertiary",
        key="download_map",
    )
    link = links.whole_link("district", chosen.with_(year=board.year))
    document_downloads(
        controls,
        lambda: district_document(loaded.briefing_of(chosen), chosen, t, link=link),
        f"jiqun-{board.area_id}-{board.year}",
        t,
        key="document",
    )


def _district_changed() -> None:
    state.choose(district=st.session_state["district"], focus=None)


def _official_goals(board: Board, chosen: Selection, t: Words) -> None:
    """Goals that a plan of the district's own sets; they are official and carry no label."""
    plans, broken = loaded.other_plans()
    for plan in plans.values():
        if any(target.geography == board.area_id for target in plan.quantified_targets):
            title = f"#### {plain(plan.title)}　:small[:gray[{t('district.official')}]]"
            heading(title, "goals", t, method="tally_goals", of=f"_{plan.id}")
            show_goal_board(loaded.board_of(chosen, district_id=board.area_id, of_plan=plan), t)
    for name in broken:
        st.warning(t("district.broken_plan", file=plain(name)), icon=":material/warning:")


def _headlines(board: Board, city: Board, t: Words) -> None:
    clusters = board.clusters[board.clusters[c.FIRMS] > 0]
    if clusters.empty:
        st.info(t("district.empty", year=board.year), icon=":material/inbox:")
        return
    kept = accounts_of(city)
    total = kept.total(subsectors=clusters.index, district_id=board.area_id)
    names = {tier: [t(f"subsector.{s}") for s in clusters.index if clusters[c.TIER][s] == tier] for tier in TIER_BADGE}
    reached = "　".join(
        f"{badge.format(t.tier_mark(tier))} {t.listed(names[tier])}"
        for tier, badge in TIER_BADGE.items()
        if names[tier]
    )
    here = district_figures(city, city.clusters.index).loc[board.area_id]
    open_gaps = clusters[clusters[c.GAP_CNY] > 0].sort_values(c.GAP_CNY)
    first = clusters.sort_values(c.TOTAL_CNY, ascending=False).iloc[0]
    with st.container(key=aged("headlines", board.year)):
        one, two, three = st.columns([1.25, 1, 1.15], gap="medium")
        one.metric(
            t("district.total", n=f"{int(here[c.FIRMS]):,}"),
            t.amount(total, withheld=True),
            t(
                "map.of_city_n",
                share=t.share(here["shown_share"]),
                n=f"{int(here[c.FIRMS]):,}",
                of=f"{city.coverage['firms']:,}",
            )
            if here["shown_share"] == here["shown_share"]
            else None,
            delta_color="off",
            delta_arrow="off",
        )
        lacking = [t(f"subsector.{s}") for s, row in clusters.iterrows() if is_withheld(row)]
        withheld = t("district.tiers_withheld", subsectors=t.listed(lacking)) if lacking else ""
        tiers = reached or ("" if lacking else t("district.no_tier"))
        one.markdown(f":small[{'　'.join(filter(None, (tiers, withheld)))}　:orange-badge[{t('word.derived')}]]")
        origin_button(one, Figure((), board.area_id), t, key="district")
        if len(open_gaps):
            near = open_gaps.iloc[0]
            upper, now = next_tier(int(near[c.TOTAL_CNY])), kept.cell(str(near.name), board.area_id)
            two.metric(
                t("district.nearest", subsector=t(f"subsector.{near.name}"), n=f"{int(near[c.FIRMS]):,}"),
                t("card.gap", gap=t.amount(now.gap if now else None)),
                t(
                    "district.now_and_threshold",
                    now=t.amount(now),
                    tier=t.tier(upper),
                    threshold=t.money(THRESHOLD_CNY[upper]),
                ),
                delta_color="off",
                delta_arrow="off",
            )
            two.markdown(f":small[{t('district.gap_note', year=board.year)}]")
        whole = kept.cell(str(first.name), board.area_id)
        dependence = t("district.dependence", subsector=t(f"subsector.{first.name}"), n=f"{int(first[c.FIRMS]):,}")
        if whole is None or first[c.TOP1_CNY] != first[c.TOP1_CNY]:
            three.metric(dependence, t("word.withheld"))
            three.markdown(f":small[{t('district.top_withheld')}]")
            return
        part, rest = part_and_rest(whole, int(first[c.TOP1_CNY]))
        name = lookup.short_name(board.dataset, first[c.TOP_FIRM_ID])
        three.metric(
            dependence,
            t.share(first[c.TOP1_SHARE]),
            f"{plain(name)} {t.amount(part)}",
            delta_color="off",
            delta_arrow="off",
        )
        three.markdown(f":small[{_without_first(first, rest, t)}]")


TIER_BADGE = {ScaleTier.CNY_1E11: ":violet-badge[{}]", ScaleTier.CNY_1E10: ":blue-badge[{}]"}


def _without_first(first: "pd.Series[float]", rest: Amount, t: Words) -> str:
    if rest.tier == scale_tier(int(first[c.TOTAL_CNY])):
        return t("district.tier_stays", rest=t.amount(rest))
    return f":orange[:material/warning: {t('district.tier_falls', rest=t.amount(rest), tier=t.tier(rest.tier))}]"


def _part_in_goals(board: Board, city: Board, t: Words) -> None:
    """The district's part in what is counted for the city's goals; a fact and no goal of its own."""
    title = f"#### {t('district.part')}　:small[:orange-badge[{t('word.derived')}]]"
    heading(title, "part", t, method="tally_goals", origin=Figure((), board.area_id))
    rows = [
        {
            t("part.target"): target_name(tally, board, t),
            t("part.goal"): goal_text(tally, t),
            t("part.city"): actual_text(city.tally(tally.target.id), city, t),
            t("part.district"): actual_text(tally, board, t),
        }
        for tally in board.tallies
        if _counted(tally)
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    st.caption(t("district.part_note", n=f"{board.coverage['firms']:,}"))


def _counted(tally: Tally) -> bool:
    return tally.target.kind in ("firm_count", "cluster_count")


def _statistics(facts: list[tuple[str, Fact]], area_id: str, t: Words) -> None:
    """Official figures of the district itself: facts with their scope, year and source, and no goal."""
    if not facts:
        return
    title = f"#### {t('district.statistics')}　:small[:gray[{t('district.statistics_note')}]]"
    heading(title, "statistics", t, origin=Figure((), area_id, measure="official"))
    head = [t(f"fact.{key}") for key in ("indicator", "value", "year", "scope", "source")]
    rows = [
        [t(f"indicator.{name}"), t.money(fact.value), str(fact.year), scope_name(fact.scope, t), source_of(fact, t)]
        for name, fact in facts
    ]
    st.html(table(head, rows, figures=(1,)))


def _missing(known: set[str], t: Words) -> None:
    """What nobody has told us of the district; what an import brought is left out."""
    asked = {key: t(f"district.missing_{key}") for key in ("value_added", "vacancy", "unlisted", "exact")}
    if "数字经济产业增加值" in known:
        del asked["value_added"]
    with st.container(border=True):
        title = html.escape(t("district.missing"))
        missing = html.escape(t("district.missing_list", items=t.listed(list(asked.values()))))
        st.html(f'<div class="jq-facts"><b>{title}</b><br>{missing}</div>')


def _largest(city: Board) -> str:
    """District with the largest total; the first of the list when there is none."""
    totals = city.districts[c.TOTAL_CNY].groupby(c.DISTRICT_ID).sum().drop(c.UNPLACED, errors="ignore")
    return str(totals.idxmax()) if len(totals) else str(city.dataset.districts.index[0])
