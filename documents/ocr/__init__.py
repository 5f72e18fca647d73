"""OCR: the text of scanned pages and images, recognized in a process of its own.

The models (PP-OCRv6, in the wheel of RapidOCR) are loaded when they are needed and unloaded
after the document. `client` starts the process, `recognize` runs in it.
"""
