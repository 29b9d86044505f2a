"""Ranked parks: the first three as cards with their reasons, the next as a table, and those without a rank."""

import pandas as pd
import streamlit as st

from clusters.goals import Board
from data import columns as c
from views import focused, state
from views.how_to_read import how_to_read
from views.origin_bases import Figure
from views.selection import Focus, Selection
from views.sites_choices import MOST_SHORTLISTED, ORDERS
from views.sites_facts import (
    AS_CARDS,
    MOST_LISTED,
    Listing,
    district_of,
    leading_reasons,
    left_out,
    missing_text,
    name_of,
    rank_or_dash,
    ranks_between,
    ranks_text,
    reason_rows,
    scaled_text,
    short_reason,
    stability_text,
    unchecked_text,
)
from views.sites_needs import choose_subsector
from views.words import Words, plain

ROW_PX = 33
MOST_OFFERED = 6


def show_start(board: Board, chosen: Selection, t: Words) -> None:
    """Nothing to rank yet: which subsector, one click each for those with most firms; or no weight at all."""
    st.markdown(f"#### {t('sites.parks')}")
    if chosen.sites.subsector:
        st.warning(t("sites.no_weights"), icon=":material/balance:")
        return
    st.info(t("sites.ask"), icon=":material/add_location_alt:")
    firms = board.clusters[c.FIRMS].sort_values(ascending=False, kind="stable")
    bar = st.container(horizontal=True, gap="small", key="offered")
    for subsector in map(str, firms.index[:MOST_OFFERED]):
        bar.button(t(f"subsector.{subsector}"), key=f"offer_{subsector}", on_click=choose_subsector, args=(subsector,))


def show_ranked(listing: Listing, chosen: Selection, t: Words) -> None:
    """The list in the middle."""
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    n = len(listing.ids)
    note = t("sites.parks_note", subsector=t(f"subsector.{chosen.sites.subsector}"), n=f"{n:,}")
    bar.markdown(f"#### {t('sites.parks')}　:small[:gray[{note}]]", width="content")
    tools = bar.container(horizontal=True, vertical_alignment="center", width="content", gap="small")
    tools.segmented_control(
        t("sites.order"),
        ORDERS,
        format_func=lambda o: t(f"sites.by_{o}"),
        required=True,
        label_visibility="collapsed",
        key=state.bound("site_order", chosen.sites.order),
        on_change=state.changed_on,
        args=("sites", "order", "site_order"),
    )
    method = "topsis" if chosen.sites.order == "topsis" else "weighted_sum"
    how_to_read(tools, "sites_ranked", t, method=method, origin=Figure(measure="criteria"))
    if not n:
        nothing = "sites.none_fits" if len(listing.ranking.excluded) else "sites.none_known"
        st.info(t(nothing), icon=":material/filter_alt_off:")
        return
    _say_level(listing, t)
    for park_id in listing.ids[:AS_CARDS]:
        _card(listing, park_id, chosen, t)
    _table(listing, t)
    notes = [t("sites.ranked_note"), *([t("sites.of_the_sum")] if listing.order == "topsis" else [])]
    st.caption(t.sentences(notes))


def _say_level(listing: Listing, t: Words) -> None:
    if not listing.tells:
        st.markdown(f":orange[:material/info: {t('sites.nothing_tells')}]")
        return
    level = int((listing.level == 1).sum())
    if level > 1:
        st.markdown(f":orange[:material/info: {t('sites.first_level', n=level)}]")


def _card(listing: Listing, park_id: str, chosen: Selection, t: Words) -> None:
    ranking, dataset = listing.ranking, listing.dataset
    with st.container(border=True, key=f"site_{listing.rank(park_id)}", gap="small"):
        head = st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"
        )
        name, district = plain(name_of(dataset, park_id)), plain(district_of(dataset, park_id, t))
        level = listing.level_text(park_id, t)
        badge = f" :orange-badge[{level}]" if level else ""
        head.markdown(f"**{listing.rank(park_id)}　{name}** :gray-badge[{district}]{badge}", width="content")
        points = listing.points_text(park_id, t)
        head.markdown(f"**{points}**　:small[:gray[{ranks_text(listing, park_id, t)}]]", width="content")
        said = [f":material/add: {plain(short_reason(reason, t))}" for reason in leading_reasons(ranking, park_id)]
        lines = (stability_text(listing, park_id, t), missing_text(listing, park_id, t))
        said += [f":gray[{plain(line)}]" for line in lines if line]
        if unchecked := unchecked_text(listing, park_id, t):
            said.append(f":orange[:material/help: {plain(unchecked)}]")
        st.markdown("  \n".join(f":small[{line}]" for line in said))
        foot = st.container(horizontal=True, vertical_alignment="center", gap="small")
        shortlist_button(foot, park_id, chosen, t, key=f"add_{park_id}")
        foot.button(
            t("sites.look"),
            icon=":material/my_location:",
            type="tertiary",
            key=f"look_{park_id}",
            on_click=focused.look_at,
            args=(Focus("park", park_id),),
        )
        with foot.popover(t("sites.all_reasons"), icon=":material/list:", type="tertiary", key=f"why_{park_id}"):
            show_reasons(listing, park_id, t)


