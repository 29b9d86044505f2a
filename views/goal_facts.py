"""The official figures behind a goal, each with its year, scope, source and version, beside the path that it implies.

Figures of another scope than the goal's stand in a table of their own and are told to decide nothing.
"""

import html
from collections.abc import Collection, Iterable, Mapping, Sequence

import streamlit as st

from clusters.goals import Board, Tally
from clusters.outcomes import Fact, Figure, Series
from clusters.plan_records import LevelTarget
from data import columns as c
from views.goals_text import figure_text
from views.words import Words

RECENT = 2
"""Further official figures on a card; its list has them all."""


def origin(tally: Tally, board: Board, t: Words) -> str:
    """What the figure of a card is and where it comes from, as markup; nothing when it has no official figure.

    A long source is cut to its line; the list of figures has it whole.
    """
    if tally.shown is None or not tally.points:
        return ""
    deciding, year = tally.series[0], tally.shown.year
    fact = next((f for f in deciding.facts if f.year == year), None)
    is_level = isinstance(tally.target, LevelTarget)
    what = t("fact.of_year" if is_level else "fact.total" if fact else "fact.listed", year=year)
    scope = fact.scope if fact else deciding.scope
    told = [what, *([scope_name(scope, t)] if is_level or scope else []), version_name(board, t)]
    sources = dict.fromkeys(f.source for f in ([fact] if fact else deciding.carriers) if f.source)
    source = html.escape(t("map.source", source=t.listed(list(sources))))
    return (
        f'<span class="note">{html.escape(" · ".join(told))}</span>'
        f'<span class="note source" title="{source}">{source}</span>'
    )


def path_lines(tally: Tally, board: Board, t: Words) -> list[str]:
    """What a level's path implies for the year, and the latest other official figures."""
    path = tally.chosen.path.get(board.year)
    implied = [t("card.implied", year=board.year, value=t.money(path))] if path else []
    others = [year for year in tally.points if tally.shown is None or year != tally.shown.year][-RECENT:]
    return [*implied, *(point(tally, Figure(year, tally.points[year]), t) for year in others)]


def point(tally: Tally, figure: Figure, t: Words) -> str:
    """An official figure with its year."""
    words = "card.point" if isinstance(tally.target, LevelTarget) else "card.count_point"
    return t(words, year=figure.year, value=figure_text(tally, figure.value, t))


def show_facts(tally: Tally, board: Board, t: Words) -> None:
    """Every official figure of a goal, by scope, and the list of what was counted."""
    path = tally.chosen.path
    undecided = (_no_figures(tally),) if path and not tally.points else ()
    for series in (*undecided, *tally.series):
        st.html(_figures(series, tally, path if series.decides else {}, t) + _carriers(series, board, t))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", figures: Collection[int] = ()) -> str:
    """A small table of text as markup; every cell is text and no markup.

    Parameters
    ----------
    head : sequence of str
    rows : iterable of sequence of str
    title : str
    figures : collection of int
        Columns that hold figures: they stand at the right and never break.
    """

    def line(tag: str, cells: Sequence[str]) -> str:
        kinds = (' class="figure"' if place in figures else "" for place in range(len(cells)))
        return "".join(f"<{tag}{kind}>{html.escape(cell)}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))

    caption = f"<caption>{html.escape(title)}</caption>" if title else ""
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in rows)
    return f'<table class="jq-table">{caption}<thead><tr>{line("th", head)}</tr></thead><tbody>{body}</tbody></table>'


def scope_name(scope: str | None, t: Words) -> str:
    """A statistical scope in the reader's language where we have words for it, else as its source writes it."""
    key = f"official_scope.{scope}"
    return t("fact.no_scope") if scope is None else t(key) if key in t else scope


def version_name(board: Board, t: Words) -> str:
    """Version of the data that a figure stands in."""
    bundled = board.dataset.version == "0"
    return t("version.bundled") if bundled else t("fact.version", version=board.dataset.version)


def version_sentence(board: Board, t: Words) -> str:
    """Version of the data and its stamp, as a sentence."""
    return t("fact.version_stamp", version=board.dataset.version, digest=board.dataset.digest)


def source_of(fact: Fact, t: Words) -> str:
    """Source of a figure with the remark of its row."""
    return t("fact.source_note", source=fact.source or "", note=fact.note) if fact.note else fact.source or ""


def _no_figures(tally: Tally) -> Series:
    """The goal's own scope without a figure: its path is shown all the same."""
    return Series(getattr(tally.target, "basis", None), True, (), (), {})


def _figures(series: Series, tally: Tally, implied: Mapping[int, int], t: Words) -> str:
    facts = {fact.year: fact for fact in series.facts}
    years = sorted({*implied, *facts})
    if not years:
        return ""
    head = [t("fact.year"), *([t("fact.path")] if implied else []), t("fact.value"), t("fact.source")]
    rows = [
        [
            str(year),
            *([t.money(implied[year]) if year in implied else "—"] if implied else []),
            figure_text(tally, facts[year].value, t) if year in facts else t("word.no_data"),
            _source_and_scope(facts[year], series, t) if year in facts else "",
        ]
        for year in years
    ]
    words = "fact.series" if series.decides else "fact.other_series"
    return table(head, rows, title=t(words, scope=scope_name(series.scope, t)), figures=range(1, len(head) - 1))


def _source_and_scope(fact: Fact, series: Series, t: Words) -> str:
    """Source of a figure, with its own scope where that says more than the scope of its series."""
    source = source_of(fact, t)
    return source if fact.scope == series.scope else f"{source} · {scope_name(fact.scope, t)}"


def _carriers(series: Series, board: Board, t: Words) -> str:
    if not series.carriers:
        return ""
    names = board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    rows = [[f.note or "", str(f.year), names.get(f.area_id, t("city")), f.source or ""] for f in series.carriers]
    head = [t("fact.carrier"), t("fact.year"), t("fact.area"), t("fact.source")]
    title = t("fact.list", n=f"{len(rows):,}", since=board.plan.period.start)
    return table(head, rows, title=title)
