"""Image, compose file and unit: what a machine can read of them without Docker, and what they must never say."""

import fnmatch
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser

from api.leaving import GRACE_S, LAST_S
from data.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
UNIT = (ROOT / "deploy" / "jiqun.service").read_text("utf-8")


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    with (ROOT / "Dockerfile").open("rb+") as file:
        return [(step["instruction"], step["value"]) for step in DockerfileParser(fileobj=file).structure]


def values(steps: list[tuple[str, str]], *instructions: str) -> list[str]:
    return [value for instruction, value in steps if instruction in instructions]


def test_the_image_is_of_two_stages_and_runs_as_nobody_s_root(steps: list[tuple[str, str]]) -> None:
    assert values(steps, "FROM") == ["python:3.11-slim AS build", "python:3.11-slim"]
    last = steps[[name for name, _ in steps].index("FROM", steps.index(("FROM", "python:3.11-slim AS build")) + 1) :]
    assert values(last, "USER") == ["jiqun"]
    assert "useradd --system --uid 10001" in " ".join(values(last, "RUN"))
    assert not any("pip install" in value for value in values(last, "RUN"))
    (health,), (command,) = values(last, "HEALTHCHECK"), values(last, "CMD")
    assert "/healthz" in health
    assert command == '["python", "cli.py", "serve"]'  # no shell in between, which would keep SIGTERM to itself
    assert not values(steps, "ADD")


def test_all_that_is_copied_is_there_and_comes_through(steps: list[tuple[str, str]]) -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    copied = [name for value in values(steps, "COPY") if "--from" not in value for name in value.split()[:-1]]
    assert {"geo", "data", "clusters", "views", "api", ".streamlit", "app.py", "cli.py"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
        assert any(name == one or fnmatch.fnmatch(name, f"{one}/*") for one in let_in), name


def test_images_are_plain_names_with_a_version() -> None:
    for name, service in COMPOSE["services"].items():
        assert re.fullmatch(r"(postgis/)?[a-z]+(:\d[\w.-]*)?", service["image"]), name


def test_only_the_proxy_is_published_and_the_database_sees_nobody_but_the_app() -> None:
    services: dict[str, dict[str, Any]] = COMPOSE["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert [name for name, service in services.items() if "outer" in service["networks"]] == ["nginx"]
    assert services["postgis"]["networks"] == ["database"]
    assert COMPOSE["networks"]["database"]["internal"] is True


def test_the_app_has_a_disk_to_read_and_secrets_in_files() -> None:
    app = COMPOSE["services"]["app"]
    assert (app["read_only"], app["cap_drop"], app["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert set(COMPOSE["secrets"]) == {*app["secrets"], *COMPOSE["services"]["postgis"]["secrets"]}
    ignored = (ROOT / ".gitignore").read_text("utf-8")
    for secret in COMPOSE["secrets"].values():
        folder = Path(secret["file"]).parent.as_posix()
        assert f"/{folder}/" in ignored
    written = (ROOT / "compose.yaml").read_text("utf-8")
    assert not re.search(r"(?i)(password|secret): *[^./\s\[#][^\s]*$", written, re.MULTILINE)


def test_no_setting_of_who_sees_what_is_left_behind_on_the_way_into_the_container() -> None:
    """One that an operator writes into ``.env`` and the app never gets would leave it more open than it was told."""
    app, fields = COMPOSE["services"]["app"], Settings.model_fields
    wanted = {"role", "public_url", "require_sign_in", "dominance", "frame_ancestors", "store", "cookie_secret"}
    wanted |= {name for name in fields if name.startswith(("oidc_", "role_"))}
    passed = {name.removeprefix("JIQUN_").lower() for name in app["environment"]}
    assert wanted <= passed | {name.removeprefix("jiqun_") for name in app["secrets"]}
    for name, value in app["environment"].items():
        if found := re.fullmatch(rf"\$\{{{name}:-(.*)\}}", value):
            field = name.removeprefix("JIQUN_").lower()
            told = getattr(Settings.model_validate({field: found[1]}), field)
            assert told == fields[field].default, name


def test_the_proxy_gets_every_name_that_its_file_asks_for() -> None:
    template = (ROOT / "deploy" / "nginx.conf.template").read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", template)) == set(COMPOSE["services"]["nginx"]["environment"])


def test_the_proxy_writes_the_code_of_a_sign_in_into_no_log() -> None:
    template = (ROOT / "deploy" / "nginx.conf.template").read_text("utf-8")
    (block,) = re.findall(r"location = /oauth2callback \{(.*?)\}", template, re.DOTALL)
    assert "error_log stderr crit;" in block
    assert "$request_uri" not in template.partition("log_format")[2].partition(";")[0]


def seconds(told: object) -> float:
    return float(str(told).removesuffix("s"))


def test_whoever_stops_the_app_waits_as_long_as_it_may_take() -> None:
    longest = Settings.model_fields["stop_s"].default + GRACE_S + LAST_S
    app = COMPOSE["services"]["app"]
    assert seconds(app["stop_grace_period"]) > longest + seconds(app["environment"]["JIQUN_DRAIN_S"])
    (drain,) = re.findall(r"JIQUN_DRAIN_S=(\d+)", UNIT)
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert seconds(stop) > longest + seconds(drain)
    assert "KillMode=mixed" in UNIT  # SIGTERM is for the server alone: it waits for its imports


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    for line in (
        "User=jiqun",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
        "PrivateTmp=yes",
    ):
        assert f"\n{line}\n" in UNIT
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here")
    here = UNIT.replace("/opt/jiqun/.venv/bin/python", "/usr/bin/env").replace("/opt/jiqun", str(tmp_path))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "operations.md").touch()
    (tmp_path / "jiqun.service").write_text(here)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / "jiqun.service"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
