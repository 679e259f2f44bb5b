"""The page: a small server, and workers that answer pictures."""
