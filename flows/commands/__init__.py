"""The verbs of the command line, a module for each group of them.

Each module holds a typer app named `app`. It is imported only when one of its verbs is used or
listed, so whatever is slow to import is imported inside the functions that need it.
"""
