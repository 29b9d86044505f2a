"""Sign-ins that were ended by signing out, for every session and process of this workspace.

A cookie that says who somebody is stays valid until it expires, in other tabs and in the hands of whoever copied it. So
signing out leaves a mark under the id of that sign-in, an empty file, and whoever reads the cookie looks for it. The
mark goes after the longest life of a cookie.
"""

import re
import time
from pathlib import Path

KEEP_S = 32 * 86_400.0
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def end_sign_in(home: Path, login_id: str) -> None:
    """Note that a sign-in is over."""
    if not _ID.fullmatch(login_id):
        return
    folder = sign_outs_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    for mark in folder.iterdir():
        if time.time() - mark.stat().st_mtime > KEEP_S:
            mark.unlink(missing_ok=True)
    (folder / login_id).touch()


def is_ended(home: Path, login_id: str) -> bool:
    """Whether a sign-in is over."""
    return bool(_ID.fullmatch(login_id)) and (sign_outs_folder(home) / login_id).exists()


def sign_outs_folder(home: Path) -> Path:
    """Folder of the marks."""
    return home / "sign-outs"
