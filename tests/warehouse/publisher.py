"""Publishes one snapshot after another until it is killed: `publisher.py DATA_DIR`."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from tests.warehouse.shops import NOW, Shop
from warehouse.retention import kept, retain

if __name__ == "__main__":
    shop = Shop(Path(sys.argv[1]))
    while True:
        shop.reprice()
        made = kept(shop.published)[-1].created_at
        moment = max(NOW, made) + timedelta(hours=1)
        print(shop.publish(moment).snapshot.snapshot_id, flush=True)  # noqa: T201 # is counted
        retain(shop.published, 1, moment)
