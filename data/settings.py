"""Settings from the environment, prefix ``JIQUN_``, and from files of one folder that the environment names.

Such a file is named like its variable (``JIQUN_COOKIE_SECRET`` or ``jiqun_cookie_secret``) and holds its value; that is
how Docker, Kubernetes and systemd hand over secrets. A variable goes before a file.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.errors import BadSetting

LOCAL = "local"


class Settings(BaseSettings):
    """What an operator may set.

    Attributes
    ----------
    home : Path
        Workspace folder; plans of one's own live in ``home/plans``.
    store : str
        Where versions are kept: empty for files and SQLite in ``home``, or ``postgresql://role:password@host/database``
        for a PostGIS database that several servers share; ``home`` then holds a copy of what is looked at.
    map_approval : str
        审图号 printed on every map and export; empty prints that none is configured.
    map_attribution : str
        Further attribution printed on every map and export.
    host, port : str, int
        Where ``cli.py serve`` listens.
    public_url : str
        Address at which readers reach the app, such as ``https://jiqun.example.cn``; printed with its QR code on files
        that a terminal writes, which cannot know it. Sign-in comes back to ``/oauth2callback`` below it.
    role : str
        Who looks at the figures when no sign-in is set up, and at a terminal: ``public``, ``investor``, ``government``
        or ``government:440305`` for one district. Empty: the government on a loopback host; on another the app does
        not start without sign-in.
    oidc_metadata_url : str
        Sign-in: address of the identity provider's ``/.well-known/openid-configuration``. It, the two below,
        ``cookie_secret`` and ``public_url`` are all set, or none of the first four.
    oidc_client_id : str
        Sign-in: name of this app at the provider.
    oidc_client_secret : str
        Sign-in: the app's password at the provider.
    oidc_audience : str
        Sign-in: audience that a bearer token must be made for; empty is the client id.
    cookie_secret : str
        Sign-in: what cookies are signed with, 32 characters or more, at random; another one signs everybody out.
    role_claim : str
        Sign-in: claim that lists what a person is, such as ``roles``, ``groups`` or ``realm_access.roles``.
    role_map : str
        Sign-in: which value of that claim is which role, as ``city-gov=government; nanshan=government:440305;
        firms=investor``. Of several the first in this order counts; whoever has none is the public.
    require_sign_in : bool
        Whether nothing is shown to whoever has not signed in; else they are the public.
    secrets_dir : Path
        Folder with files that hold settings, such as ``/run/secrets``.
    dominance : str
        A further rule for what may be released: ``2:90`` withholds a sum of which the 2 largest hold more than 90 %.
        Empty leaves the rules of fewer than 3 holdings and p % = 10.
    frame_ancestors : str
        Who may show the app within a page of its own, as a Content-Security-Policy names it: ``'self'``, ``'none'``, or
        origins such as ``'self' https://portal.example.cn``.
    most_sessions : int
        How many pages may be open at the same time in one process; whoever comes then waits, and gets in when somebody
        leaves.
    most_uploads, upload_mb : int
        How many uploaded files one page holds in memory until they are checked or removed, and their megabytes.
    uploads_mb : int
        Megabytes of the uploaded files of all pages of one process.
    upload_s : float
        Seconds that an upload may take.
    features_per_second, tiles_per_second : float
        Requests a second that one address may keep up under ``/ogc`` and ``/tiles``; ten seconds' worth may come at
        once, and this machine itself is not limited. 0 sets no limit.
    log_format : str
        How the server and its imports write their log to stderr: ``text`` for people, where a request is a line of
        level ``debug``, or ``json`` for machines, one object a line, where it is one of level ``info``.
    log_level : str
        Least level that is written: ``debug``, ``info``, ``warning`` or ``error``.
    drain_s : float
        How long a server that was told to stop (SIGTERM) still answers, in seconds, so that a proxy may see at
        ``/readyz`` that it leaves.
    stop_s : float
        How long it then waits for imports at work, in seconds, before it ends; a worker that is not done goes on
        without it, as far as its service manager lets it.
    engine : str
        Where partitions of large files are worked on: ``local``, the threads of the process, or the address of a Dask
        scheduler, ``tcp://host:8786`` or ``tls://host:8786``, which needs the packages of ``requirements-dask.txt``.
    """

    model_config = SettingsConfigDict(env_prefix="JIQUN_", frozen=True)

    home: Path = Path("workspace")
    store: str = Field(default="", pattern=r"^(postgres(ql)?://\S+)?$", repr=False)
    map_approval: str = ""
    map_attribution: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$")
    role: str = ""
    oidc_metadata_url: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_audience: str = ""
    cookie_secret: SecretStr = SecretStr("")
    role_claim: str = Field(default="roles", min_length=1)
    role_map: str = ""
    require_sign_in: bool = False
    secrets_dir: Path | None = None
    dominance: str = Field(default="", pattern=r"^([1-9]:[1-9]\d?(\.\d+)?)?$")
    frame_ancestors: str = Field(
        default="'self'", pattern=r"^('none'|('self'|https?://[\w.*-]+(:\d+)?)( ('self'|https?://[\w.*-]+(:\d+)?))*)$"
    )
    most_sessions: int = Field(default=100, ge=1)
    most_uploads: int = Field(default=8, ge=1)
    upload_mb: int = Field(default=400, ge=1)
    uploads_mb: int = Field(default=1_000, ge=1)
    upload_s: float = Field(default=600.0, gt=0)
    features_per_second: float = Field(default=10.0, ge=0, le=1e6)
    tiles_per_second: float = Field(default=200.0, ge=0, le=1e6)
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_s: float = Field(default=0.0, ge=0, le=600)
    stop_s: float = Field(default=60.0, ge=0, le=3600)
    engine: str = Field(default=LOCAL, pattern=r"^(local|(tcp|tls)://[^\s/]+:\d{1,5})$")

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def plan_folders(self) -> tuple[Path, ...]:
        """Folders that may hold plan files: the bundled one, then the workspace's."""
        return (Path(__file__).parent / "plans", self.home / "plans")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Settings of this process, read once.

    Raises
    ------
    BadSetting
        When a variable holds what it cannot mean.
    """
    folder = os.environ.get("JIQUN_SECRETS_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        raise BadSetting("JIQUN_SECRETS_DIR", folder, "there is no such folder")
    sources: dict[str, Any] = {"_secrets_dir": folder}
    try:
        return Settings(**sources)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        came = "***" if _is_secret(field) else first["input"]
        raise BadSetting(f"JIQUN_{field}".upper(), came, first["msg"]) from None


def _is_secret(field: str) -> bool:
    declared = Settings.model_fields[field].annotation
    return field == "store" or SecretStr in (declared, *get_args(declared))  # an address may hold a password
