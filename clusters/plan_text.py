"""What a plan file says: its YAML read strictly, its errors put into words, its quotes found in the text beside it.

A plan is edited by hand, so the same key twice, an alias and an unknown key are refused, never resolved silently. Words
are compared once whitespace is removed, since a published text breaks and spaces its lines as it likes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from clusters.errors import PlanError

_QUOTE = re.compile(r"quote\d*|units_quote")
_QUOTED_PARTS = ("targets", "subsectors", "tasks", "safeguards")
_ADVICE = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a key that belongs here; remove it or correct its spelling",
    "string_type": "is {input}, not text; put it in quotes",
    "string_pattern_mismatch": "is {input}, which is not of the form {pattern}; correct it",
    "int_type": "is {input}; write a whole number without quotes",
    "float_type": "is {input}; write a number without quotes",
    "tuple_type": "is {input}, not a list; write it as [a, b]",
    "too_short": "is empty; list at least one",
    "model_type": "is {input}, not a mapping of keys to values; write its keys below it",
    "literal_error": "is {input}; write one of {expected}",
    "value_error": "{error}",
}


def read_text(path: Path) -> str:
    """UTF-8 text of a file.

    Raises
    ------
    PlanError
        When the file cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PlanError(path, "the file", f"cannot be read ({error.strerror}); give the path of a plan") from error
    except UnicodeDecodeError as error:
        raise PlanError(path, "the file", "is not UTF-8 text; save it as UTF-8") from error


def read_document(path: Path) -> dict[str, Any]:
    """Plan file as plain mappings, tuples and scalars.

    Raises
    ------
    PlanError
        When the file cannot be read, is not YAML, or has the same key twice, an alias or no mapping.
    """
    text = read_text(path)
    try:
        document = _StrictLoader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "the file"
        problem = error.problem if isinstance(error, _Refused) else f"is not YAML ({error.problem}); correct it"
        raise PlanError(path, line, str(problem)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PlanError(path, "the file", f"is not YAML ({type(error).__name__}); correct it") from error
    if not isinstance(document, dict):
        raise PlanError(path, "the file", "is not a mapping; begin it with `schema: cluster-plan/0.1`")
    return {key: _lists_to_tuples(value) for key, value in document.items()}


def first_problem(error: ValidationError, document: dict[str, Any]) -> tuple[str, str]:
    """Field path and sentence end of the first thing that the model refused, with the number of further fields.

    Parameters
    ----------
    error : ValidationError
        What the model said.
    document : dict
        What the file held.
    """
    found = [(_located(each, document), each) for each in error.errors(include_url=False)]
    field, first = found[0]
    others = len({name for name, _ in found}) - 1
    return field, _advice(first) + (f" (and {others} more to repair)" if others else "")


def wrong_words(document: dict[str, Any], text: str, text_name: str) -> Iterator[tuple[str, str]]:
    """Fields whose words are not those of the text, as (field path, what is wrong).

    Checks each quote, each list of units (whatever divides it) and each named district, and that no quote is missing.
    """
    plain = _without_spaces(text)
    for place, value in _walk(document):
        key, field = place[-1], field_path(place, document)
        is_quote = isinstance(key, str) and isinstance(value, str) and _QUOTE.fullmatch(key)
        if is_quote and _without_spaces(value) not in plain:
            yield field, f"is not in {text_name}; copy the words of the text exactly"
        if key == "units" and value and not _lists(value, plain):
            yield field, f"is not a whole list of {text_name} in its order; copy the list of the text"
        if key == "name" and "districts_named" in place and _without_spaces(value) not in plain:
            yield field, f"is not in {text_name}; name only places that the text names"
    for part in _QUOTED_PARTS:
        for index, record in enumerate(document.get(part, ())):
            field = field_path((part, index), document)
            if record.get("quote") is None:
                yield f"{field}.quote", f"is missing, though {text_name} is here; copy it from there"
            units_quote = record.get("units_quote")
            if units_quote is not None and not _lists(record.get("units", ()), _without_spaces(units_quote)):
                yield f"{field}.units_quote", "does not list the same units; make the two lists agree"


def field_path(place: tuple[str | int, ...], document: Any) -> str:
    """Place in a document as a reader writes it; an item of a list goes by its id.

    Examples
    --------
    >>> field_path(("targets", 0, "by"), {"targets": [{"id": "T1"}]})
    'targets[T1].by'
    """
    words, node = "", document
    for part in place:
        node = _child(node, part)
        if isinstance(part, int):
            named = node.get("id") if isinstance(node, dict) else None
            words += f"[{named if isinstance(named, str) else part}]"
        else:
            words += f".{part}" if words else part
    return words or "the file"


class _Refused(yaml.MarkedYAMLError):
    """Valid YAML that a plan does not use."""


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML without aliases and without the same key twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise _Refused(problem="holds an alias (*); write the value out", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _Refused(problem="has a key that is no word; write a word", problem_mark=key_node.start_mark)
            if key_node.value in seen:
                problem = f"repeats the key {key_node.value!r}; keep one of the two"
                raise _Refused(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def _lists_to_tuples(node: Any) -> Any:
    if isinstance(node, list):
        return tuple(_lists_to_tuples(each) for each in node)
    if isinstance(node, dict):
        return {key: _lists_to_tuples(value) for key, value in node.items()}
    return node


def _located(error: Any, document: dict[str, Any]) -> str:
    """Field path of a model's error, without the names of unions and kinds that the model adds to it."""
    place: tuple[str | int, ...] = ()
    node: Any = document
    for depth, part in enumerate(error["loc"], start=1):
        missing = error["type"] == "missing" and depth == len(error["loc"])
        if missing or (isinstance(node, dict) and part in node) or (isinstance(node, tuple) and isinstance(part, int)):
            place, node = (*place, part), _child(node, part)
    if error["type"].startswith("union_tag"):
        place = (*place, str(error["ctx"]["discriminator"]).strip("'"))
    return field_path(place, document)


def _advice(error: Any) -> str:
    context, shown = error.get("ctx", {}), repr(error["input"])
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    if error["type"] == "union_tag_not_found":
        return "is missing; add it"
    if error["type"] == "union_tag_invalid":
        return f"is {context['tag']!r}; write one of {context['expected_tags']}"
    if error["type"] == "string_pattern_mismatch" and context["pattern"] == r"\S":
        return "is empty; write the words or leave the key out"
    advice = _ADVICE.get(error["type"])
    if advice is None:
        return f"is {shown}, but {error['msg'][0].lower()}{error['msg'][1:]}; correct it"
    return advice.format(**(context | {"input": shown}))


def _walk(node: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, tuple) else ()
    for key, value in children:
        yield (*place, key), value
        yield from _walk(value, (*place, key))


def _child(node: Any, part: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(part)
    return node[part] if isinstance(node, tuple | list) and isinstance(part, int) else None


def _without_spaces(words: str) -> str:
    return re.sub(r"\s+", "", words)


def _lists(units: tuple[str, ...], plain: str) -> bool:
    """Whether a text without spaces lists exactly these units: no other stands before or after them in the list."""
    listed = r"\W".join(re.escape(_without_spaces(unit)) for unit in units)
    return bool(units) and re.search(rf"(?<![、，,；;]){listed}(?![\w、，,；;])", plain) is not None
