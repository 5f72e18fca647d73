"""docker-compose.yml uses settings, parts and images that exist."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from lightrag_site.configuration import environment, flags

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
HEALTH_CHECK = ["python", "-m", "lightrag_site.running.worker_health"]


def services() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    parsed: dict[str, Any] = yaml.safe_load(text)["services"]
    return parsed


def test_web_and_worker_use_known_settings_and_start_their_part() -> None:
    for name in ("web", "worker"):
        service = services()[name]
        assert set(service["environment"]) - environment.known_names() == set()
        program, *arguments = service["command"]
        assert program == "lightrag-server"
        assert flags.apply(arguments, {}).parts == (name,)


def test_services_have_volumes_and_health_checks() -> None:
    for name, service in services().items():
        assert service["volumes"]
        assert ("healthcheck" in service) == (name != "folders")


def test_every_image_is_built_once_from_an_existing_file() -> None:
    built = [service for service in services().values() if "build" in service]
    assert all((ROOT / service["build"]["dockerfile"]).is_file() for service in built)
    images = sorted(service["image"] for service in built)
    assert images == ["lightrag-django", "lightrag-django-database"]
    for service in services().values():
        assert (service.get("pull_policy") == "never") == (service["image"] in images)


def test_the_worker_checks_its_own_health() -> None:
    assert services()["worker"]["healthcheck"]["test"][0] == "CMD"
    assert services()["worker"]["healthcheck"]["test"][1:] == HEALTH_CHECK
    assert find_spec(HEALTH_CHECK[-1])


def test_the_host_has_the_same_name_as_in_lightrags_compose_file() -> None:
    for name in ("web", "worker"):
        hosts = services()[name]["extra_hosts"]
        assert hosts == ["host.docker.internal:host-gateway"]


def test_the_folders_belong_to_the_user_of_the_image() -> None:
    owner = ids("app.Dockerfile", "lightrag")
    assert services()["folders"]["command"][:2] == ["chown", ":".join(owner)]


def ids(dockerfile: str, user: str) -> tuple[str, str]:
    """Return the user id and group id of an image, which runs as that user."""
    text = (DOCKER / dockerfile).read_text("utf-8")
    match = re.search(r"useradd .*?--uid (\d+) --gid (\d+)", text)
    assert match
    assert f"\nUSER {user}\n" in text
    return match[1], match[2]
