"""A worker process that cannot start and says why."""

from walras.execution import _worker
from walras.execution._frames import write_frame

write_frame(1, {"kind": _worker.BROKEN, "text": "ImportError: no engine"})
