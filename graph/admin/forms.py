"""What staff may write about entities and relations."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from graph import editing, names
from graph.editing import EntityChanges, RelationChanges
from graph.errors import UnknownEntity
from graph.models import Entity, Relation


class EntityForm(forms.ModelForm[Entity]):
    """Name, type and description of an entity; a new one needs its workspace too."""

    class Meta:
        model = Entity
        fields = ["workspace", "name", "entity_type", "description"]

    def clean_name(self) -> str:
        """As names are stored, and not the name or alias of another."""
        name = names.entity_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("This cannot be the name of an entity.")
        workspace = self.instance.workspace_id or self.data.get("workspace")
        self._require_free(workspace, name)
        return name

    def _require_free(self, workspace_id: Any, name: str) -> None:
        try:
            found = editing.find_entity(workspace_id, name)
        except (UnknownEntity, ValueError):
            return
        if found.pk != self.instance.pk:
            raise forms.ValidationError(
                f"“{found.name}” is called that already. To make the two one, select"
                " both in the list and merge them."
            )

    def clean_description(self) -> str:
        """Never empty: there is no entity without a word about it."""
        description: str = self.cleaned_data["description"]
        if not description.strip():
            raise forms.ValidationError("Say in a sentence what this is.")
        return description

    def changes(self) -> EntityChanges:
        """Only what was changed: the rest stays derived from the documents."""
        changed = {name: self.cleaned_data[name] for name in self._changed()}
        return EntityChanges(**changed)

    def _changed(self) -> set[str]:
        return {"name", "entity_type", "description"} & set(self.changed_data)


class RelationForm(forms.ModelForm[Relation]):
    """Description, keywords and weight of a relation; a new one needs its ends too."""

    class Meta:
        model = Relation
        fields = ["source", "target", "description", "keywords", "weight"]
        widgets = {"keywords": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any]:
        """A new relation's ends are two, of one workspace, and not related yet."""
        cleaned = super().clean() or {}
        source, target = cleaned.get("source"), cleaned.get("target")
        if source and target:
            self._check_ends(source, target)
            ends = sorted([source, target], key=lambda entity: entity.pk)
            cleaned["source"], cleaned["target"] = ends
        return cleaned

    def _check_ends(self, source: Entity, target: Entity) -> None:
        if source == target:
            raise forms.ValidationError("A relation needs two entities.")
        if source.workspace_id != target.workspace_id:
            raise forms.ValidationError("The two belong to different workspaces.")
        ends = sorted([source.pk, target.pk])
        if Relation.objects.filter(source=ends[0], target=ends[1]).exists():
            raise forms.ValidationError("These two are related already.")

    def clean_description(self) -> str:
        """Never empty."""
        description: str = self.cleaned_data["description"]
        if not description.strip():
            raise forms.ValidationError("Say in a sentence how they are related.")
        return description

    def clean_weight(self) -> float:
        """Not below the number of chunks that speak of it, as upstream."""
        weight: float = self.cleaned_data["weight"]
        said = 0
        if self.instance.pk:
            said = self.instance.mentions.values("chunk").distinct().count()
        if weight < said:
            raise forms.ValidationError(
                f"{said} chunks speak of it, so its weight is {said} or more."
            )
        return weight

    def changes(self) -> RelationChanges:
        """Only what was changed: the rest stays derived from the documents."""
        editable = {"description", "keywords", "weight"} & set(self.changed_data)
        return RelationChanges(**{name: self.cleaned_data[name] for name in editable})
