"""The shelf of one machine: a catalogue in SQLite, a folder for each version, and a file that says which is current.

- The catalogue (``store.db``, ``data.catalogue``) says which versions there are. It is small, it changes in one
  transaction, and SQLite keeps that promise through kill, power cut and full disk, which was measured; so a version
  exists from the moment at which COMMIT returns.
- The tables of a version are files in ``versions/<id>/`` that nobody changes (``data.version_files``). Files and folder
  are on the disk before COMMIT names them, so a row always has its folder. A folder without a row is what a crash left;
  the next import or start sweeps it.
- Which version is current is the id in the file ``current``, which changes hands at once. A page looks whether it has
  changed by one ``stat``, which no query of a database could match. It is written before COMMIT and renamed after it,
  so that a disk that is full cannot come between the two.

What this leaves out: more than one machine, and a disk that is not local. On a network share neither the lock nor WAL
is to be trusted.
"""

import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from data import catalogue, workspace
from data.durable import flush_folder
from data.errors import ImportBusy
from data.version_files import Part, VersionRecord

log = logging.getLogger(__name__)


class EmbeddedShelf:
    """Versions in a workspace; see ``data.shelf.Shelf``."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @property
    def folder(self) -> Path:
        """Folder of the versions' folders."""
        return workspace.versions_folder(self.home)

    def current(self) -> str:
        """What the pointer says."""
        return workspace.current_version(self.home)

    def pointer_state(self) -> tuple[int, ...]:
        """One ``stat``."""
        return workspace.pointer_state(self.home)

    def point_to(self, version_id: str) -> None:
        """Give the pointer its new name at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with workspace.pointing_to(version_id, self.home):
            pass

    def records(self) -> list[VersionRecord]:
        """Versions with a row and a folder."""
        return workspace.known_records(self.home)

    def record(self, version_id: str) -> VersionRecord:
        """The row of a version that has a folder."""
        return workspace.known_record(self.home, version_id)

    def mapping_of(self, version_id: str) -> str:
        """As the catalogue has it."""
        return catalogue.mapping_of(self.home, version_id)

    def check_whole(self, record: VersionRecord) -> None:
        """Compare what the folder says of itself."""
        workspace.check_whole(self.folder / record.id, record)

    def at(self, record: VersionRecord) -> Path:
        """The folder; it is the only copy."""
        return self.folder / record.id

    def mend(self, record: VersionRecord) -> bool:
        """There is no other copy to mend it from."""
        return False

    @contextmanager
    def alone(self) -> Iterator["EmbeddedShelf"]:
        """Behind SQLite's lock, with what a crash left swept away."""
        self.folder.mkdir(parents=True, exist_ok=True)
        workspace.make_catalogue(self.home)
        with workspace.alone(self.folder):
            workspace.sweep(self.home)
            yield self

    def next_id(self) -> str:
        """One more than the last."""
        return workspace.next_id(self.home)

    def name(self, part: Path, record: VersionRecord, mapping: str, lent: Sequence[Part]) -> None:
        """COMMIT, between a pointer that lies ready and its new name."""
        folder = self.folder / record.id
        part.rename(folder)
        flush_folder(folder.parent)
        try:
            with workspace.pointing_to(record.id, self.home):
                catalogue.add(self.home, record, mapping)
        except BaseException:
            with suppress(Exception):
                if catalogue.find(self.home, record.id) is None:
                    shutil.rmtree(folder)
            raise

    def keep_first(self, path: Path, write: Callable[[Path], None]) -> None:
        """A name that is taken already is not given again."""
        own = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            if earlier := sorted(self.folder.glob(f"*/{path.name}")):
                shutil.copyfile(earlier[0], own)
            else:
                write(own)
            with suppress(FileExistsError):
                os.link(own, path)
        finally:
            own.unlink(missing_ok=True)

    def share(self, kind: str, name: str, data: bytes, *, most: int) -> None:
        """There is nobody to share with."""

    def shared(self, kind: str, folder: str) -> dict[str, bytes]:
        """Nobody has offered anything."""
        return {}

    def make(self) -> tuple[str, str]:
        """Files are made when something is kept, and have no steps."""
        return "", ""

    def check(self) -> None:
        """Look through the catalogue, and sweep."""
        if not self.folder.is_dir():
            return
        self.check_reachable()
        try:
            with workspace.alone(self.folder, patience_s=0):
                workspace.sweep(self.home)
        except (ImportBusy, OSError) as error:  # an import at work, or a disk that is full or cannot be written
            log.info("what a crash may have left is not swept: %s", error)

    def check_reachable(self) -> None:
        """Look through the catalogue; a workspace without one is empty."""
        if self.folder.is_dir():
            workspace.make_catalogue(self.home)
            catalogue.check(self.home)
