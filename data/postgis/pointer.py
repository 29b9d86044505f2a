"""Which version is current, as a page may ask at every look: one row by its key, asked once for all who wait.

Who waits while another asks takes that answer, as long as the question was put after he came. While the database is
away the last answer stands, with one line in the log; it is asked again every ``RETRY_S``, so it comes back by itself.
"""

import logging
import threading
import time

from data.errors import StoreError
from data.postgis.database import Database
from data.workspace import BUNDLED

RETRY_S = 2.0
_QUESTION = "SELECT moves, version FROM current_version"
log = logging.getLogger(__name__)


class Pointer:
    """The current version of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._answer: tuple[int, str] | None = None
        self._asked_at = self._failed_at = float("-inf")
        self._away = False

    def now(self) -> tuple[int, str]:
        """How often the pointer has moved, and the id that it points to.

        Raises
        ------
        StoreError
            When it cannot be asked, and never could.
        """
        came = time.monotonic()
        with self._lock:
            answer = self._answer
            if answer is not None and (self._asked_at > came or came - self._failed_at < RETRY_S):
                return answer
            self._asked_at = time.monotonic()
            try:
                answer = self._answer = self._asked()
            except StoreError as error:
                if answer is None:
                    raise
                self._failed_at = time.monotonic()
                if not self._away:
                    log.warning("version %s stays in use: %s", answer[1], error)
                self._away = True
                return answer
            if self._away:
                log.warning("the database of the versions (%s) is back", self._database.where)
            self._away, self._failed_at = False, float("-inf")
            return answer

    def _asked(self) -> tuple[int, str]:
        if not self._database.is_made():
            return -1, BUNDLED
        moves, version = self._database.ask(_QUESTION)[0]
        return int(moves), BUNDLED if version is None else str(version)
