"""``dist/jiqun-<version>-<platform>.tar.gz``: all that a machine with no network needs but Python 3.11 itself.

``python -m deploy.bundle [OUTPUT]`` (``make bundle``), on a machine like the one that it is for: the wheels are of this
platform and this Python. What a registry has only as a source is built into a wheel here. The program comes as the
files of this folder that the server needs, browser libraries and fonts included; ``install.sh`` checks every file by
``SHA256SUMS`` before it runs anything.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from data.durable import replacing_path
from geo.web_assets import check_fetched, font_files

ROOT = Path(__file__).parents[1]
FOLDERS = ("geo", "data", "clusters", "views", "api", ".streamlit", "docs", "deploy", "assets/vendor")
FILES = (
    "app.py", "cli.py", "requirements.txt", "assets/package.json", "assets/package-lock.json", "LICENSE", "README.md",
    "README.zh-CN.md", "CHANGELOG.md", "Dockerfile", "compose.yaml",
)  # fmt: skip
AT_THE_TOP = {"deploy/install.sh": "install.sh", "deploy/INSTALL.zh-CN.md": "INSTALL.zh-CN.md"}
LEFT_OUT = ("__pycache__", ".part-", "secrets", "tls")
SUMS, WHEELS, PROGRAM = "SHA256SUMS", "wheelhouse", "program"

Wheels = Callable[[Path, Path], None]
"""Puts wheels of the requirements in a file into a folder."""


def bundle_name(root: Path = ROOT) -> str:
    """Name of the bundle of a program for this machine, as ``jiqun-0.1.0-linux-x86_64-py311``."""
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return f"jiqun-{version}-{sysconfig.get_platform()}-py{sys.version_info[0]}{sys.version_info[1]}"


def program_files(root: Path = ROOT) -> Iterator[str]:
    """What a server needs of the program's folder, by name."""
    yield from FILES
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inner = path.relative_to(root)
            if path.is_file() and not any(part.startswith(LEFT_OUT) for part in inner.parts):
                yield inner.as_posix()


def pip_wheels(requirements: Path, folder: Path) -> None:
    """Wheels from the configured registry; a source is built into one."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--wheel-dir", str(folder), "--requirement", str(requirements)], check=True)


def write_bundle(output: Path, wheels: Wheels = pip_wheels, *, root: Path = ROOT) -> None:
    """Write the bundle, whole or not at all.

    Parameters
    ----------
    output : Path
        ``.tar.gz``.
    wheels : callable
        See ``Wheels``.
    root : Path
        Folder of the program.

    Raises
    ------
    AssetsMissing
        When the browser libraries were not fetched yet.
    """
    check_fetched()
    font_files()
    with TemporaryDirectory(prefix="bundle-") as made:
        top = Path(made) / bundle_name(root)
        for name in program_files(root):
            _copy(root / name, top / PROGRAM / name)
        for name, at in AT_THE_TOP.items():
            _copy(root / name, top / at)
        (top / WHEELS).mkdir()
        wheels(top / PROGRAM / "requirements.txt", top / WHEELS)
        if sources := [path.name for path in (top / WHEELS).iterdir() if path.suffix != ".whl"]:
            raise RuntimeError(f"no wheels were made of {', '.join(sources)}")
        (top / SUMS).write_text("".join(_sums(top)), "utf-8")
        with replacing_path(output) as path, tarfile.open(path, "w:gz", compresslevel=1) as archive:
            archive.add(top, top.name, filter=_of_nobody)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _sums(top: Path) -> Iterator[str]:
    for path in sorted(top.rglob("*")):
        if path.is_file():
            yield f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(top).as_posix()}\n"


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
    return member


def main(words: list[str]) -> None:
    """Write the bundle, by default into ``dist``."""
    output = Path(words[0]) if words else ROOT / "dist" / f"{bundle_name()}.tar.gz"
    output.parent.mkdir(parents=True, exist_ok=True)
    write_bundle(output)
    print(f"{output} {output.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
