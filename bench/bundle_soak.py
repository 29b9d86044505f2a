"""The offline bundle on a machine without a network: built, unpacked, installed, started, asked; and broken on purpose.

``python -m bench.bundle_soak [--bundle FILE]`` builds the bundle, or takes one. Everything after it happens in network
namespaces that have nothing but a loopback (Linux, as root); the server runs as nobody, on a disk that is read-only but
for its workspace and a temporary folder of its own. Controls: a listener that is reached from outside of the namespace
must not be reached from within, and a bundle with one changed byte, or one file more, must be refused before anything
of it runs.
"""

import argparse
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.store_soak import home_of
from deploy.bundle import WHEELS, bundle_name, write_bundle
from geo.web_assets import library_address

Figures = dict[str, Any]
NOBODY = 65534
PORT = 8501
PATHS = ("/", "/healthz", "/readyz", "/tiles/firms/10/837/446.png", library_address("leaflet"), "/_stcore/host-config")
ASK = """
import json, sys, time, urllib.request
told, until = {}, time.monotonic() + 120
while time.monotonic() < until:
    try:
        urllib.request.urlopen("http://127.0.0.1:%(port)d/healthz", timeout=5).read()
        break
    except OSError:
        time.sleep(0.2)
for path in sys.argv[1:]:
    try:
        with urllib.request.urlopen("http://127.0.0.1:%(port)d" + path, timeout=60) as answer:
            told[path] = [answer.status, len(answer.read())]
    except OSError as error:
        told[path] = [getattr(error, "code", 0), 0]
print(json.dumps(told))
"""


def own_python(folder: Path) -> Path:
    """A copy of this Python that any user may run, as a machine's own would be; without what was installed into it."""
    shutil.copytree(
        sys.base_prefix,
        folder,
        symlinks=True,
        ignore=shutil.ignore_patterns("site-packages", "test", "__pycache__", "*.a"),
    )
    return folder / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"


def cut_off(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the shell where there is no network and no disk to change but what it mounts."""
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc",
               f"ip link set lo up\n{script}"]  # fmt: skip
    variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PIP_NO_INDEX": "1"}
    return subprocess.run(command, env=variables | environment, capture_output=True, text=True, check=False)


def soak(bundle: Path | None) -> Iterator[Figures]:
    """All of it."""
    with home_of("bundle") as folder:
        folder.chmod(0o755)
        if bundle is None:
            bundle = folder / f"{bundle_name()}.tar.gz"
            start = time.perf_counter()
            write_bundle(bundle)
            yield {"campaign": "built", "seconds": round(time.perf_counter() - start),
                   "megabytes": round(bundle.stat().st_size / 1e6), "as_expected": True}  # fmt: skip
        with tarfile.open(bundle) as archive:
            archive.extractall(folder / "unpacked", filter="data")
        (top,) = (folder / "unpacked").iterdir()
        python = own_python(folder / "python")
        yield outside()
        yield tampered(top, folder / "refused", python)
        yield installed(top, folder / "jiqun", python)
        yield answers(folder / "jiqun", folder / "home", python)


def outside() -> Figures:
    """The control: a listener of this machine is reached from here, and not from where the bundle is tried."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5).close()"
        here = subprocess.run([sys.executable, "-c", connect], check=False, capture_output=True).returncode == 0
        there = cut_off(f"{shlex.quote(sys.executable)} -c {shlex.quote(connect)}").returncode == 0
    routes = cut_off("ip -o route; ip -6 -o route").stdout.strip()
    return {"campaign": "control: the outside", "reached_from_here": here, "reached_from_there": there,
            "routes_there": routes, "as_expected": here and not there and not routes}  # fmt: skip


def tampered(top: Path, target: Path, python: Path) -> Figures:
    """The control: one byte of one wheel, and a file that is on no list."""
    wheel = min((top / WHEELS).iterdir(), key=lambda path: path.stat().st_size)
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    changed = cut_off(f"sh {shlex.quote(str(top))}/install.sh {target}", PYTHON=str(python))
    wheel.write_bytes(whole)
    (top / "program" / "more.py").write_text("print('more')")
    more = cut_off(f"sh {shlex.quote(str(top))}/install.sh {target}", PYTHON=str(python))
    (top / "program" / "more.py").unlink()
    refused = [done.returncode == 2 for done in (changed, more)]
    return {"campaign": "control: a changed bundle", "refused": sum(refused), "of": len(refused),
            "left_behind": target.exists(), "as_expected": all(refused) and not target.exists()}  # fmt: skip


def installed(top: Path, target: Path, python: Path) -> Figures:
    """Install, as its page says."""
    wheels = len(list((top / WHEELS).glob("*.whl")))
    start = time.perf_counter()
    done = cut_off(f"sh {shlex.quote(str(top))}/install.sh {target}", PYTHON=str(python))
    took = round(time.perf_counter() - start)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file() and not path.is_symlink())
    return {"campaign": "installed without a network", "wheels": wheels, "seconds": took,
            "megabytes_on_disk": round(size / 1e6), "problem": done.stderr.strip()[-300:] if done.returncode else "",
            "as_expected": done.returncode == 0}  # fmt: skip


def answers(target: Path, home: Path, own: Path) -> Figures:
    """Start it as nobody on a disk that is read-only, ask it, stop it."""
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    python, ask = target / ".venv" / "bin" / "python", target.parent / "ask.py"
    ask.write_text(ASK % {"port": PORT})
    user = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs --bounding-set=-all"
    done = cut_off(
        f"""
        mount --make-rprivate /
        mount --bind {home} {home}
        mkdir -p {home}.tmp && mount -t tmpfs tmpfs {home}.tmp
        mount -o remount,bind,ro /
        cd {target}
        if {user} touch {target}/written 2>/dev/null; then echo "the disk can be written" >&2; fi
        {user} {python} cli.py serve --port {PORT} 2>{home}/log &
        server=$!
        {user} {python} {ask} {" ".join(PATHS)}
        {user} {python} cli.py backup -o {home}.tmp/b.tar.zst >/dev/null
        kill -TERM $server
        wait $server
        """,
        JIQUN_HOME=f"{home}/workspace",
        LD_LIBRARY_PATH=str(own.parents[1] / "lib"),  # where that copy has its own library
        JIQUN_LOG_FORMAT="json",
        TMPDIR=f"{home}.tmp",
        MPLCONFIGDIR=f"{home}.tmp",
        HOME=str(home),
        PYTHONDONTWRITEBYTECODE="1",
    )
    told = json.loads(done.stdout or "{}")
    right = bool(told) and all(status == 200 and size for status, size in told.values())
    problem = (done.stderr.strip() or (home / "log").read_text("utf-8")[-300:]) if not right or done.returncode else ""
    return {"campaign": "served without a network, as nobody, on a read-only disk", "answers": told,
            "exit_after_sigterm": done.returncode, "problem": problem[-400:],
            "as_expected": right and done.returncode == 0 and "can be written" not in done.stderr}  # fmt: skip


def main() -> None:
    """Run, say what came, and fail when anything was not as expected."""
    asked_for = argparse.ArgumentParser(description=__doc__)
    asked_for.add_argument("--bundle", type=Path)
    given = asked_for.parse_args()
    wrong = 0
    for figures in soak(given.bundle):
        print(json.dumps(figures, ensure_ascii=False), flush=True)
        wrong += not figures["as_expected"]
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
