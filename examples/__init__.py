"""Examples: an API in one file, and a feature as a team would write it."""
