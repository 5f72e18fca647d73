"""Request bodies: their form is checked here, their meaning by the called functions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents.intake.tags import MAX_TAGS

NAME_LENGTH = 256


class StrictBoolean(serializers.BooleanField):
    """Boolean that accepts only `true` and `false`, as the schema states."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the boolean; raise ValidationError."""
        if str(data).lower() not in ("true", "false"):
            self.fail("invalid", input=data)
        return bool(super().to_internal_value(data))


class DocumentInput(serializers.Serializer[Any]):
    """A file (sent as a form) or a text, with an optional name."""

    file = serializers.FileField(required=False)
    text = serializers.CharField(required=False, trim_whitespace=False)
    name = serializers.CharField(
        required=False,
        max_length=512,
        help_text="Name of the document. That of a file may contain the folders of an "
        "uploaded folder, such as `2024/report.pdf`.",
    )
    tags = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=MAX_TAGS
    )
    replace = StrictBoolean(
        default=False,
        help_text="Replace the document of the same name by this version.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require either a file or a text."""
        if ("file" in attrs) == ("text" in attrs):
            raise serializers.ValidationError("Send either a file or a text.")
        return attrs


class TagsInput(serializers.Serializer[Any]):
    """All tags of a document; tags not in the list are removed."""

    tags = serializers.ListField(child=serializers.CharField(), max_length=MAX_TAGS)


class EntityInput(serializers.Serializer[Any]):
    """A new entity, or changes of an entity."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    entity_type = serializers.CharField(max_length=128, required=False)
    description = serializers.CharField(trim_whitespace=False)


class MergeInput(serializers.Serializer[Any]):
    """Names of the entities to merge into the entity of the URL."""

    names = serializers.ListField(
        child=serializers.CharField(max_length=NAME_LENGTH), min_length=1
    )


class RelationChangesInput(serializers.Serializer[Any]):
    """Changes of a relation."""

    description = serializers.CharField(required=False, trim_whitespace=False)
    keywords = serializers.CharField(required=False)
    weight = serializers.FloatField(required=False, min_value=0)


class RelationInput(RelationChangesInput):
    """A new relation between two existing entities."""

    source = serializers.CharField(  # type: ignore[assignment]
        max_length=NAME_LENGTH
    )
    target = serializers.CharField(max_length=NAME_LENGTH)
    description = serializers.CharField(trim_whitespace=False)


class GraphInput(serializers.Serializer[Any]):
    """A graph file in the format that the URL names."""

    file = serializers.FileField()
    replace = StrictBoolean(
        default=False,
        help_text="Overwrite existing entities and relations with those of the file.",
    )


class PageInput(serializers.Serializer[None]):
    """Options of the image of a page."""

    width = serializers.IntegerField(min_value=100, max_value=3000, default=1000)
    chunk = serializers.IntegerField(min_value=0, default=None)
    quote = serializers.CharField(max_length=10_000, default="")
