"""Gives a clone its own name: where the name stands, its forms, the files."""
