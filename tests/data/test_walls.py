"""Each wall alone, in a process of its own, beside the same process without it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import walls

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a wall of Linux")

CONNECT = "import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5); print('connected')"
# the way of a library that is no Python: no audit event, only the kernel can refuse
CONNECT_IN_C = """
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
s = libc.socket(2, 1, 0)
address = struct.pack('<H', 2) + struct.pack('>H', {port}) + bytes([127, 0, 0, 1]) + bytes(8)
print('connected' if s >= 0 and libc.connect(s, address, 16) == 0 else 'refused')
"""

Run = Callable[[str, str], str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """What a process prints that raises a wall and then does something."""

    def ran(wall: str, deed: str) -> str:
        code = f"from data import walls\n{wall}\n{deed}"
        environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", "")}
        done = subprocess.run(
            [sys.executable, "-B", "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    return ran


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# ---------------------------------------------------------------- network


def test_without_a_wall_a_process_connects(run: Run, port: int) -> None:
    assert run("", CONNECT.format(port=port)) == "connected"
    assert run("", CONNECT_IN_C.format(port=port)) == "connected"


@LINUX
def test_out_of_the_network_nothing_connects(run: Run, port: int) -> None:
    wall = "import sys\nif not walls.leave_network(): sys.exit('none')"
    if run(wall, "print('stands')") != "stands":
        pytest.skip("this machine allows no network namespace")
    assert "unreachable" in run(wall, CONNECT.format(port=port))
    assert run(wall, CONNECT_IN_C.format(port=port)) == "refused"


@LINUX
def test_landlock_refuses_to_connect_where_the_kernel_can(run: Run, port: int, tmp_path: Path) -> None:
    if landlock() < 4:
        pytest.skip("this kernel's Landlock knows files only")
    wall = f"walls.close_files(['/usr', '/lib', {sys.prefix!r}, {sys.base_prefix!r}], {str(tmp_path)!r})"
    assert run(wall, CONNECT_IN_C.format(port=port)) == "refused"


def test_python_code_gets_no_socket_and_no_program(run: Run, port: int) -> None:
    wall = "walls.refuse_sockets()"
    assert "PermissionError" in run(wall, CONNECT.format(port=port))
    assert "PermissionError" in run(wall, "import subprocess; subprocess.run(['true'])")
    assert "PermissionError" in run(wall, "import os; os.system('true')")
    assert "PermissionError" in run(wall, "import os; os.fork()")
    assert run("", "import subprocess; subprocess.run(['true']); print('ran')") == "ran"


# ---------------------------------------------------------------- files


def landlock() -> int:
    import ctypes

    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)) if sys.platform == "linux" else 0


@LINUX
def test_behind_landlock_only_the_named_folders_are_read_and_one_is_written(run: Run, tmp_path: Path) -> None:
    if landlock() < 1:
        pytest.skip("this kernel has no Landlock")
    scratch, given, other = (tmp_path / name for name in ("scratch", "given", "other"))
    for folder in (scratch, given, other):
        folder.mkdir()
        (folder / "file").write_text("text", "utf-8")
    wall = (
        f"import os, ctypes\nassert walls.close_files([{str(given)!r}, 'no/such/folder', '/usr', '/lib',"
        f" {sys.prefix!r}, {sys.base_prefix!r}], {str(scratch)!r})"
    )
    for path in (given / "file", scratch / "file"):
        assert run(wall, f"print(open({str(path)!r}).read())") == "text"
    for path in ("/etc/passwd", other / "file", "/proc/self/environ"):
        deed = f"print(len(open({str(path)!r}).read()) > 0)"
        assert run("", deed) == "True", "without the wall it can be read"
        assert "PermissionError" in run(wall, deed)
    write = "print(open({!r}, 'w').write('new'))"
    assert run(wall, write.format(str(scratch / "new"))) == "3"
    for folder in (given, other):
        assert "PermissionError" in run(wall, write.format(str(folder / "new")))
        assert run("", write.format(str(folder / "new"))) == "3"
    assert "PermissionError" in run(wall, f"os.remove({str(given / 'file')!r})")
    assert "PermissionError" in run(wall, f"os.symlink('/etc/passwd', {str(scratch / 'link')!r})")
    assert "PermissionError" in run(wall, "os.execv('/usr/bin/env', ['env'])"), "no program is started"
    assert "PermissionError" in run(wall, f"os.kill({os.getpid()}, 0)") or landlock() < 6


@LINUX
def test_a_link_in_the_scratch_folder_leads_nowhere(run: Run, tmp_path: Path) -> None:
    if landlock() < 1:
        pytest.skip("this kernel has no Landlock")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "link").symlink_to("/etc/passwd")
    deed = f"print(len(open({str(scratch / 'link')!r}).read()) > 0)"
    assert run("", deed) == "True"
    wall = f"walls.close_files(['/usr', '/lib', {sys.prefix!r}, {sys.base_prefix!r}], {str(scratch)!r})"
    assert "PermissionError" in run(wall, deed)


# ---------------------------------------------------------------- memory, time, size


@pytest.mark.parametrize(
    ("limits", "deed", "ends"),
    [
        ("2 << 30, 60, 1 << 20", "print(len(bytes(3 << 30)))", "MemoryError"),
        ("8 << 30, 60, 1 << 20", "print(len(bytes(1 << 20)))", "1048576"),
        ("8 << 30, 60, 1 << 10", "open('x', 'wb').write(bytes(1 << 16)); print('all')", "File too large"),
    ],
)
@LINUX
def test_each_limit_ends_what_goes_beyond_it(run: Run, limits: str, deed: str, ends: str) -> None:
    assert ends in run(f"assert walls.limit_resources({limits})", deed)


@LINUX
def test_a_process_that_works_too_long_is_ended(tmp_path: Path) -> None:
    code = "from data import walls\nwalls.limit_resources(8 << 30, 1, 1 << 20)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, check=False, timeout=120)
    assert done.returncode == -signal.SIGXCPU
    assert not list(tmp_path.glob("core*"))


# ---------------------------------------------------------------- all together


@LINUX
def test_all_walls_say_whether_they_stand(run: Run, tmp_path: Path, port: int) -> None:
    readable = ["/usr", "/lib", sys.prefix, sys.base_prefix, str(ROOT / "data")]
    wall = (
        f"said = walls.raise_walls({readable!r}, {str(tmp_path)!r}, memory_bytes=1 << 30, cpu_s=60, file_bytes=1 << 20)"
    )
    assert set(eval(run(wall, "print(said)"))) == {"limits", "network", "files", "sockets"}  # noqa: S307
    assert "PermissionError" in run(wall, CONNECT.format(port=port))


def test_a_machine_without_a_wall_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not walls.leave_network()
    assert not walls.close_files([], tmp_path)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert not walls.limit_resources(1 << 30, 60, 1 << 20)
