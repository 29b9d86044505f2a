"""Contestants in turns: every answer is compared first, then all run once in each round."""

import statistics
import time
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

T = TypeVar("T")


def timed(run: Callable[[], T]) -> tuple[T, float]:
    """What came, and the seconds that it took."""
    start = time.perf_counter()
    answer = run()
    return answer, time.perf_counter() - start


def interleaved(
    runs: Mapping[str, Callable[[], T]],
    rounds: int,
    same: Callable[[T, T], bool],
    *,
    case: str,
    once: Collection[str] = (),
) -> dict[str, list[float]]:
    """Seconds of every run of every contestant.

    Parameters
    ----------
    runs : mapping of name to callable
        The first gives the answer that the others must give.
    rounds : int
        Turns of each, after a first one that warms up and is compared.
    same : callable
        Whether two answers agree.
    case : str
        What is measured, for the message.
    once : collection of str
        Slow ones whose first turn counts.

    Raises
    ------
    SystemExit
        When an answer differs.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    truth: list[T] = []
    for name, run in runs.items():
        answer, seconds = timed(run)
        truth = truth or [answer]
        if not same(truth[0], answer):
            raise SystemExit(f"{case}: {name} gives another answer; nothing to compare")
        if name in once:
            times[name].append(seconds)
    for _ in range(rounds):
        for name, run in runs.items():
            if name not in once:
                times[name].append(timed(run)[1])
    return times


def medians(times: Mapping[str, list[float]]) -> dict[str, float]:
    """The median of each contestant, fastest first."""
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    return dict(sorted(middle.items(), key=lambda item: item[1]))
