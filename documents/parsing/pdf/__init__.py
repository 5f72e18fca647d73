"""PDF files: words from PDFium, grouped into lines, blocks and tables in reading order."""
