"""Who looks at a page, from one run to the next: roles, the end of a sign-in, what a former reader leaves behind."""

import ast
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from clusters.errors import SignInOver
from clusters.readers import Reader, Standing, login_id
from clusters.roles import Role, Viewer, read_viewer
from clusters.sign_in import SignIn, sign_in
from data.audit import notes
from data.dataset import Dataset
from data.errors import NotNoted
from data.settings import settings
from data.sign_outs import end_sign_in
from data.store import current_version
from tests.identity_provider import COOKIE_SECRET, PEOPLE, ROLE_MAP
from tests.secret_register import Secrets
from tests.views.opened import app_page, messages
from views import downloads
from views.sign_in_cookie import COOKIE, SEAL, cookie_claims, seal_of, secrets_of
from views.words import plain, words

ORIGIN = "http://testserver"
VIEWS = Path(__file__).parents[2] / "views"


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, secret_home: Path) -> Iterator[SignIn]:
    """Sign-in over the register with secrets."""
    said = {"home": str(secret_home), "oidc_metadata_url": f"{ORIGIN}/metadata", "oidc_client_id": "jiqun",
            "oidc_client_secret": "x", "cookie_secret": COOKIE_SECRET, "public_url": ORIGIN,
            "role_map": ROLE_MAP}  # fmt: skip
    for name, value in said.items():
        monkeypatch.setenv(f"JIQUN_{name}".upper(), value)
    settings.cache_clear()
    st.cache_resource.clear()
    how = sign_in()
    assert how is not None
    yield how
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


def person(who: str, *, ttl: float = 600, **claims: Any) -> dict[str, Any]:
    """What ``st.user`` holds of somebody."""
    now = int(time.time())
    said = {"is_logged_in": True, "provider": "default", "iss": ORIGIN, "sub": who, "aud": "jiqun", "iat": now,
            "exp": now + int(ttl), "nonce": f"{who} {time.monotonic_ns()}"}  # fmt: skip
    return said | PEOPLE[who] | claims


def page_for(user: dict[str, Any], name: str = "start", **query: str) -> AppTest:
    page = app_page(name, timeout=120, **query)
    page.user = user
    return page.run()


def test_each_reader_is_named_with_a_role(configured: SignIn) -> None:
    for language, role in (("zh", "南山区政府"), ("en", "government of Nanshan")):
        page = page_for(person("nanshan"), "methods", lang=language)
        assert not page.exception
        assert any(role in one.value for one in page.markdown), role
        assert page.button(key="sign_out").label == words(language)("sign_in.out")
    anonymous = page_for({}, "methods", lang="en")
    assert anonymous.button(key="sign_in").label == "Sign in"
    assert not [one for one in anonymous.caption if "set up" in one.value]


def test_a_name_is_data(configured: SignIn) -> None:
    page = page_for(person("inv", name="**[x](http://evil.cn)** :red[y]"), "methods")
    (said,) = [one.value for one in page.markdown if "evil" in one.value]
    assert "[x](http" not in said
    assert "**[" not in said


def test_without_sign_in_the_page_says_who_everybody_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    settings.cache_clear()
    page = page_for(person("inv"), "methods", lang="en")
    said = plain(words("en")("sign_in.local", role="city government"))
    assert [one.value for one in page.caption if one.value == said] == [said]
    assert not [one for one in page.button if one.key in ("sign_in", "sign_out")]
    monkeypatch.undo()
    settings.cache_clear()


