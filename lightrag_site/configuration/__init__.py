"""Settings: sources, types, tables by topic, and the configuration object."""
