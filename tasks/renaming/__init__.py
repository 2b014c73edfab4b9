"""Give a clone its own name: where the name occurs, its forms, the files."""
