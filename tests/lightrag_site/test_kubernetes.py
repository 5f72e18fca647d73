"""The manifests of docker/kubernetes are valid and use settings that exist."""

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
    (kustomization,) = yaml.safe_load_all(
        (FOLDER / "kustomization.yaml").read_text("utf-8")
    )
    for name in kustomization["resources"]:
        yield from yaml.safe_load_all((FOLDER / name).read_text("utf-8"))


def named(kind: str, name: str) -> dict[str, Any]:
    (match,) = (
        manifest
        for manifest in manifests()
        if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name)
    )
    return match


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    typed: dict[str, Any] = only
    return typed


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(manifest, id=f"{manifest['kind']}-{manifest['metadata']['name']}")
        for manifest in manifests()
    ],
)
def test_each_manifest_matches_its_schema(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_every_file_is_a_resource() -> None:
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == files


def test_the_configuration_uses_known_settings() -> None:
    data = named("ConfigMap", "lightrag")["data"]
    assert set(data) - environment.known_names() == set()
    assert environment.read(data, Path("/")).stores.embedded_postgres is False


@pytest.mark.parametrize("name", OURS)
def test_each_pod_runs_its_part(name: str) -> None:
    program, *arguments = container(named("Deployment", name))["args"]
    assert program == "lightrag-server"
    assert flags.apply(arguments, {}).parts == (name.removeprefix("lightrag-"),)


def test_selectors_match_pods() -> None:
    labels = {
        manifest["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for manifest in manifests()
        if manifest["kind"] in ("Deployment", "StatefulSet")
    }
    for manifest in manifests():
        if manifest["kind"] == "Service":
            assert manifest["spec"]["selector"]["app.kubernetes.io/name"] in labels


def test_no_pod_runs_as_root_or_can_become_root() -> None:
    for manifest in manifests():
        if manifest["kind"] in ("Deployment", "StatefulSet"):
            pod = manifest["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert (
                container(manifest)["securityContext"]["allowPrivilegeEscalation"]
                is False
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
    ids = str(context["runAsUser"]), str(context["fsGroup"])
    assert ids == test_compose.ids(dockerfile, user)


def test_the_worker_has_the_same_health_check_as_in_compose() -> None:
    probe = container(named("Deployment", "lightrag-worker"))["livenessProbe"]
    assert probe["exec"]["command"] == test_compose.HEALTH_CHECK
