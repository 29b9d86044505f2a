"""How readers sign in, as the settings say: at which provider, and what a claim of theirs makes them.

Sign-in is set up whole or not at all. The settings that belong together are checked before anything listens, since a
server that believes to be behind a sign-in and is not would be open.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from clusters.errors import IncompleteSignIn, OpenWithoutSignIn, UnknownRole
from clusters.roles import Viewer, read_viewer
from data.errors import BadSetting
from data.settings import Settings, settings

CALLBACK = "/oauth2callback"
SHORTEST_SECRET = 32
TOGETHER = ("oidc_metadata_url", "oidc_client_id", "oidc_client_secret", "cookie_secret")
"""Any of these sets sign-in up, and then all of them are needed."""
NEEDED = (*TOGETHER, "public_url", "role_map")


@dataclass(frozen=True)
class SignIn:
    """Sign-in at one OpenID Connect provider.

    Attributes
    ----------
    metadata_url, client_id, client_secret, cookie_secret : str
        See ``data.settings.Settings``.
    origin : str
        Scheme and host at which readers reach the app.
    callback : str
        Address to which the provider sends readers back.
    audience : str
        What a bearer token must be made for.
    role_claim : str
    roles : tuple of (str, Viewer)
        What a value of that claim makes its holder; of several the first counts.
    is_required : bool
        Whether nobody else is shown anything.
    """

    metadata_url: str
    client_id: str
    client_secret: str = field(repr=False)
    cookie_secret: str = field(repr=False)
    origin: str
    callback: str
    audience: str
    role_claim: str
    roles: tuple[tuple[str, Viewer], ...]
    is_required: bool = False


def sign_in() -> SignIn | None:
    """Sign-in as the settings of this process set it up; ``None`` when they do not.

    Raises
    ------
    IncompleteSignIn
        When a part of it is missing.
    BadSetting
        When a part cannot be what it is.
    """
    return _sign_in(settings())


@lru_cache(maxsize=4)
def _sign_in(now: Settings) -> SignIn | None:
    values = {name: _plain(getattr(now, name)) for name in NEEDED}
    if not any(values[name] for name in TOGETHER):
        return None
    if missing := [f"JIQUN_{name}".upper() for name, value in values.items() if not value]:
        raise IncompleteSignIn(missing)
    if len(values["cookie_secret"]) < SHORTEST_SECRET:
        problem = f"expected {SHORTEST_SECRET} characters or more, at random"
        raise BadSetting("JIQUN_COOKIE_SECRET", "***", problem)
    address = urlsplit(now.public_url)
    return SignIn(
        metadata_url=now.oidc_metadata_url,
        client_id=now.oidc_client_id,
        client_secret=values["oidc_client_secret"],
        cookie_secret=values["cookie_secret"],
        origin=f"{address.scheme}://{address.netloc}",
        callback=now.public_url.rstrip("/") + CALLBACK,
        audience=now.oidc_audience or now.oidc_client_id,
        role_claim=now.role_claim,
        roles=read_role_map(now.role_map),
        is_required=now.require_sign_in,
    )


def _plain(value: object) -> str:
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def read_role_map(text: str) -> tuple[tuple[str, Viewer], ...]:
    """Values of a claim and the readers that they make, in their order.

    Parameters
    ----------
    text : str
        Pairs ``value=role`` between semicolons.

    Raises
    ------
    BadSetting

    Examples
    --------
    >>> for value, viewer in read_role_map("city-gov=government; nanshan=government:440305"):
    ...     print(value, "is", viewer)
    city-gov is government
    nanshan is government:440305
    >>> read_role_map("city-gov")
    Traceback (most recent call last):
        ...
    data.errors.BadSetting: JIQUN_ROLE_MAP is 'city-gov': expected value=role between semicolons
    """
    found: dict[str, Viewer] = {}
    for pair in filter(None, (part.strip() for part in text.split(";"))):
        value, equals, role = (part.strip() for part in pair.rpartition("="))
        if not equals or not value or value in found:
            problem = "stands twice" if value in found else "expected value=role between semicolons"
            raise BadSetting("JIQUN_ROLE_MAP", pair, problem)
        try:
            found[value] = read_viewer(role)
        except UnknownRole as error:
            raise BadSetting("JIQUN_ROLE_MAP", pair, str(error)) from error
    return tuple(found.items())


def check_who_may_reach(now: Settings) -> None:
    """Refuse to listen beyond this machine when nothing says who may look.

    Raises
    ------
    OpenWithoutSignIn
        Naming what to set.
    IncompleteSignIn, BadSetting
    """
    if _sign_in(now) is None and not now.is_local and not now.role:
        raise OpenWithoutSignIn(now.host)
