"""The goal board: every quantified target with its figure, its goal, a bar, and what each reading says.

A sample's figure gets a hatched neutral bar and no verdict; green and a tick belong to figures that decide.
"""

import html

import pandas as pd
import streamlit as st

from clusters.goals import Board, ReadingTally, Tally
from clusters.plan_records import LevelTarget, NewCountTarget
from data.dataset import Basis
from views import loaded
from views.goal_facts import origin, path_lines, point, show_facts, version_sentence
from views.goals_text import actual_text, figure_text, goal_text, no_figure
from views.origin import origin_button, quote_of
from views.origin_bases import Figure
from views.provenance import sample_sentence
from views.stale import is_old
from views.words import Words, plain

CARD_ORDER = ("cluster_count", "firm_count")
PER_ROW = 4


def show_goal_board(board: Board, t: Words) -> None:
    """What is counted from firms first, then what only official figures can say."""
    counted = sorted(
        (tally for tally in board.tallies if tally.target.kind in CARD_ORDER),
        key=lambda tally: (CARD_ORDER.index(tally.target.kind), -_threshold(tally)),
    )
    official = [tally for tally in board.tallies if isinstance(tally.target, LevelTarget | NewCountTarget)]
    with st.container(key=f"goals-{board.plan.id}", gap="small"):
        for tallies in (counted, official):
            cells = st.columns(PER_ROW, gap="small") if tallies else []
            for cell, tally in zip(cells, tallies, strict=False):
                with cell.container(border=True, height="stretch", gap=None):
                    st.html(card(tally, board, t))
                    with st.container(
                        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
                    ):
                        st.html(verdict_line(tally, t), width="content")
                        readings_popover(tally, board, t)


def card(tally: Tally, board: Board, t: Words) -> str:
    """One goal: name, figure, goal, bar; of an official figure also its origin, the implied path, other figures."""
    figure = f'<span class="now">{html.escape(actual_text(tally, board, t))}</span>' if tally.shown is not None else ""
    age = " stale" if tally.shown is not None and is_old(tally.shown.year) else ""
    known = " · ".join([*_firms_behind(tally, board, t), *path_lines(tally, board, t)])
    return (
        f'<div class="jq-goal{age}"><span class="name">{html.escape(target_name(tally, board, t))}</span>'
        f'<span class="line">{figure}<span class="aim">{html.escape(aim(tally, t))}</span></span>{bar(tally)}'
        + origin(tally, board, t)
        + (f'<span class="note">{html.escape(known)}</span>' if known else "")
        + "</div>"
    )


def _firms_behind(tally: Tally, board: Board, t: Words) -> list[str]:
    """The n of what is counted from firms."""
    if tally.target.kind not in CARD_ORDER or tally.actual is None:
        return []
    return [t("card.of_firms", n=f"{board.coverage['firms']:,}", of=f"{board.coverage['of_firms']:,}")]


def verdict_line(tally: Tally, t: Words) -> str:
    """What can be said about the goal."""
    note, kind = verdict(tally, t)
    return f'<div class="jq-goal"><span class="{kind}">{html.escape(note)}</span></div>'


def bar(tally: Tally) -> str:
    """Progress to the goal; hatched for a sample, empty without a figure."""
    goal = tally.target.goal
    if tally.shown is None or not goal:
        return '<div class="jq-bar empty" role="img" aria-label="—"></div>'
    share = max(0.0, min(1.0, tally.shown.value / goal))
    kind = "" if tally.met is not None or tally.basis is Basis.STATISTICAL else "sample"
    return f'<div class="jq-bar {kind}" role="img" aria-label="{share:.0%}"><i style="width:{share:.0%}"></i></div>'


def aim(tally: Tally, t: Words) -> str:
    """Goal with its year, or that the plan sets none here."""
    if not tally.official:
        return t("card.city_goal", goal=goal_text(tally, t))
    return t("card.goal", goal=goal_text(tally, t), year=tally.target.by)


