"""How far long work is: a stage by its code, rows done, rows in all (0 when nobody knows yet)."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
STAGES = (
    "waiting", "reading", "understanding", "datum", "placing", "classifying", "checking", "writing", "deriving"
)  # fmt: skip


def unheard(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
