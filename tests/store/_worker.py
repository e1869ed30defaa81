"""A process that runs a search until it is killed: `python -m tests.store._worker URL ID MODE`."""

import sys

from tests.store.samples import done, exchange, run_one

from walras.core import WalrasError
from walras.store import open_store


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(url: str, search_id: str, mode: str) -> int:
    store = open_store(url)
    if mode == "create":
        return len(store.list())
    with store.hold(search_id) as lease:
        say("held")
        if mode == "wait":
            sys.stdin.read()
        record = store.find(search_id)
        for number in range(record.iterations, record.budget):
            if len(store.exchanges(search_id)) <= number:
                store.save_exchange(lease, exchange(number, number))
            run_one(store, lease, done(number, exchanges=(number,)))
            say(f"done {number}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except WalrasError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
