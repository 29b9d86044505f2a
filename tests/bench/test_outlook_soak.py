"""The worlds of the campaign are what their names say."""

import numpy as np
import pytest

from bench.outlook_soak import DRIFT, HORIZON, SPREAD, crossings, student_p, walks
from bench.soak import CAMPAIGNS, page


def growth(kind: str, intervals: int = 3) -> np.ndarray:
    return np.diff(np.log(walks(kind, 4_000, intervals, np.random.default_rng(2)).to_numpy()), axis=1)


@pytest.mark.parametrize("kind", ["the model", "fat tails", "growth persists", "drifts far apart"])
def test_walks_of_one_drift_keep_it(kind: str) -> None:
    steps = growth(kind)
    assert steps.shape == (4_000, 3 + HORIZON)
    assert steps.mean() == pytest.approx(DRIFT, abs=0.02)
    assert (steps.std() > 4 * SPREAD) == (kind == "drifts far apart")


def test_a_drift_falls_and_a_crisis_passes() -> None:
    falls, crisis = (growth(kind).mean(axis=0) - DRIFT for kind in (
        "drift falls after what was seen", "a crisis in the first year after"))  # fmt: skip
    assert falls == pytest.approx([0, 0, 0, -0.15, -0.15, -0.15], abs=0.01)
    assert crisis == pytest.approx([0, 0, 0, -0.3, 0, 0], abs=0.01)


def test_said_and_came_are_counted() -> None:
    found = crossings("drifts far apart", 60, 5, np.random.default_rng(2))
    assert found["said"].between(0, 1).all()
    assert found.loc[found["came"], "said"].mean() > found.loc[~found["came"], "said"].mean()


def test_the_short_form_of_the_student_check() -> None:
    assert student_p(3, 2, np.random.default_rng(2), draws=5_000) > 0.001


def test_the_page_holds_the_campaign() -> None:
    assert "outlook" in [campaign.name for campaign in CAMPAIGNS]
    assert "## Projections" in page()