def verdict(tally: Tally, t: Words) -> tuple[str, str]:
    """What can be said, and how it is marked."""
    if tally.met is None:
        return t(f"why.{tally.chosen.why}"), "note"
    if tally.met:
        return "✓ " + t("card.met"), "met"
    rest = tally.target.goal - (tally.shown.value if tally.shown else 0)
    if rest <= 0:  # 突破 is strict: the very amount is not past it
        return "↗ " + t("card.not_met"), "short"
    return "↗ " + t("card.short", gap=figure_text(tally, rest, t)), "short"


def target_name(tally: Tally, board: Board, t: Words) -> str:
    """Name of a target in the reader's language; a plan that we have no words for keeps its own."""
    key = f"target.{board.plan.id}.{tally.target.id}"
    return t(key) if key in t else tally.target.metric


def readings_popover(tally: Tally, board: Board, t: Words) -> None:
    """Every reading of one goal, and the official figures behind it."""
    with st.popover(t("card.readings_n", n=len(tally.readings)), type="tertiary"):
        readings_table(tally, board, t)
        if tally.target.quote:
            st.markdown(quote_of(tally.target, board.plan.id, t))
        if tally.target.kind in CARD_ORDER:
            st.caption(sample_sentence(board, t))
            if board.plan.id == loaded.PLAN_ID:
                district = "" if board.area_id == board.dataset.city_adcode else board.area_id
                origin_button(
                    st.container(), Figure((), district, tally.target.id), t, key=f"{tally.target.id}-{district}"
                )
            return
        show_facts(tally, board, t)
        note = "card.levels_note" if isinstance(tally.target, LevelTarget) else "card.list_note"
        st.caption(plain(t.sentences([t(note, since=board.plan.period.start), version_sentence(board, t)])))


def readings_table(tally: Tally, board: Board, t: Words) -> None:
    """Readings with their figures and what it would take to decide them."""
    st.markdown(f"**{plain(target_name(tally, board, t))}** {t('word.colon')} {aim(tally, t)}")
    st.table(
        pd.DataFrame(
            {
                t("reading.reading"): [reading_name(r, t) for r in tally.readings],
                t("reading.actual"): [_reading_figure(tally, r, board, t) for r in tally.readings],
                t("reading.verdict"): [
                    t("card.met") if r.met else t("card.not_met") if r.met is False else t(f"why.{r.why}")
                    for r in tally.readings
                ],
            }
        ),
        border="horizontal",
        hide_index=True,
    )


def reading_name(tally: ReadingTally, t: Words) -> str:
    """A reading in words, the default marked."""
    parts = [
        t(f"axis.{axis}.{option}") if f"axis.{axis}.{option}" in t else t(f"axis.{axis}", option=option)
        for axis, option in tally.reading.items()
    ]
    name = " · ".join(parts) or t("reading.as_stated")
    return t("reading.default", reading=name) if tally.reading.is_default else name


def _reading_figure(tally: Tally, reading: ReadingTally, board: Board, t: Words) -> str:
    if tally.target.kind in CARD_ORDER:
        return no_figure(tally, board, t) if reading.actual is None else f"{reading.actual:,}"
    said = [point(tally, tally.shown, t)] if tally.shown else []
    year = tally.shown.year if tally.shown and tally.met is None else board.year
    said += [t("card.implied", year=year, value=t.money(reading.path[year]))] if year in reading.path else []
    asked = getattr(tally.target, "cagr_pct", None)
    if reading.growth is not None and asked is not None:
        said.append(t("card.growth", growth=t.share(reading.growth), asked=t.share(asked / 100)))
    return " · ".join(said) or t("word.no_data")


def _threshold(tally: Tally) -> int:
    threshold = getattr(tally.target, "firm_threshold", None) or getattr(tally.target, "cluster_threshold", None)
    return threshold.value_cny if threshold else 0
