"""Wiring: settings, the command line, the pipeline's steps and the Prefect flows around them."""
