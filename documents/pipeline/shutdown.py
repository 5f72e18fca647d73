"""The request to a worker's processes to stop.

The worker imports this module before it forks, so its processes share the event.
"""

from __future__ import annotations

import multiprocessing

stop_requested = multiprocessing.Event()
