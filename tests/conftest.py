"""What every test may ask for by name."""

pytest_plugins = ["tests.support.database"]


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write what came of the golden stories into their files")
