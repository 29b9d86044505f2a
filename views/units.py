"""责任单位: what each unit answers for in the plan."""

from views import frame, state


def show() -> None:
    """The page."""
    chosen = state.current()
    t = state.words_of(chosen)
    board = state.board_of(chosen)
    frame.head(t("page.units"), frame.sample_lead(board, t), chosen, t)
    frame.foot(board, t)
