"""区级: one area's clusters and what each needs, its firms and parks, its part in the city's goals, its duties."""

import html

import pandas as pd
import streamlit as st

from clusters.goals import Board, Tally
from clusters.pace import pace_of_clusters, revenue_rate
from clusters.standing import observed_firms, select, without_largest_cny
from clusters.tiers import THRESHOLD_CNY, ScaleTier, next_tier, scale_tier
from data import columns as c
from views import frame, state
from views.duties import show_duties
from views.goal_cards import show_goal_board, target_name
from views.goals_text import actual_text, goal_text
from views.map_page import map_page
from views.map_widget import show_map
from views.overview import filters
from views.selection import Focus, Selection
from views.tokens import seals
from views.words import TIER_STAR, Words

MAP_HEIGHT = 456
ROW = 33


def show() -> None:
    """The page."""
    chosen = state.selection()
    city = state.board_of(chosen)
    if not chosen.district:
        focus = chosen.focus
        asked = focus.id if focus and focus.kind == "district" else _largest(city)
        chosen = chosen.with_(district=asked, focus=None if focus and focus.kind == "district" else focus)
        st.session_state["selection"] = chosen
    t = state.words_of(chosen)
    board = state.board_of(chosen, district_id=chosen.district)
    _head(board, city, chosen, t)
    _official_goals(board, chosen, t)
    _headlines(board, city, t)
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        _clusters(board, city, chosen, t)
    with right:
        st.markdown(f"#### {t('district.map')}　:small[:gray[{t('district.map_note')}]]")
        show_map(city, chosen, t, height=MAP_HEIGHT, district_id=chosen.district)
    _firms(board, chosen, t)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _part_in_goals(board, city, t)
        _missing(board, t)
    with right:
        _parks(board, chosen, t)
    show_duties(board, t)
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
    controls.download_button(
        t("map.download"),
        lambda: map_page(city, chosen, t, district_id=chosen.district),
        file_name=f"jiqun-{board.area_id}-{board.year}.html",
        mime="text/html",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key="download_map",
    )


def _district_changed() -> None:
    state.choose(district=st.session_state["district"], focus=None)


def _official_goals(board: Board, chosen: Selection, t: Words) -> None:
    """Goals that a plan of the district's own sets; they are official and carry no label."""
    for plan_id, plan in state.district_plans().items():
        if any(target.geography == board.area_id for target in plan.quantified_targets):
            st.markdown(f"#### {frame.plain(plan.title)}　:small[:gray[{t('district.official')}]]")
            show_goal_board(state.board_of(chosen, district_id=board.area_id, plan_id=plan_id), t)


def _headlines(board: Board, city: Board, t: Words) -> None:
    clusters = board.clusters[board.clusters[c.FIRMS] > 0]
    if clusters.empty:
        st.info(t("district.empty", year=board.year), icon=":material/inbox:")
        return
    total, of_city = clusters[c.TOTAL_CNY].sum(), city.clusters[c.TOTAL_CNY].sum()
    names = {tier: [t(f"subsector.{s}") for s in clusters.index if clusters[c.TIER][s] == tier] for tier in TIER_BADGE}
    reached = "　".join(
        f"{badge.format(t.tier_mark(tier))} {t.listed(names[tier])}"
        for tier, badge in TIER_BADGE.items()
        if names[tier]
    )
    open_gaps = clusters[clusters[c.GAP_CNY] > 0].sort_values(c.GAP_CNY)
    first = clusters.sort_values(c.TOTAL_CNY, ascending=False).iloc[0]
    with st.container(border=True):
        one, two, three = st.columns([1.25, 1, 1.15], gap="medium")
        one.metric(
            t("district.total", n=int(clusters[c.FIRMS].sum())),
            t.money(total),
            t("map.of_city", share=t.share(total / of_city)),
            delta_color="off",
            delta_arrow="off",
        )
        one.markdown(f":small[{reached or t('district.no_tier')}]")
        if len(open_gaps):
            near = open_gaps.iloc[0]
            upper = next_tier(int(near[c.TOTAL_CNY]))
            two.metric(
                t("district.nearest", subsector=t(f"subsector.{near.name}")),
                t("card.gap", gap=t.money(near[c.GAP_CNY])),
                t(
                    "district.now_and_threshold",
                    now=t.money(near[c.TOTAL_CNY]),
                    tier=t.tier(upper),
                    threshold=t.money(THRESHOLD_CNY[upper]),
                ),
                delta_color="off",
                delta_arrow="off",
            )
            two.markdown(f":small[{t('district.gap_note', year=board.year)}]")
        firm = board.dataset.firms.loc[first[c.TOP_FIRM_ID]]
        three.metric(
            t("district.dependence", subsector=t(f"subsector.{first.name}")),
            t.share(first[c.TOP1_SHARE]),
            f"{firm[c.SHORT_NAME]} {t.money(first[c.TOP1_CNY])}",
            delta_color="off",
            delta_arrow="off",
        )
        three.markdown(f":small[{_without_first(first, t)}]")


