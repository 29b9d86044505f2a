"""Marks of sign-ins that are over."""

import os
import time
from pathlib import Path

from data.sign_outs import KEEP_S, end_sign_in, is_ended

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


def test_a_sign_in_is_over_once_it_was_ended(tmp_path: Path) -> None:
    assert not is_ended(tmp_path, ONE)
    end_sign_in(tmp_path, ONE)
    assert is_ended(tmp_path, ONE)
    assert not is_ended(tmp_path, TWO)


def test_marks_go_when_no_cookie_can_be_left(tmp_path: Path) -> None:
    for one in (ONE, TWO):
        end_sign_in(tmp_path, one)
    long_ago = time.time() - KEEP_S - 60
    os.utime(tmp_path / "sign-outs" / ONE, (long_ago, long_ago))
    end_sign_in(tmp_path, THREE)
    assert [is_ended(tmp_path, one) for one in (ONE, TWO, THREE)] == [False, True, True]


def test_only_an_id_becomes_a_file(tmp_path: Path) -> None:
    for strange in ("", "../../x", "a" * 31, "A" * 32):
        end_sign_in(tmp_path, strange)
        assert not is_ended(tmp_path, strange)
    assert not (tmp_path / "sign-outs").exists()
