"""What may be sent: checked for shape here, for meaning by what it is handed to."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents.intake.tags import MAX_TAGS

NAME_LENGTH = 256


class Switch(serializers.BooleanField):
    """`true` or `false`, as the schema says: not `1`, `on` or `f`."""

    def to_internal_value(self, data: Any) -> bool:
        """Raises ValidationError for everything else."""
        if str(data).lower() not in ("true", "false"):
            self.fail("invalid", input=data)
        return bool(super().to_internal_value(data))


class DocumentInput(serializers.Serializer[Any]):
    """A file (as a form), or a text with the name it shall go by."""

    file = serializers.FileField(required=False)
    text = serializers.CharField(required=False, trim_whitespace=False)
    name = serializers.CharField(required=False, max_length=512)
    tags = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=MAX_TAGS
    )
    replace = Switch(
        default=False,
        help_text="Make it the new version of the document of that name.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of file and text."""
        if ("file" in attrs) == ("text" in attrs):
            raise serializers.ValidationError("Send either a file or a text.")
        return attrs


class TagsInput(serializers.Serializer[Any]):
    """The tags a document shall have, and no others."""

    tags = serializers.ListField(child=serializers.CharField(), max_length=MAX_TAGS)


class EntityInput(serializers.Serializer[Any]):
    """A new entity, or what shall change of one."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    entity_type = serializers.CharField(max_length=128, required=False)
    description = serializers.CharField(trim_whitespace=False)


class MergeInput(serializers.Serializer[Any]):
    """The names of entities that are the same as the one addressed."""

    names = serializers.ListField(
        child=serializers.CharField(max_length=NAME_LENGTH), min_length=1
    )


class RelationChangesInput(serializers.Serializer[Any]):
    """What shall change of a relation."""

    description = serializers.CharField(required=False, trim_whitespace=False)
    keywords = serializers.CharField(required=False)
    weight = serializers.FloatField(required=False, min_value=0)


class RelationInput(RelationChangesInput):
    """A new relation between two entities that are there."""

    source = serializers.CharField(  # type: ignore[assignment]
        max_length=NAME_LENGTH
    )
    target = serializers.CharField(max_length=NAME_LENGTH)
    description = serializers.CharField(trim_whitespace=False)


class GraphInput(serializers.Serializer[Any]):
    """A graph's file, of the form that the address names."""

    file = serializers.FileField()
    replace = Switch(
        default=False, help_text="Change what is there already to what the file says."
    )
