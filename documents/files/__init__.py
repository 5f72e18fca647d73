"""Files on disk: names, storage, the input folder, the archive."""
