"""Lines of the audit log for a terminal: names are data, so what could move the cursor is written out."""

from collections.abc import Mapping
from typing import Any

FIRST = ("at", "who", "role", "name", "what")


def audit_line(noted: Mapping[str, Any]) -> str:
    """One event: when, who, as what, what, and then the facts.

    Examples
    --------
    >>> audit_line({"at": "2026-11-28T08:00:00.000+00:00", "who": "u1", "role": "government", "what": "export",
    ...             "file": "clusters.xlsx", "rows": 12})
    '2026-11-28 08:00:00 · u1 (government) · export · file clusters.xlsx · rows 12'
    """
    who = " ".join(str(noted[key]) for key in ("who", "name") if noted.get(key))
    parts = [
        str(noted.get("at", ""))[:19].replace("T", " "),
        f"{who} ({noted.get('role', '')})",
        str(noted.get("what", "")),
        *(f"{key} {value}" for key, value in noted.items() if key not in FIRST),
    ]
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in " · ".join(parts))
