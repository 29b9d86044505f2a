"""The house from a terminal: ``python cli.py VERB``.

Every verb takes ``--json`` (one document on stdout), exits 0 on success and 2 on bad input with one sentence on stderr.
"""

import os
import sys
from io import TextIOWrapper
from itertools import pairwise
from typing import Annotated

import typer

from data.settings import settings
from views.verbs.figures import gaps, goals
from views.verbs.files import check, import_
from views.verbs.handed_out import export, map_, report
from views.verbs.keeping import audit, backup, migrate, restore
from views.verbs.registers import locate, synthesize, totals
from views.verbs.sites import sites
from views.verbs.telling import stop
from views.verbs.versions import undo_, use, versions
from views.words import Language, words

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

VERBS = (
    goals, gaps, sites, map_, export, report, synthesize, check, import_, versions, use, undo_, audit, migrate, locate,
    backup, restore, totals,
)  # fmt: skip
"""In the order of ``--help``; ``serve`` comes last."""

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
for verb in VERBS:
    app.command(verb.__name__.removesuffix("_"))(verb)


@app.command()
def serve(port: Annotated[int | None, typer.Option(help="Port; JIQUN_PORT or 8501 when left out.")] = None) -> None:
    """The app and its HTTP routes."""
    from geo.web_assets import check_fetched

    check_fetched()
    from app import run

    run(port or settings().port)


def main() -> None:
    """Run a verb; bad input ends in one sentence and exit code 2. Both streams are UTF-8, whatever the console says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        code = app(standalone_mode=False) if sys.argv[1:] else app()
        if code == INTERRUPTED:  # Typer has taken Ctrl-C and says nothing
            print("\n" + words(_language_asked())("cli.stopped"), file=sys.stderr)
        sys.exit(code)
    except typer.TyperException as error:  # a verb, option or value that Typer does not know
        stop(" ".join(getattr(error, "format_message", error.__str__)().split()))
    except (ValueError, OSError) as error:
        from views.error_words import sentence

        stop(sentence(error, words(_language_asked())))


def _language_asked() -> Language:
    """Language of the command line, or else of the environment; for errors that end a verb before it knows its own."""
    asked = [after for option, after in pairwise((*sys.argv, "")) if option == "--lang"]
    asked += [word.removeprefix("--lang=") for word in sys.argv if word.startswith("--lang=")]
    return "en" if (asked or [os.environ.get("JIQUN_LANG", "")])[-1] == "en" else "zh"


if __name__ == "__main__":
    main()
