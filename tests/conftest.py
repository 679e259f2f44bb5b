"""Settings of all tests, and what the tests of the pages share."""

import pytest
from hypothesis import settings
from web.served import served_demo, started_browser

# A busy machine is slow: no example fails for its duration alone (pytest-timeout ends what hangs).
settings.register_profile("digitlib", deadline=None)
settings.load_profile("digitlib")


@pytest.fixture(scope="module")
def browser():
    """A Chromium."""
    with started_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo():
    """The demo as `make demo` serves it: its address and its process; one for all tests."""
    with served_demo() as (address, server):
        yield address, server


@pytest.fixture(scope="session")
def address(demo):
    """Where the page is served."""
    return demo[0]
