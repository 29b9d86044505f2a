"""Writes ``docs/settings.md`` from the docstring of ``Settings``: ``make docs``; a field without an entry raises."""

from collections.abc import Iterator
from pathlib import Path

from docstring_parser import DocstringStyle, parse
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from data.settings import Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Written by `make docs` from the docstring of `data/settings.py`; do not edit it by hand. Every setting is a variable of
the environment. A value that cannot be meant ends the program with one sentence that names its variable.
"""
FOOT = """## Beside these

- `JIQUN_LANG` (`zh` or `en`): language of the verbs of a terminal; `--lang` goes before it.
- What belongs to Streamlit is in [`.streamlit/config.toml`](../.streamlit/config.toml), or in its own variables, such
  as `STREAMLIT_SERVER_MAX_UPLOAD_SIZE`.
- `FORWARDED_ALLOW_IPS`: addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; left out,
  only this machine's.
"""


def document() -> str:
    """The whole document.

    Raises
    ------
    LookupError
        When a field has no entry in the docstring, or an entry no field.
    """
    return "\n".join([HEAD, *_entries(), FOOT])


def write() -> None:
    """Write the document into ``docs/``."""
    DOCUMENT.write_text(document(), "utf-8")


def _entries() -> Iterator[str]:
    prefix, told = str(Settings.model_config["env_prefix"]), []
    for entry in parse(Settings.__doc__ or "", DocstringStyle.NUMPYDOC).params:
        names = [name.strip() for name in entry.arg_name.split(",")]
        told += names
        defaults = [_default(Settings.model_fields[name]) for name in names]
        yield f"### {', '.join(f'`{prefix}{name}`'.upper() for name in names)}\n"
        yield f"{entry.description}\n".replace("``", "`")
        yield f"Type: {entry.type_name}. Default: {', '.join(defaults)}.\n"
    if missing := set(Settings.model_fields) ^ set(told):
        raise LookupError(f"settings without a field or an entry in the docstring: {', '.join(sorted(missing))}")


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default in (None, "") or (isinstance(default, SecretStr) and not default.get_secret_value()):
        return "empty"
    return f"`{default}`"


if __name__ == "__main__":
    write()
