"""Second factors: codes, passkeys, recovery codes, and who must have one."""
