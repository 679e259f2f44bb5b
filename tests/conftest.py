"""Settings of all tests."""

from hypothesis import settings

# A busy machine is slow: no example fails for its duration alone (pytest-timeout ends what hangs).
settings.register_profile("digitlib", deadline=None)
settings.load_profile("digitlib")
