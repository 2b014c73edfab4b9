"""What keeps a program from starting: one sentence, exit status 1, at every door."""
