"""What models were asked and what it cost, for staff; and the admin's front page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from retrieval.admin import feedback, llm_cache

__all__ = ["feedback", "llm_cache"]

admin.site.index_template = "admin/dashboard.html"
admin.site.index_title = _("Dashboard")
