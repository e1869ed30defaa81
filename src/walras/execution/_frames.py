"""Messages over a pipe: four bytes of length, then JSON."""

import json
import os
import struct
from typing import Any, Final

from walras.core import Json

_HEAD: Final = struct.Struct(">I")
_CHUNK: Final = 1 << 16


def encode_frame(message: Json) -> bytes:
    """Return `message` as one frame."""
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
    return _HEAD.pack(len(body)) + body


def write_frame(descriptor: int, message: Json) -> None:
    """Write one frame, all of it.

    Raises:
        BrokenPipeError: If the other side is gone.
    """
    rest = memoryview(encode_frame(message))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class FrameBuffer:
    """Collects bytes and gives back the messages that are complete."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    @property
    def is_partial(self) -> bool:
        """Say whether the beginning of a message has arrived, but not its end."""
        return bool(self._bytes)

    def feed(self, data: bytes) -> list[Any]:
        """Take more bytes and return the messages they complete, in order."""
        self._bytes += data
        messages = []
        while len(self._bytes) >= _HEAD.size:
            (length,) = _HEAD.unpack_from(self._bytes)
            end = _HEAD.size + length
            if len(self._bytes) < end:
                break
            messages.append(json.loads(self._bytes[_HEAD.size : end]))
            del self._bytes[:end]
        return messages


def read_frame(descriptor: int, buffer: FrameBuffer) -> Any | None:
    """Wait for the next message of a peer that sends one at a time; None once the peer is gone."""
    while True:
        data = os.read(descriptor, _CHUNK)
        if not data:
            return None
        messages = buffer.feed(data)
        if messages:
            return messages[0]
