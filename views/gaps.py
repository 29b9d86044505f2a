"""缺口: what would close the gap of a cluster."""

from views import frame, state


def show() -> None:
    """The page."""
    chosen = state.current()
    t = state.words_of(chosen)
    board = state.board_of(chosen)
    frame.head(t("page.gaps"), frame.sample_lead(board, t), chosen, t)
    frame.foot(board, t)
