"""Where the shipped files come from: publisher, licence, date and checksum of each, as ``sources.toml`` says."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from data.errors import SourceMismatch

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class Source:
    """One shipped file.

    Attributes
    ----------
    file : str
        Path from the folder of this package.
    title, publisher, licence, date : str
        What it holds, who gave it, under which terms, and of when it is.
    sha256 : str
        Checksum of its bytes.
    covers, lacks : str
        What it covers and what it does not.
    ages : bool
        Whether it holds facts that grow old; rules, words and colours do not.
    pages : tuple of str
        Pages that show what it holds; none for what works inside.
    """

    file: str
    title: str
    publisher: str
    licence: str
    date: str
    sha256: str
    covers: str
    lacks: str = ""
    ages: bool = False
    pages: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the file lies on this machine."""
        return Path(__file__).parent / self.file


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every shipped data file, in the order of ``sources.toml``."""
    listed = tomllib.loads((REFERENCE / "sources.toml").read_text("utf-8"))
    return tuple(Source(**{**entry, "pages": tuple(entry.get("pages", ()))}) for entry in listed["file"])


def digest() -> str:
    """First 8 hexadecimal digits of a SHA-256 over all shipped data files: the stamp of version 0.

    Raises
    ------
    SourceMismatch
        When a file is not the one that ``sources.toml`` describes.
    """
    whole = hashlib.sha256()
    for source in sources():
        checksum = hashlib.sha256(source.path.read_bytes()).hexdigest()
        if checksum != source.sha256:
            raise SourceMismatch(
                f"{source.file} has checksum {checksum[:12]}…, sources.toml says {source.sha256[:12]}…"
            )
        whole.update(checksum.encode())
    return whole.hexdigest()[:8]


def renew_checksums() -> None:
    """Write the checksums of the files as they are now into ``sources.toml``; for whoever edits a shipped file."""
    listing = REFERENCE / "sources.toml"
    text = listing.read_text("utf-8")
    for source in sources():
        text = text.replace(source.sha256, hashlib.sha256(source.path.read_bytes()).hexdigest())
    listing.write_text(text, "utf-8")


if __name__ == "__main__":
    renew_checksums()
