"""The feature generator: names, files and migration."""
