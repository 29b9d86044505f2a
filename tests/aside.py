"""Coroutines on a loop of their own, whatever loop a browser test left running in this thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run_aside(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine comes to."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, coroutine).result()
