from typing import TypedDict

from unfold.forms import BaseDialogForm

class ActionDialog(TypedDict):
    title: str
    description: str
    form_class: type[BaseDialogForm] | None
    form_submit_text: str | None

class UnfoldAction:
    action_name: str
    description: str
    path: str
