"""One holder at a time, and a lock goes when its process goes."""

import subprocess
import sys
from pathlib import Path

import pytest

from data.errors import HeldElsewhere
from data.exclusive import holding, is_held

ROOT = Path(__file__).parents[2]
HOLD = (
    "import sys; from pathlib import Path; from data.exclusive import holding\n"
    "with holding(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
)


def test_a_lock_is_held_by_one_process_and_let_go_when_it_dies(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_held(lock)
    assert not lock.exists(), "to look leaves no trace"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert is_held(lock)
        with pytest.raises(HeldElsewhere, match="lock is held"), holding(lock):
            pass
        other.kill()
    assert not is_held(lock)
    with holding(lock):
        pass
