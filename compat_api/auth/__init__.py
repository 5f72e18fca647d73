"""Authentication and authorization of callers, shared by all APIs and pages."""
