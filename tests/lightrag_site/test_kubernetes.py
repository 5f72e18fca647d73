"""The manifests of docker/kubernetes: valid, and in words that the server understands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from lightrag_site.configuration import environment, flags
from tests.lightrag_site import test_compose

FOLDER = Path(__file__).parents[2] / "docker" / "kubernetes"
VERSION = "1.34"
OURS = ("lightrag-web", "lightrag-worker")


def manifests() -> Iterator[dict[str, Any]]:
    (listed,) = yaml.safe_load_all((FOLDER / "kustomization.yaml").read_text("utf-8"))
    for name in listed["resources"]:
        yield from yaml.safe_load_all((FOLDER / name).read_text("utf-8"))


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        one
        for one in manifests()
        if (one["kind"], one["metadata"]["name"]) == (kind, name)
    )
    return found


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = only
    return found


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(one, id=f"{one['kind']}-{one['metadata']['name']}")
        for one in manifests()
    ],
)
def test_each_manifest_fits_its_schema(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_every_file_is_part_of_it() -> None:
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed["resources"]) == there


def test_the_configuration_names_settings_that_there_are() -> None:
    data = named("ConfigMap", "lightrag")["data"]
    assert set(data) - environment.known_names() == set()
    assert environment.read(data, Path("/")).stores.embedded_postgres is False


@pytest.mark.parametrize("name", OURS)
def test_each_pod_runs_its_part(name: str) -> None:
    program, *given = container(named("Deployment", name))["args"]
    assert program == "lightrag-server"
    assert flags.apply(given, {}).parts == (name.removeprefix("lightrag-"),)


def test_selectors_find_the_pods_they_mean() -> None:
    labels = {
        one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for one in manifests()
        if one["kind"] in ("Deployment", "StatefulSet")
    }
    for one in manifests():
        if one["kind"] == "Service":
            assert one["spec"]["selector"]["app.kubernetes.io/name"] in labels


def test_no_pod_is_root_or_may_become_it() -> None:
    for one in manifests():
        if one["kind"] in ("Deployment", "StatefulSet"):
            pod = one["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert (
                container(one)["securityContext"]["allowPrivilegeEscalation"] is False
            )


@pytest.mark.parametrize(
    ("dockerfile", "user", "kind", "name"),
    [
        ("app.Dockerfile", "lightrag", "Deployment", "lightrag-web"),
        ("app.Dockerfile", "lightrag", "Deployment", "lightrag-worker"),
        ("database.Dockerfile", "postgres", "StatefulSet", "lightrag-database"),
    ],
)
def test_pods_run_as_the_user_of_their_image(
    dockerfile: str, user: str, kind: str, name: str
) -> None:
    context = named(kind, name)["spec"]["template"]["spec"]["securityContext"]
    told = str(context["runAsUser"]), str(context["fsGroup"])
    assert told == test_compose.ids(dockerfile, user)


def test_a_worker_is_asked_for_itself_as_in_compose() -> None:
    probe = container(named("Deployment", "lightrag-worker"))["livenessProbe"]
    assert probe["exec"]["command"] == test_compose.ALIVE
