"""From claims to a reader: whatever is not plainly said is the public."""

import logging
from typing import Any

import pytest

from clusters import readers
from clusters.readers import ANYBODY, PUBLIC, Standing, login_id, reader_of
from clusters.roles import Role, Viewer
from clusters.sign_in import SignIn, read_role_map

HOW = SignIn("", "jiqun", "", "", "http://a", "", "api", "realm.roles",
             read_role_map("firms=investor; nanshan=government:440305; gov=government; gone=government:1"))  # fmt: skip
GOOD = {"sub": "u1", "aud": "jiqun", "exp": 1000, "name": "Ann", "realm": {"roles": ["x", "gov"]}}


def read(now: float = 900, **changes: Any) -> readers.Reader:
    claims = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return reader_of(claims, HOW, now=now, is_ended=lambda login: False, districts=lambda: {"440305"})


def test_good_claims_make_a_reader() -> None:
    found = read()
    assert (found.viewer, found.standing, found.subject, found.name) == (
        Viewer(Role.GOVERNMENT), Standing.SIGNED_IN, "u1", "Ann"
    )  # fmt: skip
    assert found.is_read_up_on
    assert (found.actor.who, found.actor.role) == ("u1", "government")


@pytest.mark.parametrize("roles", [["gov"], "gov", ["gov", 7, None], ("gov",)])
def test_one_role_may_come_alone_or_in_a_list(roles: object) -> None:
    assert read(realm={"roles": roles}).viewer == Viewer(Role.GOVERNMENT)


def test_a_claim_whose_own_name_has_a_dot_goes_before_one_inside_another() -> None:
    assert read(**{"realm.roles": ["firms"]}).viewer == Viewer(Role.INVESTOR)


def test_of_several_roles_the_first_of_the_map_counts() -> None:
    assert read(realm={"roles": ["gov", "nanshan", "firms"]}).viewer == Viewer(Role.INVESTOR)
    assert read(realm={"roles": ["gov", "nanshan"]}).viewer == Viewer(Role.GOVERNMENT, "440305")


@pytest.mark.parametrize(
    "roles", [[], ["GOV"], ["government"], "gov,firms", {"gov": True}, None, [["gov"]], 5, ["gov "]]
)
def test_an_unknown_role_is_the_public(roles: object) -> None:
    found = read(realm={"roles": roles})
    assert found.viewer == PUBLIC
    assert found.is_signed_in


def test_an_unknown_district_is_the_public_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    readers._tell_unknown.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert {read(realm={"roles": "gone"}).viewer for _ in range(3)} == {PUBLIC}
    assert [record.args for record in caplog.records] == [("1",)]


@pytest.mark.parametrize(
    "changes",
    [{"exp": None}, {"exp": "1000"}, {"exp": True}, {"sub": None}, {"sub": ""}, {"sub": 7}, {"aud": "other"},
     {"aud": None}, {"aud": ["other"]}, {"aud": {"jiqun": 1}}],
)  # fmt: skip
def test_claims_without_a_person_a_time_or_this_app_are_nobody(changes: dict[str, Any]) -> None:
    assert read(**changes) is ANYBODY


@pytest.mark.parametrize("audience", ["api", ["other", "jiqun"], ["api"]])
def test_a_token_may_be_made_for_the_app_or_for_its_api(audience: object) -> None:
    assert read(aud=audience).is_signed_in


def test_the_second_of_its_end_is_over() -> None:
    assert read(now=999.999).viewer == Viewer(Role.GOVERNMENT)
    over = read(now=1000)
    assert (over.viewer, over.standing, over.is_read_up_on) == (PUBLIC, Standing.EXPIRED, False)


def test_a_sign_in_that_was_ended_is_nobody() -> None:
    ended = {login_id(GOOD)}
    assert reader_of(GOOD, HOW, now=1, is_ended=ended.__contains__) is ANYBODY
    later = GOOD | {"iat": 5}
    assert reader_of(later, HOW, now=1, is_ended=ended.__contains__).is_signed_in


@pytest.mark.parametrize("claims", [None, {}])
def test_no_claims_are_nobody(claims: dict[str, Any] | None) -> None:
    assert reader_of(claims, HOW, now=0, is_ended=lambda login: False) is ANYBODY
    assert ANYBODY.viewer == PUBLIC
