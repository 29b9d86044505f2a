from typing import get_args

import pytest

from geo.datum_evidence import Verdict
from geo.datums import Datum, Refusal
from geo.errors import UnusableDatum
from views.words import words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_datum_verdict_and_refusal_has_words(language):
    t = words(language)
    for datum in Datum:
        name = t("datum.projected", code=datum.epsg) if datum.is_projected else t(f"datum.{datum}")
        assert name
        for verdict in Verdict:
            assert t(f"datum_verdict.{verdict}", datum=name, declared=name, confidence="99.0%")
    for reason in get_args(Refusal):
        assert UnusableDatum("X", reason).reason == reason
        assert "X" in t(f"datum_refused.{reason}", given="X")
