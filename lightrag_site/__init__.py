"""The Django project: settings, processes, observability and backup."""
