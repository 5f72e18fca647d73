"""Management commands: backup, restore, migrate, write_configuration."""
