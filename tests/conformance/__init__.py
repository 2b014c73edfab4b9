"""The standards, line by line: each test names the requirement that it proves."""
