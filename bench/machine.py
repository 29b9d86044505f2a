"""Where and with what a measurement ran, and how much memory it took."""

import os
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def machine(packages: Iterable[str]) -> str:
    """One line: system, processor, cores, memory, load, Python, and the versions of these packages."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ":")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.platform()}, {model.split(':')[1].strip()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, {', '.join(_installed(packages))}"
    )


def _installed(packages: Iterable[str]) -> Iterator[str]:
    for package in packages:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"no {package}"


def peak_kib(process: int | str = "self") -> int:
    """The most memory that a process held so far; what its parent held does not count."""
    return _status_kib(process, "VmHWM")


def held_kib(process: int | str = "self") -> int:
    """The memory that a process holds now."""
    return _status_kib(process, "VmRSS")


def worked_s(process: int) -> float:
    """Seconds that the processor has been at work for a process so far, all of its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def forget_peak() -> None:
    """Let the peak of this process begin anew from what it holds now."""
    Path("/proc/self/clear_refs").write_text("5")


def _status_kib(process: int | str, name: str) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(name)), 0)