TIER_BADGE = {ScaleTier.CNY_1E11: ":violet-badge[{}]", ScaleTier.CNY_1E10: ":blue-badge[{}]"}


def _without_first(first: "pd.Series[float]", t: Words) -> str:
    rest = int(without_largest_cny(first.to_frame().T)[first.name])
    before, after = scale_tier(int(first[c.TOTAL_CNY])), scale_tier(rest)
    if before == after:
        return t("district.tier_stays", rest=t.money(rest))
    return f":orange[:material/warning: {t('district.tier_falls', rest=t.money(rest), tier=t.tier(after))}]"


def _clusters(board: Board, city: Board, chosen: Selection, t: Words) -> None:
    note = t("district.clusters_note", year=board.year, unit=t.money_unit)
    st.markdown(f"#### {t('district.clusters')}　:small[:gray[{note}]]")
    look = state.look()
    clusters = board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    parts = (
        city.districts.xs(board.area_id, level=c.DISTRICT_ID)
        if board.area_id in city.districts.index.get_level_values(c.DISTRICT_ID)
        else None
    )
    everyone = observed_firms(board.dataset, place=board.place)
    pace = pace_of_clusters(board.plan, everyone[everyone[c.DISTRICT_ID] == board.area_id], year=board.year)
    marks = seals(look.theme, t.language)
    rows = []
    for subsector_id, row in clusters.iterrows():
        known = row[c.FIRMS] > 0
        part = parts.loc[subsector_id] if known and parts is not None and subsector_id in parts.index else None
        rows.append(
            {
                "seal": marks[str(subsector_id)].data_uri(),
                "name": t(f"subsector.{subsector_id}"),
                "tier": t.tier_mark(scale_tier(int(row[c.TOTAL_CNY])) if known else None),
                "total": row[c.TOTAL_CNY],
                "progress": _progress(row) if known else None,
                "gap": _gap(row, t) if known else None,
                "firms": int(row[c.FIRMS]),
                "top1": row[c.TOP1_SHARE] * 100 if known else None,
                "share": _share_and_rank(part, t) if part is not None else None,
                "pace": _pace(pace, str(subsector_id), t),
            }
        )
    table = pd.DataFrame(rows)
    stars = {mark: look.tier[tier] for tier, mark in TIER_STAR.items() if tier}
    muted = f"color:{look.palette.muted}"
    painted = table.style.format(lambda v: "—" if v != v else t.money(v, unit=False), subset=["total"]).map(
        lambda v: f"background-color:{stars[v[0]][0]};color:{stars[v[0]][1]}" if v[:1] in stars else muted,
        subset=["tier"],
    )
    wide = t.language == "en"
    rate = revenue_rate(board.plan) or 0
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    index = list(clusters.index)
    focus = chosen.focus
    st.dataframe(
        painted,
        hide_index=True,
        height="content",
        row_height=ROW,
        placeholder="—",
        key=state.bound(
            "clusters", {"selection": {"rows": [index.index(focus.id)] if focus and focus.kind == "cluster" else []}}
        ),
        selection_mode="single-row",
        on_select=lambda: _row_selected("clusters", [Focus("cluster", str(s)) for s in index]),
        alt=t("district.clusters"),
        column_config={
            "seal": st.column_config.ImageColumn("", width=34, pinned=True),
            "name": text(t("field.subsector"), width=140 if wide else 86, pinned=True),
            "tier": text(t("field.tier"), width=104 if wide else 80),
            "total": number(t("measure.revenue"), width=70),
            "progress": st.column_config.ProgressColumn(
                t("field.progress"), min_value=0, max_value=100, format="%.0f%%", width=92, help=t("help.progress")
            ),
            "gap": text(t("field.gap"), width=150 if wide else 116),
            "firms": number(t("field.firms"), format="%d", width=46),
            "top1": number(t("field.top1"), format="%.1f%%", width=64, help=t("help.top1")),
            "share": text(t("field.city_share"), width=96, help=t("help.rank"), alignment="right"),
            "pace": text(
                t("field.pace"),
                width=190 if wide else 136,
                help=t("help.pace", rate=f"{rate:.1%}", base=board.plan.period.base_year_assumed),
            ),
        },
    )
    st.caption(t("district.derived"))


