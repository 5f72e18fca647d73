"""Base classes and helpers for the admin pages of all apps."""
