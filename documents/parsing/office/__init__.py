"""Parsers of office files: OOXML, OpenDocument, RTF, and the binary formats before 2007."""
