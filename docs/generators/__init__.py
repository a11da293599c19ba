"""One module for each kind of generated page; each has functions that give Markdown."""
