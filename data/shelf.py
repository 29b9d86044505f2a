"""Where the versions stand: what the flow of an import and the opening of a version need of a place that keeps them.

``data.store`` is the one flow; a shelf is what differs between a folder of one machine (``data.embedded``) and a
database that several machines share. Whatever shelf it is, a version is opened from a folder of files on this machine.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from data.embedded import EmbeddedShelf
from data.settings import settings
from data.version_files import Part, VersionRecord


class Turn(Protocol):
    """The only import that may be at work on a shelf."""

    def current(self) -> str:
        """Id of the current version as the shelf has it now."""

    def next_id(self) -> str:
        """Id of the version that is being made."""

    def name(self, part: Path, record: VersionRecord, mapping: str, lent: Sequence[Part]) -> None:
        """Take a folder that is whole as a version, and as the current one: the moment of COMMIT.

        Parameters
        ----------
        part : Path
            Folder with the files of the version; it becomes the folder of the version on this machine.
        record : VersionRecord
        mapping : str
            Of its import, as TOML.
        lent : sequence of Part
            Parts whose files are those of its parent.
        """


class Shelf(Protocol):
    """A place that keeps versions."""

    @property
    def folder(self) -> Path:
        """Folder of the versions' folders on this machine; it need not be there."""

    def current(self) -> str:
        """Id of the current version; the bundled set when none was chosen."""

    def pointer_state(self) -> tuple[int, ...]:
        """What changes when another version becomes current; asked at every look of a page, so it must cost nothing."""

    def point_to(self, version_id: str) -> None:
        """Make a version that is there the current one."""

    def records(self) -> list[VersionRecord]:
        """Record of every version, by age."""

    def record(self, version_id: str) -> VersionRecord:
        """Record of a version that is not the bundled set; raises ``UnknownVersion``."""

    def mapping_of(self, version_id: str) -> str:
        """Mapping of the import of a version, as TOML."""

    def check_whole(self, record: VersionRecord) -> None:
        """Raise ``DamagedVersion`` when what is kept of a version is not what its record says."""

    def at(self, record: VersionRecord) -> Path:
        """Folder of a version, with its files in it."""

    def mend(self, record: VersionRecord) -> bool:
        """Whether a folder that turned out damaged is whole again."""

    def alone(self) -> AbstractContextManager[Turn]:
        """One import at a time; raises ``ImportBusy`` when another does not end."""

    def keep_first(self, path: Path, write: Callable[[Path], None]) -> None:
        """Bring a file into the folder of a version that must be the same for everybody: whoever wrote it first.

        Parameters
        ----------
        path : Path
            Its name says what it is made from; a file of this name that was kept before, beside any version, is taken.
        write : callable
            Writes it, when nobody has.
        """

    def share(self, kind: str, name: str, data: bytes, *, most: int) -> None:
        """Offer other machines a file that links may lead to; of a kind the oldest go."""

    def shared(self, kind: str, folder: str) -> dict[str, bytes]:
        """What machines have offered under names of this folder; empty where there is only one machine."""

    def make(self) -> tuple[str, str]:
        """Make ready what keeps the versions, or bring it to this release; its steps before and after."""

    def check(self) -> None:
        """Look through what is kept and sweep what a crash left, unless an import is at work."""

    def check_reachable(self) -> None:
        """Raise a ``StoreError`` when versions cannot be asked for."""


def shelf_of(home: Path) -> Shelf:
    """The shelf of a workspace, as ``JIQUN_STORE`` says."""
    return _shelf(home, settings().store)


@lru_cache(maxsize=64)
def _shelf(home: Path, store: str) -> Shelf:
    if not store:
        return EmbeddedShelf(home)
    from data.postgis.database import database_of
    from data.postgis.shelf import PostgisShelf

    return PostgisShelf(home, database_of(store))
