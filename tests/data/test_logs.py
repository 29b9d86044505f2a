"""Log records: one line each, whatever a name holds, and one object each for machines."""

import json
import logging
from collections.abc import Iterator

import pytest

from data.logs import REQUESTS, adopt, asked_by, configure_logs, tell_less
from data.settings import Settings

FORGED = "甲公司\n2026-01-01T00:00:00Z ERROR root: forged\x1b[31m\u2028next"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root, level = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    yield
    root.handlers[:], root.level = handlers, level
    REQUESTS.setLevel(logging.NOTSET)
    logging.getLogger().setLevel(level)


def said(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return capfd.readouterr().err.splitlines()


def test_a_record_for_machines_is_one_object_with_its_facts(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_format="json"))
    token = asked_by.set("abc")
    logging.getLogger("x").info("%s came", FORGED, extra={"facts": {"rows": 3}})
    asked_by.reset(token)
    (line,) = said(capfd)
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert (told["level"], told["logger"], told["rows"], told["request"]) == ("info", "x", 3, "abc")
    assert told["message"] == f"{FORGED} came"


def test_an_exception_is_part_of_its_record(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_format="json"))
    for form in ("json", "text"):
        configure_logs(Settings(log_format=form))
        try:
            raise ValueError(FORGED)
        except ValueError:
            logging.getLogger("x").exception("it failed")
    machine, person, *trace = said(capfd)
    assert json.loads(machine)["exception"].endswith(f"ValueError: {FORGED}")
    assert person.endswith("ERROR x: it failed")
    assert trace
    assert all(line.startswith("    ") for line in trace)


def test_no_name_forges_a_second_line(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings())
    logging.getLogger("x").warning("%s", FORGED)
    (line,) = said(capfd)
    assert "\\n2026" in line
    assert "\x1b" not in line


def test_the_level_holds_for_all_and_saying_it_twice_writes_once(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings(log_level="debug"))
    configure_logs(Settings(log_level="warning"))
    logging.getLogger("x").info("not this")
    logging.getLogger("uvicorn.error").warning("this")
    assert [line.split(" ", 1)[1] for line in said(capfd)] == ["WARNING uvicorn.error: this"]


@pytest.mark.parametrize(("form", "level", "told"), [("json", "info", True), ("text", "info", False),
                                                     ("text", "debug", True), ("json", "warning", False)])  # fmt: skip
def test_requests_are_told_to_machines_and_to_who_asks_for_all(form: str, level: str, told: bool) -> None:
    configure_logs(Settings(log_format=form, log_level=level))
    assert REQUESTS.isEnabledFor(logging.INFO) is told
    assert REQUESTS.isEnabledFor(logging.ERROR)


def test_a_logger_with_a_handler_of_its_own_is_taken_in(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs(Settings())
    own = logging.getLogger("own.handler")
    own.addHandler(logging.StreamHandler())
    own.propagate = False
    adopt(own)
    own.warning("once")
    assert len(said(capfd)) == 1
    adopt(logging.getLogger("uvicorn.access"))
    assert not logging.getLogger("uvicorn.access").hasHandlers()  # it would tell the values of queries


def test_no_server_tells_the_values_of_a_query_or_traces_a_failed_sign_in(caplog: pytest.LogCaptureFixture) -> None:
    servers, sign_in = (
        logging.getLogger(name) for name in ("uvicorn.access", "streamlit.web.server.starlette.starlette_auth_routes")
    )
    tell_less()
    handlers, servers.propagate = servers.handlers[:], True
    try:
        servers.addHandler(caplog.handler)
        servers.warning('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/oauth2callback?code=secret", "1.1", 302)
        try:
            raise ValueError("the code is none")
        except ValueError:
            sign_in.addHandler(caplog.handler)
            sign_in.warning("exchange failed for '%s'", "default", exc_info=True)
    finally:
        servers.handlers[:] = handlers
        sign_in.removeHandler(caplog.handler)
        for logger in (servers, sign_in):
            logger.filters.clear()
    first, *_, last = caplog.text.splitlines()
    assert '"GET /oauth2callback HTTP/1.1" 302' in first
    assert "exchange failed for 'default' ValueError: the code is none" in last
    assert "Traceback" not in caplog.text
