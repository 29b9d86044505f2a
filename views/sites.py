"""选址: parks ranked for a firm, each with its reasons."""

from views import frame, state


def show() -> None:
    """The page."""
    chosen = state.current()
    t = state.words_of(chosen)
    board = state.board_of(chosen)
    frame.head(t("page.sites"), frame.sample_lead(board, t), chosen, t)
    frame.foot(board, t)
