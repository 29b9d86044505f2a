"""Sign-in is set up whole, or not at all, and its secrets stay where they are."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clusters.errors import IncompleteSignIn, OpenWithoutSignIn
from clusters.sign_in import SignIn, check_who_may_reach, read_role_map, sign_in
from data.errors import BadSetting
from data.settings import settings

WHOLE = {
    "oidc_metadata_url": "https://id.example.cn/.well-known/openid-configuration",
    "oidc_client_id": "jiqun",
    "oidc_client_secret": "PASSWORD-OF-THE-CLIENT",
    "cookie_secret": "SECRET-OF-THE-COOKIES-0123456789ab",
    "public_url": "https://jiqun.example.cn/",
    "role_map": "gov=government",
}
SECRETS = ("oidc_client_secret", "cookie_secret")
Set = Callable[..., SignIn | None]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """Sign-in under some settings; ``None`` leaves one out."""

    def put(**values: str | None) -> SignIn | None:
        for name in {*WHOLE, *values}:
            monkeypatch.delenv(f"JIQUN_{name}".upper(), raising=False)
        for name, value in values.items():
            if value is not None:
                monkeypatch.setenv(f"JIQUN_{name}".upper(), value)
        settings.cache_clear()
        return sign_in()

    yield put
    monkeypatch.undo()
    settings.cache_clear()


def test_nothing_set_is_no_sign_in(told: Set) -> None:
    assert told() is None
    assert told(public_url="https://a.cn", role_map="gov=government", role_claim="groups") is None


def test_a_whole_sign_in(told: Set) -> None:
    how = told(**WHOLE)
    assert how is not None
    assert (how.origin, how.callback) == ("https://jiqun.example.cn", "https://jiqun.example.cn/oauth2callback")
    assert (how.audience, how.role_claim, how.is_required) == ("jiqun", "roles", False)
    again = told(**WHOLE, oidc_audience="api", role_claim="groups", require_sign_in="true")
    assert again is not None
    assert (again.audience, again.role_claim, again.is_required) == ("api", "groups", True)


@pytest.mark.parametrize("missing", WHOLE)
def test_half_a_sign_in_is_refused_and_names_what_is_missing(told: Set, missing: str) -> None:
    with pytest.raises(IncompleteSignIn, match=f"JIQUN_{missing}".upper()) as refused:
        told(**WHOLE | {missing: None})
    assert not [name for name in SECRETS if WHOLE[name] in str(refused.value)]


@pytest.mark.parametrize("short", ["x", "x" * 31])
def test_a_short_secret_is_refused_without_being_told(told: Set, short: str) -> None:
    with pytest.raises(BadSetting, match="32 characters") as refused:
        told(**WHOLE | {"cookie_secret": short})
    assert f"'{short}'" not in str(refused.value)


def test_secrets_are_in_no_text_of_ours(told: Set) -> None:
    how = told(**WHOLE)
    for said in (repr(how), str(how), repr(settings()), str(settings()), settings().model_dump_json()):
        assert not [name for name in SECRETS if WHOLE[name] in said]


def test_secrets_may_lie_in_files(told: Set, tmp_path: Path) -> None:
    for name in SECRETS:
        (tmp_path / f"jiqun_{name}").write_text(WHOLE[name] + "\n")
    how = told(**{name: value for name, value in WHOLE.items() if name not in SECRETS}, secrets_dir=str(tmp_path))
    assert how is not None
    assert (how.client_secret, how.cookie_secret) == tuple(WHOLE[name] for name in SECRETS)
    with pytest.raises(BadSetting, match="no such folder"):
        told(secrets_dir=str(tmp_path / "elsewhere"))


@pytest.mark.parametrize(
    "text", ["gov", "gov=mayor", "=government", "gov=government; gov=public", "gov=investor:440305", "gov="]
)
def test_a_map_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="JIQUN_ROLE_MAP"):
        read_role_map(text)


def test_a_map_keeps_its_order_and_takes_names_with_equals_signs() -> None:
    found = read_role_map(" cn=gov,dc=city = government ;; b=public;")
    assert [(value, str(viewer)) for value, viewer in found] == [("cn=gov,dc=city", "government"), ("b", "public")]


def test_nobody_but_this_machine_is_let_in_unless_it_is_said_who_they_are(told: Set) -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        told(host=host)
        check_who_may_reach(settings())
    for others in ({"role": "public"}, {"role": "government"}, WHOLE):
        told(host="0.0.0.0", **others)  # noqa: S104
        check_who_may_reach(settings())
    for host in ("0.0.0.0", "::", "10.0.0.5"):  # noqa: S104
        told(host=host, role="")
        with pytest.raises(OpenWithoutSignIn, match="JIQUN_ROLE=public"):
            check_who_may_reach(settings())
