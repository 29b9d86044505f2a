"""The search for clusters on the ground: it starts when a reader asks, in a thread, and no page waits for its end.

Searches go one after the other, and whoever asks for the same year, place and subsectors shares one. A search that
nobody looks at any more stops by itself. It is offered only where every figure is open: totals of such clusters are no
released cells, and released points are not where firms stand. No Streamlit here.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from clusters.found_clusters import FoundClusters, find_clusters
from clusters.goals import Board
from data.dataset import Dataset
from data.settings import settings
from views.figures import subsectors_shown
from views.selection import Selection

LAYER = "ground"
MOST_KEPT = 16
ABANDONED_S = 30.0
"""A page at work looks every second; a search that none looked at for so long goes on for nobody."""

log = logging.getLogger(__name__)
_Key = tuple[str, str, int, str, tuple[str, ...]]
_door, _turn = threading.Lock(), threading.Lock()
_searches: "OrderedDict[_Key, Search]" = OrderedDict()


class Search:
    """One search, running or over.

    Attributes
    ----------
    stage, done, total : str, int, int
        How far it is; the stage is empty while it waits for its turn.
    found : FoundClusters or None
        What was found.
    failed : bool
        Whether it ended with an error, which is in the log.
    """

    def __init__(self) -> None:
        self.stage, self.done, self.total = "", 0, 0
        self.found: FoundClusters | None = None
        self.failed = False
        self._over = threading.Event()
        self._looked = time.monotonic()

    def is_over(self, *, within_s: float = 0.0) -> bool:
        """Whether it is over, or will be within so many seconds."""
        self._looked = time.monotonic()
        return self._over.wait(within_s)

    @property
    def stopped(self) -> bool:
        """Whether it ended without an answer, since nobody looked."""
        return self._over.is_set() and self.found is None and not self.failed

    def run(self, find: Callable[..., FoundClusters]) -> None:
        """Search; ends in one of found, failed or stopped."""
        try:
            with _turn:
                self._tell("", 0, 0)
                self.found = find(tell=self._tell)
        except _Abandoned:
            log.info("a search for clusters was left by all who looked at it")
        except Exception:
            log.exception("the search for clusters failed")
            self.failed = True
        finally:
            self._over.set()

    def _tell(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() - self._looked > ABANDONED_S:
            raise _Abandoned
        self.stage, self.done, self.total = stage, done, total


class _Abandoned(Exception):
    """Nobody looks at the search any more."""


def is_offered(dataset: Dataset) -> bool:
    """Whether a reader of this dataset may see clusters on the ground: only where nothing is withheld."""
    return dataset.release is None


def subsectors_searched(board: Board, selection: Selection) -> tuple[str, ...] | None:
    """Subsectors that the filters leave, whatever is in focus: ``()`` is all, ``None`` none."""
    shown = subsectors_shown(board, selection.with_(focus=None))
    return None if not shown else () if len(shown) == len(board.clusters) else tuple(sorted(shown))


def search(board: Board, selection: Selection) -> Search | None:
    """The search that a selection asks for, started if nobody did; ``None`` when it asks for none."""
    key = _key(board, selection)
    if key is None:
        return None
    with _door:
        known = _searches.get(key)
        if known is None or known.stopped:
            known = _searches[key] = Search()
            _start(known, board, key)
        _searches.move_to_end(key)
        while len(_searches) > MOST_KEPT:
            _searches.popitem(last=False)
    return known


def found(board: Board, selection: Selection) -> FoundClusters | None:
    """What the search of a selection found; ``None`` as long as there is nothing."""
    key = _key(board, selection)
    known = None if key is None else _searches.get(key)
    return None if known is None else known.found


def forget(board: Board, selection: Selection) -> None:
    """Let the search of a selection start anew."""
    key = _key(board, selection)
    with _door:
        if key is not None:
            _searches.pop(key, None)


def _key(board: Board, selection: Selection) -> _Key | None:
    subsectors = subsectors_searched(board, selection)
    if LAYER not in selection.show or subsectors is None or not is_offered(board.dataset):
        return None
    return board.dataset.version, board.dataset.digest, board.year, board.place, subsectors


def _start(one: Search, board: Board, key: _Key) -> None:
    data, year, place, subsectors, home = board.dataset, board.year, board.place, key[-1], settings().home

    def find(**how: object) -> FoundClusters:
        return find_clusters(data, year=year, place=place, subsectors=subsectors, home=home, **how)

    threading.Thread(target=one.run, args=(find,), name="ground", daemon=True).start()
