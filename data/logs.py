"""What a process of ours says of its work: one record an event, on stderr, for people or for machines.

A record is one line of JSON, or one line of text with the trace of an exception indented below it. Control characters
of a message are written out, so that no name from a file or an address forges a second record. All loggers meet at the
root, those of the server too; ``asked_by`` puts the id of the request that a thread or task answers on every record.

The formatters are our own: a library for JSON lines brings field names to map and knows nothing of the second promise,
which is most of what stands below.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from data.settings import Settings, settings

REQUESTS = logging.getLogger("jiqun.requests")
"""Says one record for each request that was answered; its facts are in the attribute ``facts`` of a record."""

asked_by: ContextVar[str] = ContextVar("asked_by", default="")
"""Id of the request that is answered, or nothing."""

_SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets")
_SILENT = "uvicorn.access"  # it tells the values of queries
_SIGN_IN = "streamlit.web.server.starlette.starlette_auth_routes"
_WRITTEN_OUT = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029",
}  # fmt: skip


def configure_logs(asked: Settings | None = None) -> None:
    """Send what every logger says to stderr, in the form and from the level that the settings name; safe to repeat."""
    asked = asked or settings()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if asked.log_format == "json" else TextLines())
    handler.addFilter(_with_request)
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, (JsonLines, TextLines)):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(asked.log_level.upper())
    for name in _SERVERS:
        adopt(logging.getLogger(name))
    REQUESTS.setLevel(_level_of_requests(asked))


def tell_less() -> None:
    """Keep values of queries out of the server's own line for a request, and a trace from a sign-in that failed.

    For whichever server runs the app: the code of a sign-in stands in a query, and so may the name of a firm. Whoever
    sends a code that is none would otherwise write thirty lines.
    """
    logging.getLogger(_SILENT).addFilter(_without_query)
    logging.getLogger(_SIGN_IN).addFilter(_in_one_line)


def adopt(logger: logging.Logger) -> None:
    """Let a logger speak through ours, and through nothing of its own."""
    logger.handlers.clear()
    logger.propagate = logger.name != _SILENT


class JsonLines(logging.Formatter):
    """One object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, and what else there is to say."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        told: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if trace := _trace(self, record):
            told["exception"] = trace
        return json.dumps(told, ensure_ascii=False, default=str).translate(_WRITTEN_OUT)


class TextLines(logging.Formatter):
    """One line for people; what the trace of an exception says is indented below."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        facts = _facts(record)
        more = "".join(f" {name}={value}" for name, value in facts.items())
        line = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}{more}".translate(_WRITTEN_OUT)
        below = (f"    {part.translate(_WRITTEN_OUT)}" for part in _trace(self, record).split("\n") if part)
        return "\n".join([line, *below])


def _level_of_requests(asked: Settings) -> int:
    """In text each request would drown the rest, so that only failed ones are told unless all is asked for."""
    return logging.NOTSET if asked.log_format == "json" or asked.log_level == "debug" else logging.ERROR


def _with_request(record: logging.LogRecord) -> bool:
    record.request = getattr(record, "request", "") or asked_by.get()
    return True


def _without_query(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):  # client, method, path with query, version of HTTP, status
        record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
    return True


def _in_one_line(record: logging.LogRecord) -> bool:
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        record.msg, record.args = f"{record.getMessage()} {type(error).__name__}: {str(error)[:200]}", ()
        record.exc_info = record.exc_text = None
    return True


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    request = getattr(record, "request", "")
    return {**getattr(record, "facts", {}), **({"request": request} if request else {})}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""
