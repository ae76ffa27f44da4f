"""What makes the manual out of docs/*.md: `views.py` fits pages to Sphinx, `reference.py` writes pages from the program itself."""
