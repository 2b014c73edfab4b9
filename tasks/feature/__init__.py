"""The generator of features: their names, files and migration."""
