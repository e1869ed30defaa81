"""Every setting, its value, and where that came from. A secret is said to be set, never shown."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from walras.core import UsageError
from walras.wiring import data_directory, shipped_spaces, store_url, versions


@dataclass(frozen=True)
class Setting:
    """One setting: `origin` is an option, a variable of the environment, or "default"."""

    name: str
    value: str
    origin: str


def settings(
    *, store: str | None = None, policy: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Setting, ...]:
    """Return every setting in the order that people ask for them. Nothing is opened or made."""
    env = os.environ if environ is None else environ
    spaces = shipped_spaces()
    folder = next(iter(spaces.values())).parent if spaces else Path()
    return (
        Setting("store", safe_url(store_url(store)), _store_origin(store, env)),
        Setting(
            "data directory",
            str(data_directory()),
            "XDG_DATA_HOME" if env.get("XDG_DATA_HOME") else "default",
        ),
        Setting(
            "policy file",
            str(policy) if policy else "none: the floor alone",
            "--policy" if policy else "default",
        ),
        Setting("search spaces", str(folder), "installation"),
        Setting(
            "compiled engine",
            env.get("NUMBA_CACHE_DIR") or "beside the package, or numba's user cache where that is read-only",
            "NUMBA_CACHE_DIR" if env.get("NUMBA_CACHE_DIR") else "default",
        ),
        Setting("base URL", safe_url(_base_url(env)[0]), _base_url(env)[1]),
        Setting("API key", *_key(env)),
        Setting(
            "colours",
            "off" if env.get("NO_COLOR") else "on a terminal",
            "NO_COLOR" if env.get("NO_COLOR") else "default",
        ),
        Setting(
            "tracebacks",
            "on" if env.get("WALRAS_DEBUG") else "off",
            "WALRAS_DEBUG" if env.get("WALRAS_DEBUG") else "default",
        ),
        Setting("python", f"{versions()['python']} ({sys.executable})", "installation"),
        *(
            Setting(name, str(number), "installation")
            for name, number in versions().items()
            if name != "python"
        ),
    )


def safe_url(url: str) -> str:
    """Return a URL without user, password and query: what may be shown and logged."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise UsageError("The URL cannot be read.", hint="Write scheme://host/path.") from None
    if not parts.netloc:
        return url.partition("?")[0]
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _store_origin(option: str | None, env: Mapping[str, str]) -> str:
    if option:
        return "--store"
    return "WALRAS_STORE" if env.get("WALRAS_STORE") else "default"


def _base_url(env: Mapping[str, str]) -> tuple[str, str]:
    for name in ("WALRAS_BASE_URL", "OPENAI_BASE_URL"):
        if env.get(name):
            return env[name], name
    return "https://api.openai.com/v1", "default"


def _key(env: Mapping[str, str]) -> tuple[str, str]:
    for name in ("WALRAS_API_KEY", "OPENAI_API_KEY"):
        if env.get(name):
            return "set", name
    return "not set; random, tpe and the scripted endpoint need none", "default"
