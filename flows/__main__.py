"""`python -m flows` is the command line too, for where its console script is not on the path."""

from __future__ import annotations

from flows.cli import main

main()
