"""Admin pages of the LLM cache and of feedback, and the dashboard."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from retrieval.admin import feedback, llm_cache

__all__ = ["feedback", "llm_cache"]

admin.site.index_template = "admin/dashboard.html"
admin.site.index_title = _("Dashboard")
