"""``docs/settings.md`` says what the code says, of every setting."""

import pytest

from data import settings_document
from data.settings import Settings
from data.settings_document import DOCUMENT, document


def test_the_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "docs/settings.md is out of date: run 'make docs'"
    for name in Settings.model_fields:
        assert f"`JIQUN_{name.upper()}`" in document()


def test_a_setting_without_an_entry_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class More(Settings):
        __doc__ = Settings.__doc__
        untold: int = 3

    monkeypatch.setattr(settings_document, "Settings", More)
    with pytest.raises(LookupError, match="untold"):
        document()
