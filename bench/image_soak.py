"""The steps of the Dockerfile without Docker: run as they are written, in layers that are thrown away, then served.

``python -m bench.image_soak`` (Linux, as root, with a registry): each RUN is run by a shell in the folder and with the
variables that the file says, over overlays of ``/opt``, ``/etc`` and ``/var``; COPY brings what ``.dockerignore`` lets
through. Then the command of the image is run as its user, with the disk read-only but for its volume and ``/tmp``: it
has to refuse to be open to a network while nobody says who readers are, and for the public its HEALTHCHECK has to pass
and SIGTERM to end it with 0. What this leaves out: the base image itself. Its Python is that of this machine, and so
is all that is outside of the overlays.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dockerfile_parse import DockerfileParser

from bench.bundle_soak import own_python
from bench.server import ROOT
from bench.store_soak import home_of

OVER = ("/opt", "/etc", "/var")


def script(context: Path, python: Path) -> str:
    """Both stages as one script of the shell; the second begins with what it copies of the first."""
    lines = ["set -eu", f"export PATH={python}:$PATH"]
    with (ROOT / "Dockerfile").open("rb+") as file:
        steps = DockerfileParser(fileobj=file).structure
    for step in steps:
        name, value = step["instruction"], step["value"]
        if name == "WORKDIR":
            lines.append(f"mkdir -p {value}; cd {value}")
        elif name == "ENV":
            lines.append(f"export {value}")
        elif name == "RUN":
            lines.append(value)
        elif name == "COPY" and "--from" not in value:
            *sources, target = value.split()
            into = f"{target.rstrip('/')}/" if len(sources) > 1 or target.endswith("/") else target
            lines.append(f"mkdir -p {into if into.endswith('/') else '.'}")
            lines += [f"cp -R {context}/{source} {into}" for source in sources]
        elif name == "USER":
            lines.append(f"user={value}")
        elif name == "HEALTHCHECK":
            lines.append(f"health() {{ {shlex.join(json.loads(value.partition('CMD')[2]))}; }}")
        elif name == "CMD":
            lines.append(f"command={shlex.quote(shlex.join(json.loads(value)))}")
    return "\n".join(lines)


RUN = """
mount --make-rprivate /
for one in {over}; do
    mkdir -p {layers}$one/up {layers}$one/work
    mount -t overlay overlay -o lowerdir=$one,upperdir={layers}$one/up,workdir={layers}$one/work $one
done
{steps}
echo built
mount -t tmpfs -o mode=1777 tmpfs {own_tmp}
export TMPDIR={own_tmp} MPLCONFIGDIR={own_tmp}
mount --bind /var/lib/jiqun /var/lib/jiqun
for one in / /opt /etc /var; do mount -o remount,bind,ro $one || mount -o remount,ro $one; done
as="setpriv --reuid=$user --regid=$user --clear-groups --no-new-privs --bounding-set=-all"
$as sh -c 'touch /opt/jiqun/x || touch /etc/x || touch /var/x' 2>/dev/null && echo "the disk can be written"
code=0; $as timeout 60 $command 2>/dev/null || code=$?
[ $code = 2 ] && echo refused
export JIQUN_ROLE=public
$as $command 2>{own_tmp}/log &
server=$!
for _ in $(seq 240); do if health 2>/dev/null; then echo healthy; break; fi; sleep 0.5; done
$as python cli.py versions >/dev/null && echo verbs
kill -TERM $server
wait $server && echo left || cat {own_tmp}/log >&2
"""


def soak() -> Iterator[dict[str, Any]]:
    """Build, serve, stop."""
    with home_of("image") as folder:
        folder.chmod(0o755)
        context, python = folder / "context", folder / "python" / "bin"
        for name in _let_in():
            target = context / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, target)
        own_python(folder / "python")
        (folder / "tmp").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", _made(folder / "layers")], check=True)  # no overlay on overlay
        start = time.perf_counter()
        try:
            steps = script(context, python)
            whole = RUN.format(over=" ".join(OVER), layers=folder / "layers", steps=steps, own_tmp=folder / "tmp")
            command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-eu", "-c", whole]
            variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
            variables["LD_LIBRARY_PATH"] = str(folder / "python" / "lib")  # that copy has its own library
            done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
        finally:
            subprocess.run(["umount", folder / "layers"], check=True)
        said = done.stdout.split("\n")
        expected = ["built", "refused", "healthy", "verbs", "left"]
        reached = [word for word in expected if word in said]
        yield {"campaign": "the steps of the image", "seconds": round(time.perf_counter() - start), "reached": reached,
               "problem": "" if reached == expected else done.stderr.strip()[-600:],
               "as_expected": reached == expected and "the disk can be written" not in said}  # fmt: skip


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _let_in() -> Iterator[str]:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    yield from (line[1:] for line in lines if line.startswith("!"))


def main() -> None:
    """Run, say what came, and fail when it was not as expected."""
    wrong = 0
    for figures in soak():
        print(json.dumps(figures, ensure_ascii=False), flush=True)
        wrong += not figures["as_expected"]
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
