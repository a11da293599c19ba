"""What every test stands on: steady property tests, and an environment that is nobody's."""

from __future__ import annotations

import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

# How fast a value is drawn says how busy the machine is, not whether the code is right.
settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("steady")

# Settings of whoever runs the tests must not reach them. Prefect reads its own on import, so this
# is done before any test module is; child processes inherit it.
_PREFECT_HOME = tempfile.mkdtemp(prefix="pricebook-prefect-")


def _clear_environment() -> None:
    for name in list(os.environ):
        if name.upper().startswith(("PREFECT_", "PRICEBOOK_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(
        DO_NOT_TRACK="1",
        PREFECT_HOME=_PREFECT_HOME,
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
    )


_clear_environment()


def pytest_unconfigure() -> None:
    """Remove Prefect's home of this test process."""
    shutil.rmtree(_PREFECT_HOME, ignore_errors=True)
