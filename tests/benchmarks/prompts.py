"""Number of characters sent to a model for each chunk."""

from __future__ import annotations

from rich.console import Console

from graph.extraction import prompts
from graph.extraction.prompts import EntityTypes
from lightrag_site.configuration.config_classes import IngestConfig

CHUNK = 480
LIGHTRAG = "8,745 to extract and 13,450 more to glean"


def run(console: Console) -> None:
    """Print the characters for a chunk of 480 characters, as measured for LightRAG."""
    config = IngestConfig()
    instructions = prompts.instructions(
        config.language,
        EntityTypes.of_names(config.entity_types),
        entities=config.max_extraction_entities,
        records=config.max_extraction_records,
    )
    messages = prompts.extraction(instructions, "x" * CHUNK, (), ())
    sent = sum(len(message.content) for message in messages)
    console.print(
        f"characters sent for a chunk of {CHUNK}: {sent:,} to extract, "
        f"gleaning off (LightRAG: {LIGHTRAG})"
    )