def _share_and_rank(part: "pd.Series[float]", t: Words) -> str:
    """Share of the city's cluster with the rank among the districts that have it."""
    return f"{t.share(part[c.CITY_SHARE])} · {int(part[c.RANK])}/{int(part[c.RANKED])}"


def _progress(row: "pd.Series[float]") -> float:
    upper = next_tier(int(row[c.TOTAL_CNY]))
    return 100.0 if upper is None else float(row[c.TOTAL_CNY]) / THRESHOLD_CNY[upper] * 100


def _gap(row: "pd.Series[float]", t: Words) -> str:
    upper = next_tier(int(row[c.TOTAL_CNY]))
    return (
        t("district.top_tier")
        if upper is None
        else f"{t.tier(upper)} {t('card.gap', gap=t.money(row[c.GAP_CNY], unit=False))}"
    )


def _pace(pace: pd.DataFrame, subsector_id: str, t: Words) -> str | None:
    """Matched firms' distance to the path, with n; nothing when no firm was seen in both years."""
    if subsector_id not in pace.index:
        return None
    row = pace.loc[subsector_id]
    ahead = row[c.MATCHED_CNY] - row[c.PATH_CNY]
    key = "pace.ahead" if ahead >= 0 else "pace.behind"
    return t(key, gap=t.money(abs(ahead), unit=False), growth=f"{row[c.GROWTH]:+.1%}", n=int(row[c.MATCHED_FIRMS]))


