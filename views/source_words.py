"""Which file each part of the open version came from, in words and as rows of the table of sources."""

from dataclasses import dataclass

from data.dataset import Dataset
from data.errors import DataError
from data.settings import settings
from data.store import version_record
from data.version_files import VersionRecord
from data.workspace import BUNDLED
from views.words import Words, capital


@dataclass(frozen=True)
class Imported:
    """One import that is part of a version."""

    version: str
    kind: str
    file_name: str
    created: str
    sha256: str
    accepted: int
    refused: int


def imports_of(version: str) -> list[Imported]:
    """The imports on the way to a version, the newest first; an earlier one of a kind was merged into or replaced."""
    found: list[Imported] = []
    while version != BUNDLED:
        try:
            record = version_record(settings().home, version)
        except DataError:
            break
        if record.file_name:
            found.append(_imported(record))
        version = record.parent or BUNDLED
    return found


def version_line(dataset: Dataset, t: Words, *, named: bool) -> str:
    """The version with the day on which its firms were imported, and the file's name for who keeps the data."""
    firms = next((one for one in imports_of(dataset.version) if one.kind == "firms"), None)
    if firms is None:
        return t("origin.version_bundled", version=dataset.version, digest=dataset.digest)
    return t(
        "origin.version_file",
        version=dataset.version,
        digest=dataset.digest,
        file=firms.file_name if named else kind_words(firms.kind, t),
        day=firms.created[:10],
    )


def kind_words(kind: str, t: Words) -> str:
    """What an import brought."""
    return capital(t(f"table_kind.{kind}"))


def _imported(record: VersionRecord) -> Imported:
    return Imported(
        record.id, record.kind, record.file_name, record.created, record.sha256, record.accepted, record.refused
    )
