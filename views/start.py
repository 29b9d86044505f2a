"""首页: three doors, one for each reader, each with a live number."""

from views import frame, state


def show() -> None:
    """The page."""
    chosen = state.current()
    t = state.words_of(chosen)
    board = state.board_of(chosen)
    frame.head(t("page.start"), frame.sample_lead(board, t), chosen, t)
    frame.foot(board, t)
