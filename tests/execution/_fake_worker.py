"""A worker process that speaks the protocol but runs no engine: what it does is the job's strategy name."""

import os
import signal
import sys
import time

from walras.execution import _worker
from walras.execution._frames import FrameBuffer, read_frame, write_frame
from walras.execution._lifeline import hold


def main() -> None:
    """Behave as each job says."""
    hold(int(sys.argv[1]))
    write_frame(1, {"kind": _worker.READY})
    buffer = FrameBuffer()
    while (message := read_frame(0, buffer)) is not None:
        ticket, what = message["ticket"], message["job"]["strategy"]
        if what == "slow-to-compile":
            time.sleep(60)
        write_frame(1, {"kind": _worker.STARTED, "ticket": ticket})
        if what == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if what == "exit-3":
            os._exit(3)
        if what == "endless":
            time.sleep(60)
        if what.startswith("sleep-"):
            time.sleep(float(what.removeprefix("sleep-")))
        result = {
            "report": None,
            "failure": {"code": "BACKTEST_FAILED", "text": what if what != "big" else "x" * 400_000},
            "worker": sys.argv[2],
            "seconds": 0.0,
            "worker_peak_rss_kb": 0,
        }
        write_frame(1, {"kind": _worker.DONE, "ticket": ticket, "result": result})


if __name__ == "__main__":
    main()
