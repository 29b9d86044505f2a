"""How a verb answers: in the language asked, on stdout; progress and the sentence of an error on stderr."""

import json
import sys
from typing import Any, NoReturn

from data.progress import Progress, unheard
from views.words import LANGUAGES, Words, words


def words_in(lang: str) -> Words:
    """Words of the language that ``--lang`` names."""
    if lang not in LANGUAGES:
        stop(f"--lang {lang!r}: zh / en")
    return words(lang)


def tell(document: dict[str, Any], as_json: bool) -> None:
    """Print what was done, as one line of JSON or of words."""
    print(json.dumps(document, ensure_ascii=False) if as_json else " · ".join(f"{k} {v}" for k, v in document.items()))


def stop(sentence: str) -> NoReturn:
    """End on bad input: one sentence, exit code 2."""
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


def told_on_terminal() -> Progress:
    """Stages of long work on stderr, when a person looks at it."""
    if not sys.stderr.isatty():
        return unheard

    def tell(stage: str, done: int, total: int) -> None:
        print(f"\r\033[K{stage} {done:,}{f' / {total:,}' if total else ''}", end="", file=sys.stderr, flush=True)

    return tell
