"""docker-compose.yml says nothing that the server does not understand."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from lightrag_site.configuration import environment, flags

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
ALIVE = ["python", "-m", "lightrag_site.running.worker_health"]


def services() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


def test_web_and_worker_are_told_in_known_names_to_start_their_part() -> None:
    for name in ("web", "worker"):
        service = services()[name]
        assert set(service["environment"]) - environment.known_names() == set()
        program, *given = service["command"]
        assert program == "lightrag-server"
        assert flags.apply(given, {}).parts == (name,)


def test_what_stays_is_kept_in_volumes_and_watched() -> None:
    for name, service in services().items():
        assert service["volumes"]
        assert ("healthcheck" in service) == (name != "folders")


def test_every_image_that_is_built_has_its_file_and_is_built_once() -> None:
    built = [one for one in services().values() if "build" in one]
    assert all((ROOT / one["build"]["dockerfile"]).is_file() for one in built)
    images = sorted(one["image"] for one in built)
    assert images == ["lightrag-django", "lightrag-django-database"]
    for one in services().values():
        assert (one.get("pull_policy") == "never") == (one["image"] in images)


def test_each_worker_is_asked_for_itself() -> None:
    assert services()["worker"]["healthcheck"]["test"][0] == "CMD"
    assert services()["worker"]["healthcheck"]["test"][1:] == ALIVE
    assert find_spec(ALIVE[-1])


def test_a_model_server_on_the_host_has_the_name_that_lightrag_gives_it() -> None:
    for name in ("web", "worker"):
        told = services()[name]["extra_hosts"]
        assert told == ["host.docker.internal:host-gateway"]


def test_the_folders_are_given_to_the_user_of_the_image() -> None:
    owner = ids("app.Dockerfile", "lightrag")
    assert services()["folders"]["command"][:2] == ["chown", ":".join(owner)]


def ids(dockerfile: str, user: str) -> tuple[str, str]:
    """The user's and the group's, as the image makes them; the image runs as that user."""
    text = (DOCKER / dockerfile).read_text("utf-8")
    made = re.search(r"useradd .*?--uid (\d+) --gid (\d+)", text)
    assert made
    assert f"\nUSER {user}\n" in text
    return made[1], made[2]
