"""Intake of documents: uploads, scans of the input folder, capacity, tags."""