def test_an_open_page_turns_public_when_the_sign_in_ends(
    configured: SignIn, secret_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = Secrets(secret_dataset, Viewer(Role.PUBLIC))

    def seen(page: AppTest) -> int:
        return sum(sum(secrets.found_in(blob).values()) + secrets.names_in(blob) for _, blob in messages(page))

    page = page_for(person("gov", ttl=60), "district", district="440305", subsectors="S01", lang="en")
    assert seen(page) > 10
    page.session_state["left_behind"] = secret_dataset
    clock = time.time() + 61
    monkeypatch.setattr("views.signed_in.time.time", lambda: clock)
    page.run()
    assert not page.exception
    assert seen(page) == 0
    assert next(one.value for one in page.warning) == words("en")("sign_in.expired")
    assert page.button(key="sign_in_again").label == "Sign in again"
    assert "left_behind" not in page.session_state
    assert page.session_state["selection"].district == "440305"


def test_signing_out_in_one_tab_ends_the_other(configured: SignIn) -> None:
    user = person("gov")
    page = page_for(user, "data", lang="en")
    assert [one.value for one in page.title or page.markdown if words("en")("data.title") in one.value]
    end_sign_in(settings().home, login_id(user))
    page.run()
    assert page.button(key="sign_in")
    assert any(words("en")("data.for_keepers") in one.value for one in page.info)


def test_another_role_leaves_nothing_of_the_former(configured: SignIn) -> None:
    page = page_for(person("gov"), "overview", data="1", lang="en")
    page.session_state["sought"] = "what the government sought"
    page.user = person("inv")
    page.run()
    assert "sought" not in page.session_state or page.session_state["sought"] != "what the government sought"
    assert page.session_state["selection"].data == ""


def test_a_button_of_the_keeper_does_nothing_for_whoever_is_it_no_more(
    configured: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = settings().home
    page = page_for(person("gov", ttl=60), "data", lang="en")
    assert current_version(home) == "1"
    clock = time.time() + 61
    monkeypatch.setattr("views.signed_in.time.time", lambda: clock)
    page.button(key="use").click().run()
    assert current_version(home) == "1"
    last = list(notes(home))[-1]
    assert (last["what"], last["name"], last["role"], last["who"]) == ("refused", "follow", "public", "gov")


def test_what_a_government_opens_is_noted_once_a_session(configured: SignIn) -> None:
    home, before = settings().home, len(list(notes(settings().home)))
    for who in ("nanshan", "inv", "pub"):
        page = page_for(person(who, ttl=500), "methods")
        page.run()
    page_for({}, "methods")
    noted = [(one["what"], one["who"], one["page"], one["version"]) for one in list(notes(home))[before:]]
    assert noted == [("open", "nanshan", "methods", "1")]


def test_a_government_that_cannot_be_noted_is_shown_nothing(
    configured: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise NotNoted("open", "audit/x.jsonl", "No space left on device")

    monkeypatch.setattr("views.signed_in.note", full)
    page = page_for(person("gov"), "overview", lang="en")
    assert [one.value for one in page.error] == [
        "This could not be written into the audit log audit/x.jsonl (No space left on device), so it was not done; "
        "make room on the disk and try again."
    ]
    assert not page.dataframe
    assert not page_for(person("inv"), "methods", lang="en").error


def test_where_everybody_signs_in_the_door_is_all_there_is(configured: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIQUN_REQUIRE_SIGN_IN", "true")
    settings.cache_clear()
    for user in ({}, person("gov", ttl=-1)):
        page = page_for(user, "overview", lang="en")
        assert [one.value for one in page.info] == ["Sign in first."]
        assert [one.key for one in page.button] == ["sign_in_first"]
        assert not page.dataframe
    assert page_for(person("pub"), "methods", lang="en").button(key="sign_out")


# ---------------------------------------------------------------- files


LATER = time.time() + 86_400
GOV = Reader(Viewer(Role.GOVERNMENT), Standing.SIGNED_IN, "gov", "王市", LATER, "0" * 32)


def made(reader: Reader) -> bytes | str:
    return downloads.made_for(reader, lambda: str(downloads.loaded.viewer()), file_name="a.xlsx", version="1")


def test_a_file_is_made_for_whoever_saw_the_button_and_noted(configured: SignIn) -> None:
    assert made(GOV) == "government"
    last = list(notes(settings().home))[-1]
    assert {name: last[name] for name in ("who", "role", "what", "file", "version")} == {
        "who": "gov", "role": "government", "what": "export", "file": "a.xlsx", "version": "1"
    }  # fmt: skip


def test_no_file_is_made_after_the_end(configured: SignIn) -> None:
    over = Reader(GOV.viewer, Standing.SIGNED_IN, "gov", "王市", time.time() - 1, "0" * 32)
    with pytest.raises(SignInOver):
        made(over)
    ended = Reader(GOV.viewer, Standing.SIGNED_IN, "gov", "王市", LATER, "e" * 32)
    assert made(ended)
    end_sign_in(settings().home, "e" * 32)
    with pytest.raises(SignInOver):
        made(ended)
    assert [one["what"] for one in notes(settings().home)][-3:] == ["refused", "export", "refused"]


def test_no_file_is_handed_out_that_cannot_be_noted(configured: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise NotNoted("export", "x", "No space left on device")

    monkeypatch.setattr(downloads, "note", full)
    with pytest.raises(NotNoted):
        made(GOV)
    assert made(Reader(read_viewer("government"), Standing.LOCAL)) == "government"  # a single user's own machine


# ---------------------------------------------------------------- the cookie


def signed(claims: dict[str, Any], secret: str = COOKIE_SECRET, name: str = COOKIE) -> str:
    return create_signed_value(secret, name, json.dumps(claims)).decode()


def test_the_cookie_says_who_signed_in(configured: SignIn) -> None:
    claims = person("gov") | {"origin": ORIGIN}
    assert cookie_claims({COOKIE: signed(claims)}, configured) == claims
    assert cookie_claims({}, configured) is None


def test_a_cookie_in_pieces_is_put_together(configured: SignIn) -> None:
    whole = json.dumps(person("gov") | {"origin": ORIGIN})
    pieces = {f"{COOKIE}_{n + 1}": whole[n * 50 : n * 50 + 50] for n in range(-(-len(whole) // 50))}
    cookies = {COOKIE: f"chunks-{len(pieces)}"} | pieces
    put = {name: create_signed_value(COOKIE_SECRET, name, value).decode() for name, value in cookies.items()}
    assert cookie_claims(put, configured) is None
    put[SEAL] = seal_of(put, configured)
    assert cookie_claims(put, configured) == json.loads(whole)
    assert cookie_claims({name: value for name, value in put.items() if not name.endswith("_2")}, configured) is None


def test_pieces_of_two_sign_ins_say_nothing(configured: SignIn) -> None:
    """Else who lost a role would join it, from the cookie of the day before, to a new end of the sign-in."""

    def pieces(roles: list[str]) -> dict[str, str]:
        claims = {"exp": 2_000_000_000, "groups": "g" * 100, "roles": roles, "origin": ORIGIN, "is_logged_in": True}
        whole = json.dumps(claims)
        said = {COOKIE: "chunks-2", f"{COOKIE}_1": whole[:100], f"{COOKIE}_2": whole[100:]}
        put = {name: create_signed_value(COOKIE_SECRET, name, value).decode() for name, value in said.items()}
        return put | {SEAL: seal_of(put, configured)}

    old, new = pieces(["city-gov"]), pieces(["staff"])
    for whole, roles in ((old, ["city-gov"]), (new, ["staff"])):
        claims = cookie_claims(whole, configured)
        assert claims is not None
        assert claims["roles"] == roles
    second = f"{COOKIE}_2"
    assert cookie_claims(new | {second: old[second]}, configured) is None
    assert cookie_claims(new | {second: old[second], SEAL: ""}, configured) is None
    assert cookie_claims(new | {f"{COOKIE}_3": old[second]}, configured) is not None  # left from a longer one
    assert seal_of({COOKIE: signed(person("gov"))}, configured) == ""


def test_any_other_cookie_says_nothing(configured: SignIn) -> None:
    claims = person("gov") | {"origin": ORIGIN}
    good = signed(claims)
    flipped = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    others = {
        "changed": flipped,
        "cut": good[:-3],
        "unsigned": json.dumps(claims),
        "empty": "",
        "not latin": "王市",
        "another secret": signed(claims, "another secret, which is long enough too"),
        "another cookie's": signed(claims, name="_streamlit_user_tokens"),
        "made elsewhere": signed(claims | {"origin": "http://evil.cn"}),
        "not signed in": signed(claims | {"is_logged_in": "yes"}),
        "no object": create_signed_value(COOKIE_SECRET, COOKIE, "[1]").decode(),
        "no JSON": create_signed_value(COOKIE_SECRET, COOKIE, "{").decode(),
    }
    assert {name: cookie_claims({COOKIE: value}, configured) for name, value in others.items()} == dict.fromkeys(others)


def test_streamlit_is_told_of_the_sign_in_and_of_nothing_else(configured: SignIn) -> None:
    told = secrets_of(configured)
    assert told is not None
    assert set(told) == {"auth"}  # what stands at the top of secrets would become variables of the environment
    assert told["auth"]["redirect_uri"] == f"{ORIGIN}/oauth2callback"
    assert secrets_of(None) is None


# ---------------------------------------------------------------- rules of the house


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(VIEWS.glob("*.py")):
        yield path.name, ast.parse(path.read_text("utf-8"))


def alone(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions that run alone, without the rest of the page: fragments and dialogs."""
    dialogs = {
        node.args[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name)
        for called in [node.func.func if isinstance(node.func, ast.Call) else node.func]
        if ast.unparse(called) in ("st.dialog", "st.fragment")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (
            node.name in dialogs or any("fragment" in ast.unparse(one) for one in node.decorator_list)
        ):
            yield node


def first_call(function: ast.FunctionDef) -> str:
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return ast.unparse(body[0])


def test_what_runs_alone_looks_first_whether_its_reader_is_the_same() -> None:
    found = {f"{name}: {one.name}": first_call(one) for name, tree in trees() for one in alone(tree)}
    assert {"overview.py: _under_filters", "origin.py: _show", "tour.py: _step"} <= set(found)
    assert set(found.values()) == {"signed_in.rerun_when_changed()"}


def test_every_file_is_handed_out_by_one_function() -> None:
    users = [name for name, tree in trees() for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and node.attr == "download_button"]  # fmt: skip
    assert users == ["downloads.py"]


KEEPERS = {"cancel_job", "confirm_job", "recheck_job", "restart_job", "use_version", "undo"}


def test_callbacks_that_change_the_data_ask_for_its_keeper() -> None:
    clicked = {name: ast.unparse(word.value) for name, tree in trees() for node in ast.walk(tree)
               if isinstance(node, ast.Call) and KEEPERS & {one.id for arg in node.keywords if arg.arg == "args"
               for one in ast.walk(arg.value) if isinstance(one, ast.Name)}
               for word in node.keywords if word.arg == "on_click"}  # fmt: skip
    assert {"data_progress.py", "data_checked.py", "data_stopped.py", "data_versions.py", "data_done.py"} <= set(
        clicked
    )
    assert set(clicked.values()) == {"signed_in.if_keeper"}
