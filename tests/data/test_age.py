"""What is old on a day, worked by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.age import is_stale, is_stale_source, last_month, months_since
from data.sources import sources

DAY = date(2026, 11, 27)


@pytest.mark.parametrize(("year", "old"), [(2021, True), (2023, True), (2024, False), (2026, False), (2030, False)])
def test_a_year_is_old_when_it_ended_more_than_two_years_ago(year: int, old: bool) -> None:
    assert is_stale(year, DAY) is old


@pytest.mark.parametrize(
    ("written", "month", "months"),
    [
        ("2021", "2021-12", 58),  # from the end of December 2021 to the end of October 2026
        ("2025-11", "2025-11", 11),
        ("2016–2022", "2022-12", 46),
        ("2026-11", "2026-11", 0),
        ("2027", "2027-12", 0),
        ("unknown", "", None),
    ],
)
def test_age_is_counted_in_whole_months_from_the_end_of_the_period(
    written: str, month: str, months: int | None
) -> None:
    assert last_month(written) == month
    assert months_since(written, DAY) == months


@given(st.integers(1950, 2100), st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_a_year_written_as_a_date_ages_like_the_year(year: int, day: date) -> None:
    assert is_stale_source(str(year), day) is is_stale(year, day) or day.month == 1


def test_every_shipped_file_has_a_date_that_can_age() -> None:
    assert all(last_month(source.date) for source in sources())
