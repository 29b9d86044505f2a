"""Texts of a plan that were in force once: copies by digest, so that a link made under one still shows its goals.

A copy is taken when the pages open a plan, beside the plans of the workspace and in a folder for each digest, where no
search for plans looks. Left out: a plan that was never opened in this workspace, and the plan that another one
extends, which is sought among the plans of today.
"""

import hashlib
import re
from pathlib import Path

from clusters.plan import Plan, load_plan
from data.durable import replacing
from data.shelf import shelf_of

DIGITS = 8
MOST_SHARED = 1_000
DIGEST = re.compile(r"[0-9a-f]{8}", re.ASCII)
_KIND = "plans"


def plan_digest(plan: Plan) -> str:
    """First 8 hexadecimal digits of the SHA-256 of a plan's file."""
    return plan.origin.sha256[:DIGITS]


def keep_plan(plan: Plan, home: Path) -> None:
    """Keep a copy of a plan's file and of the text beside it; one that is there already stays.

    Parameters
    ----------
    plan : Plan
    home : Path
        Workspace folder.

    Raises
    ------
    OSError
        When the workspace cannot be written.
    """
    folder, source = _folder(home, plan_digest(plan)), plan.origin.path
    for path in (source.with_suffix(".txt"), source):  # the plan last: with it the copy is whole
        if path.is_file() and not (folder / path.name).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            text = path.read_bytes()
            with replacing(folder / path.name) as file:
                file.write(text)
            shelf_of(home).share(_KIND, f"{folder.name}/{path.name}", text, most=MOST_SHARED)


def kept_plan(digest: str, home: Path, *, plan_id: str) -> Plan | None:
    """The plan of a digest; ``None`` when there is no copy, or one that is not what its digest says.

    Parameters
    ----------
    digest : str
        See `plan_digest`.
    home : Path
        Workspace folder.
    plan_id : str
        Another plan is none.
    """
    if not DIGEST.fullmatch(digest):
        return None
    _take_shared(digest, home)
    for path in sorted(_folder(home, digest).glob("*.yaml")):
        try:
            if hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS] == digest:
                plan = load_plan(path)
                return plan if plan.id == plan_id else None
        except (ValueError, OSError):
            continue
    return None


def _take_shared(digest: str, home: Path) -> None:
    """Copies that another server kept, when this one has none."""
    folder = _folder(home, digest)
    if any(folder.glob("*.yaml")):
        return
    shared = shelf_of(home).shared(_KIND, digest)
    for name in sorted(shared, key=lambda name: name.endswith(".yaml")):  # the plan last: with it the copy is whole
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / Path(name).name) as file:
            file.write(shared[name])


def _folder(home: Path, digest: str) -> Path:
    return home / "plans" / "kept" / digest
