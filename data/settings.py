"""Settings from the environment, prefix ``JIQUN_``; nothing is read from anywhere else."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.errors import BadSetting

LOCAL = "local"


class Settings(BaseSettings):
    """What an operator may set.

    Attributes
    ----------
    home : Path
        Workspace folder; plans of one's own live in ``home/plans``.
    map_approval : str
        审图号 printed on every map and export; empty prints that none is configured.
    map_attribution : str
        Further attribution printed on every map and export.
    host, port : str, int
        Where ``cli.py serve`` listens.
    public_url : str
        Address at which readers reach the app, such as ``https://jiqun.example.cn``; printed with its QR code on files
        that a terminal writes, which cannot know it.
    role : str
        Who looks at the figures when nobody signs in: ``public``, ``investor``, ``government`` or
        ``government:440305`` for one district. Empty: the government on a loopback host, else the public.
    dominance : str
        A further rule for what may be released: ``2:90`` withholds a sum of which the 2 largest hold more than 90 %.
        Empty leaves the rules of fewer than 3 holdings and p % = 10.
    engine : str
        Where partitions of large files are worked on: ``local``, the threads of the process, or the address of a Dask
        scheduler, ``tcp://host:8786`` or ``tls://host:8786``, which needs the packages of ``requirements-dask.txt``.
    """

    model_config = SettingsConfigDict(env_prefix="JIQUN_", frozen=True)

    home: Path = Path("workspace")
    map_approval: str = ""
    map_attribution: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+[^\s?#]*)?$")
    role: str = ""
    dominance: str = Field(default="", pattern=r"^([1-9]:[1-9]\d?(\.\d+)?)?$")

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
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{Settings.model_config['env_prefix']}{first['loc'][0]}".upper()
        raise BadSetting(name, first["input"], first["msg"]) from error
