"""Which program this process runs: what has to be the same wherever parts of one result are computed.

The sources of ``geo`` and ``data`` as a digest, and the versions of what computes with them. A worker that differs
could differ in the last bit, or in a rule.
"""

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "pandas", "pyarrow", "pyproj", "shapely")
_ROOT = Path(__file__).parents[1]


@lru_cache(maxsize=1)
def program() -> dict[str, str]:
    """Versions by name; ``source`` is the digest of our own."""
    digest = hashlib.sha256()
    for path in sorted(path for package in ("geo", "data") for path in (_ROOT / package).rglob("*.py")):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + path.read_bytes())
    own = {"source": digest.hexdigest()[:8], "python": platform.python_version()}
    return own | {package: version(package) for package in PACKAGES}
