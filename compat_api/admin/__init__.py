"""Admin pages for API keys, users and groups."""

from compat_api.admin import keys as keys
from compat_api.admin import people as people
