# What the project decorates with: Pyramid has no types. Its other modules stay untyped.
