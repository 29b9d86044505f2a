"""A page opened without a browser, as a link to it does."""

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

MAIN = Path(__file__).parents[2] / "views" / "main.py"


def app_page(name: str, *, timeout: float = 60, **query: str) -> AppTest:
    """The page under an address, not run yet."""
    page = AppTest.from_file(str(MAIN), default_timeout=timeout)
    for key, value in query.items():
        page.query_params[key] = value
    page._page_hash = calc_hash(name)
    return page
