"""Pages that are made for people to print or send: pure, data in, HTML out."""
