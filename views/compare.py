"""对比: two to four districts side by side."""

from views import frame, state


def show() -> None:
    """The page."""
    chosen = state.current()
    t = state.words_of(chosen)
    board = state.board_of(chosen)
    frame.head(t("page.compare"), frame.sample_lead(board, t), chosen, t)
    frame.foot(board, t)
