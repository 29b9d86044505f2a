"""The audit log: who brought, changed, took or looked at what; one JSON object a line in ``home/audit/YYYY-MM.jsonl``.

Only added to. A line is one write to a file opened for appending, so lines of several processes do not mix; a line cut
short by a full disk spoils itself alone, because the next begins on a line of its own. The file of a month is begun by
the first who writes in it; old ones are the operator's to keep or to remove. Figures never stand here: what may be
noted is listed in ``FACTS``, and none of it is an amount.

What cannot be noted: `note` says so by an error, and the caller decides. Where people sign in, a government that cannot
be noted is not served (``must_be_noted``); elsewhere the log says it and the work goes on, because a full disk should
not take a single user's own data away.
"""

import getpass
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.errors import NotNoted

ASKED_TO_IMPORT, IMPORTED, REFUSED_IMPORT, USED, UNDONE = (
    *("import_asked", "import", "import_refused"),
    *("use", "undo"),
)
EXPORTED, OPENED, READ = "export", "open", "read"
SIGNED_IN, SIGNED_OUT, NOT_SIGNED_IN, REFUSED = "sign_in", "sign_out", "sign_in_refused", "refused"
EVENTS = (
    *(ASKED_TO_IMPORT, IMPORTED, REFUSED_IMPORT, USED, UNDONE, EXPORTED, OPENED, READ),
    *(SIGNED_IN, SIGNED_OUT, NOT_SIGNED_IN, REFUSED),
)
"""What a line may be about."""

FACTS = frozenset(
    ("name", "file", "table", "page", "path", "version", "digest", "job", "outcome", "rows", "client", "district")
)
"""What a line may tell beside when, who, as what and what."""
MOST_CHARACTERS = 300

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Actor:
    """Whoever does something.

    Attributes
    ----------
    who : str
        Id of the person at the identity provider, or the user of the operating system.
    role : str
        What they are here, such as ``government:440305``.
    name : str
        What they are called.
    """

    who: str
    role: str
    name: str = ""


UNKNOWN = Actor("unknown", "")


def at_this_machine(role: str) -> Actor:
    """Whoever sits at this machine, or runs the server at which nobody signs in."""
    try:
        return Actor(f"os:{getpass.getuser()}", role)
    except (OSError, KeyError):  # a user without a name, as in a container
        return Actor(f"os:{os.getuid() if hasattr(os, 'getuid') else 'unknown'}", role)


def note(home: Path, actor: Actor, what: str, **facts: object) -> None:
    """Add a line.

    Parameters
    ----------
    home : Path
        Workspace folder.
    actor : Actor
    what : str
        Of ``EVENTS``.
    **facts
        Of ``FACTS``; what is empty is left out.

    Raises
    ------
    NotNoted
        When it could not be written, whole.
    """
    if strange := facts.keys() - FACTS:
        raise TypeError(f"no fact of the audit log: {', '.join(sorted(strange))}")
    now = datetime.now(UTC)
    told = {"at": now.isoformat(timespec="milliseconds"), "who": actor.who, "role": actor.role, "name": actor.name,
            "what": what} | facts  # fmt: skip
    line = json.dumps(
        {key: _short(value) for key, value in told.items() if value not in ("", None)}, ensure_ascii=False
    )
    path = audit_folder(home) / f"{now:%Y-%m}.jsonl"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _append(path, line.encode(errors="replace") + b"\n", lasting=what not in (OPENED, READ))
    except OSError as error:
        raise NotNoted(what, str(path), error.strerror or str(error)) from error


def note_if_possible(home: Path, actor: Actor, what: str, **facts: object) -> None:
    """Add a line, or tell the operator's log that it could not be added."""
    try:
        note(home, actor, what, **facts)
    except NotNoted as error:
        log.error("%s", error)


def notes(home: Path, *, since: str = "", who: str = "", what: str = "") -> Iterator[dict[str, Any]]:
    """Lines of the log, the oldest first; such as were cut short are passed over.

    Parameters
    ----------
    home : Path
    since : str
        First day or moment, as ISO 8601 writes it: ``2026-11`` or ``2026-11-28T08``, in UTC.
    who : str
        Part of the id or the name of a person.
    what : str
    """
    for path in sorted(audit_folder(home).glob("*.jsonl")):
        if since and path.stem < since[:7]:
            continue
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                found = _read(line)
                if (
                    found
                    and str(found.get("at", "")) >= since
                    and (not who or who in f"{found.get('who')} {found.get('name', '')}")
                    and (not what or found.get("what") == what)
                ):
                    yield found


def audit_folder(home: Path) -> Path:
    """Folder of the log."""
    return home / "audit"


def _append(path: Path, line: bytes, *, lasting: bool) -> None:
    opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        size = os.fstat(opened).st_size
        if size:
            os.lseek(opened, size - 1, os.SEEK_SET)
            line = line if os.read(opened, 1) == b"\n" else b"\n" + line
        if os.write(opened, line) != len(line):
            raise OSError("the line was cut short")
        if lasting:
            os.fsync(opened)
    finally:
        os.close(opened)


def _short(value: object) -> object:
    return value[:MOST_CHARACTERS] if isinstance(value, str) else value


def _read(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
