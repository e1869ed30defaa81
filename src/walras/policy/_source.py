"""Open what the user named, once, and parse it by its form."""

from pathlib import Path
from stat import S_ISREG
from typing import Final, Literal, TypeAlias

from walras.policy._document import MAX_BYTES, Builder, Document, Node
from walras.policy._json import parse_json
from walras.policy._names import printable
from walras.policy._plain import parse_plain
from walras.policy._yaml import parse_yaml

Form: TypeAlias = Literal["yaml", "json"]
SPACE_INVALID: Final = "OPT_SPACE_INVALID"


def open_document(
    source: object, *, form: Form = "yaml", label: str = "", code: str = SPACE_INVALID
) -> Document:
    """Return `source` parsed: a path (`.json` is JSON, all else YAML), a text or bytes in `form`, or a dict.

    Every fault is in the document, none is raised; a document without a root cannot be read at all.
    """
    builder = Builder(code)
    data = source
    if isinstance(source, Path):
        form = "json" if source.suffix.lower() == ".json" else "yaml"
        label = label or printable(str(source))[1:-1]
        data = _read(source, builder)
    if isinstance(data, str):
        data = str.encode(data, "utf-8", "surrogatepass")
    text = _decode(data, builder) if isinstance(data, bytes) else ""
    root: Node | None = None
    if not builder.faults:
        if not isinstance(data, bytes):
            root = parse_plain(data, builder)
        else:
            root = parse_json(text, builder) if form == "json" else parse_yaml(text, builder)
    return Document(label or "input", root, tuple(builder.faults))


def _read(path: Path, builder: Builder) -> bytes:
    try:
        if not S_ISREG(path.stat().st_mode):
            builder.fault(None, "file", "is not a regular file.", "Name a YAML or JSON file.")
            return b""
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        builder.fault(None, "file", f"cannot be read: {reason}.", "Check the path and its permissions.")
        return b""


def _decode(data: bytes, builder: Builder) -> str:
    if len(data) > MAX_BYTES:
        builder.fault(None, "file", f"is larger than {MAX_BYTES // 1024} KB.", "Shorten it.")
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        builder.fault(line, "file", "is not UTF-8.", "Save it as UTF-8.")
        return ""
