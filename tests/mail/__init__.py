"""Tests of mail, against a real server of SMTP."""