def show_reasons(listing: Listing, park_id: str, t: Words) -> None:
    """Every criterion with data and what it says of a park."""
    heads = [t(f"sites.{key}") for key in ("criterion", "says", "weight", "contributes")]
    rows = [[plain(cell) for cell in row] for row in reason_rows(listing.ranking, park_id, t)]
    st.table(pd.DataFrame(rows, columns=heads), border="horizontal", hide_index=True)
    notes = [scaled_text(listing, park_id, t), t("sites.of_the_sum") if listing.order == "topsis" else ""]
    st.caption(plain(t.sentences([note for note in (*notes, t("site.straight_line")) if note])))


def shortlist_button(
    where: st.delta_generator.DeltaGenerator, park_id: str, chosen: Selection, t: Words, *, key: str
) -> None:  # fmt: skip
    """Put a park aside, or take it back."""
    held = chosen.sites.shortlist
    if park_id in held:
        where.button(
            t("sites.take_off"), icon=":material/bookmark_remove:", type="tertiary", key=key, on_click=take_off,
            args=(park_id,),
        )  # fmt: skip
        return
    full = len(held) >= MOST_SHORTLISTED
    where.button(
        t("sites.put_on"), icon=":material/bookmark_add:", type="tertiary", key=key, disabled=full,
        help=t("sites.full", n=MOST_SHORTLISTED) if full else None, on_click=put_on, args=(park_id,),
    )  # fmt: skip


def put_on(park_id: str) -> None:
    """Put a park on the shortlist."""
    held = state.current().sites.shortlist
    state.choose_on("sites", shortlist=(*(p for p in held if p != park_id), park_id)[:MOST_SHORTLISTED])


def take_off(park_id: str) -> None:
    """Take a park off the shortlist; what it was can be brought back."""
    held = state.current().sites.shortlist
    st.session_state["shortlist_before"] = (park_id, held)
    state.choose_on("sites", shortlist=tuple(p for p in held if p != park_id))


def _table(listing: Listing, t: Words) -> None:
    ids = listing.ids[AS_CARDS:MOST_LISTED]
    if not ids:
        return
    sites, facts = listing.ranking.sites.loc[list(ids)], listing.ranking.criteria["chain_firms"].values
    within = f"{listing.ranking.request.near_m / 1000:g}"
    drawn = listing.ranking.stability is not None
    table = pd.DataFrame(
        {
            "rank": [listing.rank(p) for p in ids],
            "name": [name_of(listing.dataset, p) for p in ids],
            "district": [district_of(listing.dataset, p, t) for p in ids],
            "points": [listing.points(p) for p in ids],
            "other": [rank_or_dash(v) for v in sites[c.CLOSENESS_RANK if listing.order == "sum" else c.SCORE_RANK]],
            "span": [
                ranks_between(row[c.LOW_RANK], row[c.HIGH_RANK], t) if drawn and row[c.LOW_RANK] is not pd.NA else "—"
                for _, row in sites.iterrows()
            ],
            "firms": [t("word.no_data") if (v := facts.get(p)) != v else f"{v:,.0f}" for p in ids],
            "known": [t.share(float(v)) for v in sites[c.WEIGHT_COVERAGE]],
        }
    )
    things = [Focus("park", p) for p in ids]
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        key=focused.bound_table("ranked", things),
        selection_mode="single-row",
        on_select=lambda: focused.table_selected("ranked", things),
        alt=t("sites.parks"),
        column_config={
            "rank": number("#", format="%d", width=40, pinned=True),
            "name": text(t("field.park"), width=150, pinned=True),
            "district": text(t("field.district"), width=62 if t.language == "zh" else 84),
            "points": st.column_config.ProgressColumn(
                t("sites.score"), min_value=0, max_value=100, format="%.1f", width=96
            ),
            "other": text(
                t("sites.rank_topsis" if listing.order == "sum" else "sites.rank_sum"), width=76, alignment="right"
            ),
            "span": text(t("sites.span_field"), width=92, help=t("sites.span_help")),
            "firms": text(t("sites.firms_within", km=within), width=96, alignment="right"),
            "known": text(t("sites.coverage"), width=84, alignment="right"),
        },
    )


def show_left_out(listing: Listing, t: Words) -> None:
    """Parks without a rank and why."""
    rows = left_out(listing, t)
    if not rows:
        return
    unranked = len(rows) - len(listing.ranking.excluded)
    label = t("sites.left_out", n=len(rows), unranked=unranked, excluded=len(listing.ranking.excluded))
    with st.expander(label, icon=":material/visibility_off:"):
        table = pd.DataFrame([row[1:] for row in rows], columns=["name", "district", "why"])
        text = st.column_config.TextColumn
        st.dataframe(
            table, hide_index=True, row_height=ROW_PX, alt=label, key="left_out",
            column_config={
                "name": text(t("field.park"), width=220), "district": text(t("field.district"), width=90),
                "why": text(t("sites.why"), width="large"),
            },
        )  # fmt: skip
        st.caption(t("sites.left_out_note"))
