"""Who a reader is, from what an identity provider says of them.

Whatever is not plainly said makes a reader the public: no claims, claims of another app, an expired or ended sign-in, a
role that the map does not know, a district that the city does not have. Nothing here opens a cookie or checks a
signature; claims come from whoever did.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from clusters.roles import Role, Viewer, viewer_without_sign_in
from clusters.sign_in import SignIn
from data.audit import Actor, at_this_machine
from data.store import current_dataset

Claims = Mapping[str, Any]
"""What a provider says of a person, by name."""

PUBLIC = Viewer(Role.PUBLIC)
NAMES = ("name", "preferred_username", "email", "sub")
log = logging.getLogger(__name__)


class Standing(StrEnum):
    """How a reader came to be who they are."""

    LOCAL = "local"
    """Nobody signs in here: the settings say who looks."""
    ANONYMOUS = "anonymous"
    SIGNED_IN = "signed_in"
    EXPIRED = "expired"
    """Signed in once; the time of that is over."""


@dataclass(frozen=True)
class Reader:
    """One reader.

    Attributes
    ----------
    viewer : Viewer
        What they may see.
    standing : Standing
    subject : str
        The provider's id of the person; empty for nobody in particular.
    name : str
        What the person is called.
    expires_at : float
        Unix time at which the sign-in ends.
    login_id : str
        Tells one sign-in from another.
    """

    viewer: Viewer
    standing: Standing = Standing.ANONYMOUS
    subject: str = ""
    name: str = ""
    expires_at: float = 0.0
    login_id: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody known looks."""
        return self.standing is Standing.SIGNED_IN

    @property
    def is_read_up_on(self) -> bool:
        """Whether what this reader opens is written into the audit log: a government that signed in."""
        return self.is_signed_in and self.viewer.role is Role.GOVERNMENT

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        if self.standing is Standing.LOCAL:
            return at_this_machine(str(self.viewer))
        return Actor(self.subject or "anonymous", str(self.viewer), self.name)


ANYBODY = Reader(PUBLIC)


def reader_without_sign_in() -> Reader:
    """The reader of a server at which nobody signs in.

    Raises
    ------
    UnknownRole
    """
    return Reader(viewer_without_sign_in(), Standing.LOCAL)


def reader_of(
    claims: Claims | None,
    how: SignIn,
    *,
    now: float,
    is_ended: Callable[[str], bool],
    districts: Callable[[], Collection[str]] | None = None,
) -> Reader:
    """The reader that claims describe.

    Parameters
    ----------
    claims : mapping, optional
        Their signature has been checked.
    how : SignIn
    now : float
        Unix time.
    is_ended : callable
        Whether a sign-in of this id was ended by signing out.
    districts : callable, optional
        Gives the ids of the city's districts; those of the current version when left out.

    Examples
    --------
    >>> from clusters.sign_in import read_role_map
    >>> how = SignIn("", "jiqun", "", "", "", "", "jiqun", "roles", read_role_map("firms=investor"))
    >>> claims = {"sub": "u1", "aud": "jiqun", "exp": 1000, "roles": ["firms"]}
    >>> reader_of(claims, how, now=999, is_ended=lambda login: False).viewer
    Viewer(role=<Role.INVESTOR: 'investor'>, district_id='')
    >>> reader_of(claims, how, now=1000, is_ended=lambda login: False).standing
    <Standing.EXPIRED: 'expired'>
    """
    if not claims:
        return ANYBODY
    expires_at, subject = claims.get("exp"), claims.get("sub")
    if not isinstance(expires_at, int | float) or isinstance(expires_at, bool):
        return ANYBODY
    if not isinstance(subject, str) or not subject or not _is_for(claims, how):
        return ANYBODY
    login = login_id(claims)
    if is_ended(login):
        return ANYBODY
    name = next((str(claims[each]) for each in NAMES if isinstance(claims.get(each), str) and claims[each]), subject)
    if now >= expires_at:
        return Reader(PUBLIC, Standing.EXPIRED, subject, name, float(expires_at), login)
    viewer = _known_place(_viewer(claims, how), districts or _districts)
    return Reader(viewer, Standing.SIGNED_IN, subject, name, float(expires_at), login)


def login_id(claims: Claims) -> str:
    """What tells one sign-in from another, for whoever ends it; it gives nothing of the claims away."""
    told = [claims.get(name) for name in ("iss", "sub", "iat", "exp", "nonce", "jti")]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]


def _is_for(claims: Claims, how: SignIn) -> bool:
    """Whether the claims were made for this app; a cookie may outlive a change of the settings."""
    audience = claims.get("aud")
    held = audience if isinstance(audience, list | tuple) else [audience]
    return how.client_id in held or how.audience in held


def _viewer(claims: Claims, how: SignIn) -> Viewer:
    """The first entry of the map that the claim holds; the public when there is none."""
    held = _values(claims, how.role_claim)
    return next((viewer for value, viewer in how.roles if value in held), PUBLIC)


def _values(claims: Claims, path: str) -> set[str]:
    """Values of a claim: of this very name, else of one inside others, as ``realm_access.roles``."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list | tuple) else [found]
    return {each for each in listed if isinstance(each, str)}


def _known_place(viewer: Viewer, districts: Callable[[], Collection[str]]) -> Viewer:
    if viewer.district_id and viewer.district_id not in districts():
        _tell_unknown(viewer.district_id)
        return PUBLIC
    return viewer


@lru_cache(maxsize=64)
def _tell_unknown(district_id: str) -> None:
    """Once for each."""
    log.warning(
        "JIQUN_ROLE_MAP names district %r, which the city does not have; its readers are the public", district_id
    )


def _districts() -> Collection[str]:
    """Districts of the current version; none when it cannot be opened, as the pages say then."""
    try:
        return set(map(str, current_dataset().districts.index))
    except ValueError:
        return ()
