"""A table of a document on a page: the same cells, tiers painted, numbers to the right."""

import pandas as pd
import streamlit as st

from views import state
from views.document import Table
from views.words import TIER_STAR, Words

ROW_PX = 33


def show_table(table: Table, key: str, t: Words, *, is_old: bool = False) -> None:
    """Show a table of texts; a cell that begins with a tier's star is painted as the tier, old figures are muted."""
    stars = {mark: state.look().tier[tier] for tier, mark in TIER_STAR.items() if tier}
    rows = [[cell.text for cell in row] for row in table.rows]
    frame = pd.DataFrame(rows, columns=[str(n) for n in range(len(table.columns))])

    def paint(text: str) -> str:
        fill, ink = stars.get(text[:1], ("", ""))
        return f"background-color:{fill};color:{ink}" if fill else ""

    painted = frame.style.map(paint)
    if is_old:
        figures = [str(n) for n, column in enumerate(table.columns) if column.align == "right"]
        muted = f"color:{state.look().palette.muted}"
        painted = painted.map(lambda text: "" if text[:1] in stars else muted, subset=figures)
    st.dataframe(
        painted,
        hide_index=True,
        height="content",
        row_height=ROW_PX,
        alt=table.title or table.sheet,
        key=key,
        column_config={
            str(n): st.column_config.TextColumn(column.title, alignment=column.align, pinned=n == 0 or None)
            for n, column in enumerate(table.columns)
        },
    )
