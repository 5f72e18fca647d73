"""The tables of settings match the configuration classes."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from lightrag_site.configuration.access_settings import ACCESS
from lightrag_site.configuration.config_classes import (
    AccessConfig,
    IngestConfig,
    ObserveConfig,
    QueryConfig,
    ServerConfig,
    StoreConfig,
)
from lightrag_site.configuration.ingest_settings import INGEST
from lightrag_site.configuration.model_settings import AWS, CHAT, EMBEDDING, RERANK
from lightrag_site.configuration.observability_settings import OBSERVE
from lightrag_site.configuration.query_settings import QUERY
from lightrag_site.configuration.server_settings import SERVER, STORES
from lightrag_site.configuration.setting import Setting
from retrieval.llm.config import AwsConfig, ChatConfig, EmbeddingConfig, RerankConfig

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

BY_PROVIDER = {"options", "api_version", "aws"}
"""Fields that only the variables of a provider set; those of `aws` have their own table."""
FROM_FILES = {"entity_type_guidance", "extraction_examples"}
"""Fields that a prompt file sets (`configuration.prompt_files`)."""


@pytest.mark.parametrize(
    ("section", "table"),
    [
        (ServerConfig, SERVER),
        (StoreConfig, STORES),
        (AccessConfig, ACCESS),
        (ObserveConfig, OBSERVE),
        (IngestConfig, INGEST),
        (QueryConfig, QUERY),
        (ChatConfig, CHAT),
        (EmbeddingConfig, EMBEDDING),
        (RerankConfig, RERANK),
        (AwsConfig, AWS),
    ],
)
def test_every_field_has_a_setting_with_a_help_text(
    section: type[DataclassInstance], table: tuple[Setting, ...]
) -> None:
    settable = {setting.field for setting in table}
    assert {
        field.name for field in fields(section)
    } - BY_PROVIDER - FROM_FILES == settable
    assert all(setting.help.endswith(".") for setting in table)


def test_names_and_flags_are_unique() -> None:
    tables = (*SERVER, *STORES, *ACCESS, *INGEST, *QUERY, *CHAT, *EMBEDDING, *RERANK)
    for names in (
        [setting.name for setting in tables],
        [setting.flag for setting in tables if setting.flag],
    ):
        assert len(names) == len(set(names))
