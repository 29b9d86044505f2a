"""The verb that ranks parks, as a terminal has it."""

import json
import sys

import pytest

import cli


def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *asked: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["cli.py", "sites", *asked])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capfd.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_parks_are_ranked_and_the_same_seed_ranks_alike(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ("--subsector", "高端软件", "--draws", "100", "--weight", "near_metro=5", "--json")
    code, out, err = run(monkeypatch, capfd, *asked)
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["subsector"], document["year"], document["draws"]) == ("S01", 2021, 100)
    ranks = [site["score_rank"] for site in document["sites"]]
    assert ranks[:3] == [1, 2, 3]
    assert run(monkeypatch, capfd, *asked)[1] == out


def test_a_district_and_a_hub_within_reach(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        monkeypatch,
        capfd,
        "--subsector",
        "S12",
        "--district",
        "福田区",
        "--within",
        "metro=1500",
        "--draws",
        "0",
        "--json",
    )
    assert code == 0
    document = json.loads(out)
    assert {site["district_id"] for site in document["sites"]} == {"440304"}
    assert {each["condition"] for each in document["excluded"]} == {"near_metro"}
    assert document["draws"] == 0
    code, out, _ = run(monkeypatch, capfd, "--subsector", "S12", "--near-m", "1000", "--top", "2", "--lang", "en")
    assert code == 0
    assert "Sites for Digital creative" in out


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("--subsector", "S99"), "S99"),
        (("--subsector", "S01", "--weight", "sun=1"), "sun"),
        (("--subsector", "S01", "--weight", "near_metro"), "near_metro=3"),
        (("--subsector", "S01", "--near-m", "0"), "near_m"),
        (("--subsector", "S01", "--within", "moon=3"), "moon"),
        (("--subsector", "S01", "--year", "1999"), "1999"),
        (("--subsector", "S01", "--place", "moon"), "moon"),
    ],
)
def test_bad_input_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], asked: tuple[str, ...], named: str
) -> None:
    code, out, err = run(monkeypatch, capfd, *asked)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert named in err
