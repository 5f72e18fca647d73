"""The relay: a process that makes the workers' model calls and outlives the workers."""
