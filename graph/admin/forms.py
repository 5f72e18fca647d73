"""Admin forms of entities and relations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from graph.curation import edit
from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import UnknownEntity
from graph.extraction import entity_names
from graph.models import SEPARATOR, Entity, Relation


class ProseField(forms.CharField):
    """A description; the fragments of a merged one are edited as paragraphs."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        """Return the text of the form field, with paragraphs instead of separators."""
        if not isinstance(value, str):
            return value
        return value.replace(SEPARATOR, "\n\n").strip()

    def to_python(self, value: Any) -> str:
        """Normalize the line ends, which browsers send as CRLF."""
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the submitted text with the initial text as the form shows it."""
        return super().has_changed(self.prepare_value(initial), data)


class EntityForm(forms.ModelForm[Entity]):
    """Name, type and description of an entity; a new one needs its workspace too."""

    description = ProseField(
        label=_("Description"),
        error_messages={"required": _("Describe the entity in a sentence.")},
    )

    class Meta:
        model = Entity
        fields = ["workspace", "name", "entity_type", "description"]

    def clean_name(self) -> str:
        """Return the normalized name; reject a name or alias of another entity."""
        name = entity_names.entity_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(
                _("Enter a name that is not blank and not a short number.")
            )
        workspace = self.instance.workspace_id or self.data.get("workspace")
        self._require_free(workspace, name)
        return name

    def _require_free(self, workspace_id: Any, name: str) -> None:
        try:
            entity = edit.find_entity(workspace_id, name)
        except (UnknownEntity, ValueError):
            return
        if entity.pk != self.instance.pk:
            message = _(
                "“%(name)s” already has this name. To merge the two, select both in the"
                " list and merge them."
            )
            raise forms.ValidationError(message, params={"name": entity.name})

    def changes(self) -> EntityChanges:
        """Return the changed fields; the others stay derived from the documents."""
        changed = {name: self.cleaned_data[name] for name in self._changed()}
        return EntityChanges(**changed)

    def _changed(self) -> set[str]:
        return {"name", "entity_type", "description"} & set(self.changed_data)


class RelationForm(forms.ModelForm[Relation]):
    """Description, keywords and weight of a relation; a new one needs its ends too."""

    description = ProseField(
        label=_("Description"),
        error_messages={"required": _("Describe the relation in a sentence.")},
    )

    class Meta:
        model = Relation
        fields = ["source", "target", "description", "keywords", "weight"]
        widgets = {"keywords": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any]:
        """Check that the two entities differ, share a workspace, and have no relation yet."""
        cleaned = super().clean() or {}
        source, target = cleaned.get("source"), cleaned.get("target")
        if source and target:
            self._check_ends(source, target)
            ends = sorted([source, target], key=lambda entity: entity.pk)
            cleaned["source"], cleaned["target"] = ends
        return cleaned

    def _check_ends(self, source: Entity, target: Entity) -> None:
        if source == target:
            raise forms.ValidationError(_("A relation needs two entities."))
        if source.workspace_id != target.workspace_id:
            raise forms.ValidationError(
                _("The two entities belong to different workspaces.")
            )
        ends = sorted([source.pk, target.pk])
        if Relation.objects.filter(source=ends[0], target=ends[1]).exists():
            raise forms.ValidationError(_("The two entities are related already."))

    def clean_weight(self) -> float:
        """Reject a weight below the number of chunks with mentions, as in LightRAG."""
        weight: float = self.cleaned_data["weight"]
        mentions = 0
        if self.instance.pk:
            mentions = self.instance.mentions.values("chunk").distinct().count()
        if weight < mentions:
            text = _(
                "%(n)d chunks mention the relation, so its weight must be at least %(n)d."
            )
            raise forms.ValidationError(text, params={"n": mentions})
        return weight

    def changes(self) -> RelationChanges:
        """Return the changed fields; the others stay derived from the documents."""
        editable = {"description", "keywords", "weight"} & set(self.changed_data)
        return RelationChanges(**{name: self.cleaned_data[name] for name in editable})
