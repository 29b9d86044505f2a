"""What a worker and its client compare."""

import platform

import numpy as np

from data.program import program


def test_the_program_is_its_source_and_what_computes() -> None:
    told = program()
    assert told["python"] == platform.python_version()
    assert told["numpy"] == np.__version__
    assert len(told["source"]) == 8
