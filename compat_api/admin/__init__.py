"""Who may come in, in the admin: people, groups and API keys."""

from compat_api.admin import keys as keys
from compat_api.admin import people as people
