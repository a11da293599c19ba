"""The documentation, and the code that writes the generated part of it (see `generate.py`)."""