def _row_selected(key: str, things: list[Focus]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    state.look_at(things[rows[0]] if rows else None)


def _firms(board: Board, chosen: Selection, t: Words) -> None:
    """Firms of the district, from the largest revenue down; a row finds its place on the map."""
    everyone = observed_firms(board.dataset, place=board.place)
    seen = select(everyone[everyone[c.DISTRICT_ID] == board.area_id], year=board.year).set_index(c.FIRM_ID)
    firms = board.dataset.firms
    mine = firms[(firms[c.REGISTERED_DISTRICT_ID] == board.area_id) | firms.index.isin(seen.index)]
    if board.place == "operating":
        away = mine[c.OPERATING_DISTRICT_ID].notna() & (mine[c.OPERATING_DISTRICT_ID] != board.area_id)
        mine = mine[~away]
    if chosen.focus and chosen.focus.kind == "cluster":
        mine = mine[mine[c.SUBSECTOR_ID] == chosen.focus.id]
    elif chosen.subsectors:
        mine = mine[mine[c.SUBSECTOR_ID].isin(chosen.subsectors)]
    if chosen.precisions:
        mine = mine[mine[c.LOCATION_PRECISION].isin(chosen.precisions)]
    st.markdown(f"#### {t('district.firms')}　:small[:gray[{t('district.firms_note', n=len(mine))}]]")
    if mine.empty:
        st.info(t("district.no_firms"), icon=":material/inbox:")
        return
    mine = mine.join(seen[[c.REVENUE_CNY, c.STATUS]]).sort_values(
        [c.REVENUE_CNY, c.FIRM_ID], ascending=[False, True], na_position="last"
    )
    look = state.look()
    marks = seals(look.theme, t.language)
    table = pd.DataFrame(
        {
            "seal": [marks[s].data_uri() for s in mine[c.SUBSECTOR_ID]],
            "name": mine[c.SHORT_NAME].to_numpy(),
            "code": mine.index.to_numpy(),
            "subsector": [t(f"subsector.{s}") for s in mine[c.SUBSECTOR_ID]],
            "revenue": mine[c.REVENUE_CNY].astype("Float64").to_numpy(dtype=float, na_value=float("nan")),
            "status": [t(f"status.{s}") if isinstance(s, str) else None for s in mine[c.STATUS]],
            "precision": [t(f"precision.{p}") for p in mine[c.LOCATION_PRECISION]],
            "place": [_place_note(row, board, t) for _, row in mine.iterrows()],
            "address": mine[c.ADDRESS].to_numpy(),
        }
    )
    painted = table.style.format(lambda v: t("word.no_data") if v != v else t.money(v, unit=False), subset=["revenue"])
    text = st.column_config.TextColumn
    ids = [str(f) for f in mine.index]
    focus = chosen.focus
    st.dataframe(
        painted,
        hide_index=True,
        height=min(len(table) + 1, 11) * ROW + 3,
        row_height=ROW,
        placeholder="—",
        key=state.bound(
            "firms",
            {
                "selection": {
                    "rows": [ids.index(focus.id)] if focus and focus.kind == "firm" and focus.id in ids else []
                }
            },
        ),
        selection_mode="single-row",
        on_select=lambda: _row_selected("firms", [Focus("firm", f) for f in ids]),
        alt=t("district.firms"),
        column_config={
            "seal": st.column_config.ImageColumn("", width=34, pinned=True),
            "name": text(t("field.name"), width=110, pinned=True),
            "code": text(t("field.code"), width=100),
            "subsector": text(t("field.subsector"), width=150 if t.language == "en" else 90),
            "revenue": st.column_config.NumberColumn(
                t("field.revenue_unit", year=board.year, unit=t.money_unit), width=150
            ),
            "status": text(t("field.status"), width=150),
            "precision": text(t("field.precision"), width=120),
            "place": text(t("field.place_note"), width=230),
            "address": text(t("field.address"), width=430),
        },
    )


def _place_note(row: "pd.Series[str]", board: Board, t: Words) -> str | None:
    if row[c.OPERATING_DISTRICT_ID] == c.OUTSIDE:
        return t("map.office_outside")
    operating = row[c.OPERATING_DISTRICT_ID]
    if isinstance(operating, str) and operating != row[c.REGISTERED_DISTRICT_ID]:
        name = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
        return t("district.office_in", district=name[operating])
    return None


def _parks(board: Board, chosen: Selection, t: Words) -> None:
    parks = board.dataset.parks[board.dataset.parks[c.DISTRICT_ID] == board.area_id]
    firms = board.dataset.firms
    st.markdown(f"#### {t('district.parks')}　:small[:gray[{t('district.parks_note', n=len(parks))}]]")
    if parks.empty:
        st.info(t("district.no_parks"), icon=":material/inbox:")
        return
    inside = firms[firms[c.LOCATION_PRECISION] == "park"].groupby(c.PLACE_ID).size()
    table = pd.DataFrame(
        {
            "name": parks[c.NAME].to_numpy(),
            "firms": [int(inside.get(p, 0)) for p in parks.index],
            "point": [t("map.park_precision") if lon == lon else t("district.no_point") for lon in parks[c.LON]],
            "operator": parks[c.OPERATOR].to_numpy(),
            "focus": parks[c.FOCUS].to_numpy(),
            "area": parks[c.AREA_TEXT].to_numpy(),
        }
    )
    text = st.column_config.TextColumn
    ids = [str(p) for p in parks.index]
    focus = chosen.focus
    st.dataframe(
        table,
        hide_index=True,
        height=min(len(table) + 1, 12) * ROW + 3,
        row_height=ROW,
        placeholder=t("word.no_data"),
        key=state.bound(
            "parks",
            {
                "selection": {
                    "rows": [ids.index(focus.id)] if focus and focus.kind == "park" and focus.id in ids else []
                }
            },
        ),
        selection_mode="single-row",
        on_select=lambda: _row_selected("parks", [Focus("park", p) for p in ids]),
        alt=t("district.parks"),
        column_config={
            "name": text(t("field.park"), width=190, pinned=True),
            "firms": st.column_config.NumberColumn(t("field.sample_firms"), width=74, format="%d"),
            "point": text(t("field.precision"), width=150),
            "operator": text(t("field.operator"), width=130),
            "focus": text(t("field.focus"), width=150),
            "area": text(t("field.area"), width=200),
        },
    )


def _part_in_goals(board: Board, city: Board, t: Words) -> None:
    """The district's part in what is counted for the city's goals; a fact and no goal of its own."""
    st.markdown(f"#### {t('district.part')}　:small[:orange-badge[{t('word.derived')}]]")
    rows = [
        {
            t("part.target"): target_name(tally, board, t),
            t("part.goal"): goal_text(tally, t),
            t("part.city"): actual_text(city.tally(tally.target.id), t),
            t("part.district"): actual_text(tally, t) if tally.actual is not None else t("word.no_data"),
        }
        for tally in board.tallies
        if _counted(tally)
    ]
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    st.caption(t("district.part_note"))


def _counted(tally: Tally) -> bool:
    return tally.target.kind in ("firm_count", "cluster_count")


def _missing(board: Board, t: Words) -> None:
    with st.container(border=True):
        title, missing = html.escape(t("district.missing")), html.escape(t("district.missing_list"))
        st.html(f'<div class="jq-facts"><b>{title}</b><br>{missing}</div>')


def _largest(city: Board) -> str:
    """District with the largest total; the first of the list when there is none."""
    totals = city.districts[c.TOTAL_CNY].groupby(c.DISTRICT_ID).sum().drop(c.UNPLACED, errors="ignore")
    return str(totals.idxmax()) if len(totals) else str(city.dataset.districts.index[0])
