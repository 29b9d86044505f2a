"""Requests that nobody would think of, made from the OpenAPI document of the features and tiles, at a real server.

``python -m bench.ogc_soak [--cases N]`` asks for 3,000 cases by default, of which some 2,300 are different, shared by
four kinds of reader of a register most of which is nobody's business. Half of the cases keep to the document and half
break it. Each answer must be one that the document describes, with its media type and members, and never a server's
error; what breaks the document must be refused, but for a page that is too large, which the standard lets through. A
server whose features fail by design is the control: its errors must be found.
"""

import argparse
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from api.ogc.asked import MOST
from bench.server import served

CASES = 3_000
ROLES = ("public", "investor", "government:440305", "government")
NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
)
BEYOND = {"bbox", "data", "datetime", "year", "subsectors", "precisions", "district", "measure"}
"""Parameters of which a schema cannot say all: south below north, days that there are, what the data hold."""
SETTLED = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.generate]}


@dataclass
class Found:
    """What became of the cases."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many were asked."""
        return sum(self.statuses.values())

    @property
    def errors(self) -> int:
        """Answers that were a server's error."""
        return sum(count for status, count in self.statuses.items() if status >= 500)


def documents(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document as one of features and one of tiles, each with the address that its paths are read at."""
    for tag in ("Features", "Tiles"):
        paths = {path: of for path, of in told["paths"].items() if of["get"]["tags"] == [tag]}
        servers = next(iter(paths.values())).get("servers", told["servers"])
        bare = {path: {"get": of["get"]} for path, of in paths.items()}
        yield servers[0]["url"], {**told, "servers": servers, "paths": bare}


def explore(schema: Any, cases: int, number: int, found: Found, **asking: Any) -> None:
    """Ask so many cases of a document, shared by its operations, and check every answer.

    Parameters
    ----------
    schema : schemathesis schema
    cases : int
    number : int
        Seed.
    found : Found
        Takes what is found.
    asking
        For the transport.
    """
    checks = CHECKS.get_by_names(NAMES)
    lenient = [check for check in checks if check.__name__ != "positive_data_acceptance"]
    operations = [each.ok() for each in schema.get_all_operations()]
    each = max(cases // (2 * len(operations)), 1)
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(number)
            @settings(max_examples=each, **SETTLED)
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                answer = case.call(**asking)
                found.statuses[answer.status_code] += 1
                if _is_large_page(case) and answer.status_code == 200:
                    return
                try:
                    chosen = lenient if BEYOND & set(case.query or {}) else checks
                    if answer.status_code == 410:  # of the version of a next link: refused too, in its own way
                        chosen = [check for check in chosen if check.__name__ != "negative_data_rejection"]
                    case.validate_response(answer, checks=chosen, transport_kwargs=asking or None)
                except FailureGroup as error:
                    asked = f"{case.method} {case.formatted_path} {dict(case.query or {})}"
                    told = "; ".join(str(one) for one in error.exceptions)
                    found.failures.append(" ".join(f"{asked}: {told}".split())[:700])

            ask()


def _is_large_page(case: Any) -> bool:
    limit = str((case.query or {}).get("limit", ""))
    return limit.isdigit() and int(limit) > MOST


def explore_server(base: str, cases: int, number: int) -> Found:
    """Ask a server about its own document."""
    import requests

    found = Found()
    told = requests.get(f"{base}/ogc/api", timeout=60).json()
    for url, document in documents(told):
        schema = schemathesis.openapi.from_dict(document)
        share = round(cases * len(document["paths"]) / len(told["paths"]))
        explore(schema, share, number, found, base_url=url)
    return found


def control_finds_errors() -> int:
    """Errors found at an app that answers every request with 500."""
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount

    from api.ogc.definition import definition
    from api.ogc.properties import PROPERTIES

    names = ("service", "about_service", *PROPERTIES)
    told = definition("http://control", "http://control/ogc", dict.fromkeys(names, ("a", "a")))
    _, document = next(documents(told))
    schema = schemathesis.openapi.from_dict(document)
    schema.app = Starlette(routes=[Mount("/", app=PlainTextResponse("broken", 500))])
    schema.config.update(base_url="http://control/ogc")
    found = Found()
    explore(schema, 50, 1, found)
    return found.errors


def main(cases: int = CASES) -> None:
    """Run the campaign and tell its figures."""
    from data.reference import load_reference
    from tests.secret_register import write_secret_register

    warnings.simplefilter("ignore")
    start, total, failed = time.perf_counter(), Found(), 0
    with TemporaryDirectory() as folder:
        home = Path(folder)
        write_secret_register(home, load_reference())
        for number, role in enumerate(ROLES):
            command = ("-m", "cli", "serve", "--port", "{port}")
            with served(command, JIQUN_HOME=str(home), JIQUN_ROLE=role) as (base, _):
                found = explore_server(base, -(-cases // len(ROLES)), number)
            total.statuses += found.statuses
            failed += len(found.failures)
            told = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
            print(
                f"{role}: {found.cases:,} cases ({told}), {len(found.failures)} answers unlike the document", flush=True
            )
            for sentence in found.failures[:5]:
                print(f"  {sentence}", flush=True)
    control = control_finds_errors()
    print(f"{total.cases:,} cases, {total.errors} server errors; control: {control} errors found; "
          f"{time.perf_counter() - start:.0f} s")  # fmt: skip
    if total.errors or failed or not control:
        sys.exit("the campaign failed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    os.environ.pop("JIQUN_ROLE", None)
    main(parser.parse_args().cases)
