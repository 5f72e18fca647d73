"""Processes of one machine: preparation, embedded databases, supervisor."""
