"""docker-compose.yml says nothing that the server does not understand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lightrag_site.configuration import environment, flags

ROOT = Path(__file__).parents[2]


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


def test_every_image_that_is_built_has_its_file() -> None:
    built = [one["build"] for one in services().values() if "build" in one]
    assert {(ROOT / one["dockerfile"]).is_file() for one in built} == {True}
