import pytest

from joulebook.facts.catalog import Catalog


@pytest.fixture(scope="session")
def catalog():
    return Catalog.open(own=False)
