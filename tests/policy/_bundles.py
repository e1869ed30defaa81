"""Trajectory files and store rows that an attacker rewrote: names put in, every digest made whole again."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.policy._product import read_only_search

from walras.core import NOTICE, Dimension, StrategySchema, digest
from walras.policy import FLOOR_POLICY
from walras.store import write_trajectory

_OWN = ("format", "version", "space", "iterations", "history")


def is_trajectory(bundle: Any) -> bool:
    """Say whether a bundle means a recorded search, which we have a format for."""
    return (
        isinstance(bundle, dict)
        and bundle.get("format") == "trajectory"
        and isinstance(bundle.get("space"), dict)
        and isinstance(bundle["space"].get("parameters"), dict)
    )


def _rows(bundle: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = [*bundle.get("iterations", ()), *bundle.get("history", ())]
    return [row["params"] for row in rows]


def legal_part(bundle: Mapping[str, Any], schema: StrategySchema) -> dict[str, Any]:
    """Return the space and the points of a bundle without the names that are not declared or gated."""

    def legal(names: Iterable[str]) -> list[str]:
        return [name for name in names if name in schema.by_name and FLOOR_POLICY.match(name) is None]

    space = {"name": "t", "strategy": schema.strategy, **bundle["space"]}
    for part in ("parameters", "fixed"):
        if part in space:
            space[part] = {name: space[part][name] for name in legal(space[part])}
    points = [{name: row[name] for name in legal(row)} for row in _rows(bundle)]
    return {"space": space, "points": points}


def write(path: Path, store: Path, bundle: Mapping[str, Any]) -> None:
    """Write the only search in `store` to `path`, with all names of the bundle in it and a sound chain."""
    whole = read_only_search(store)
    spec = whole.spec
    known = {axis.name for axis in spec.space.dimensions}
    added = [_axis(name, row) for name, row in bundle["space"]["parameters"].items() if name not in known]
    space = replace(
        spec.space,
        dimensions=(*spec.space.dimensions, *added),
        fixed={**spec.space.fixed, **bundle["space"].get("fixed", {})},
    )
    spec = replace(spec, space=space)
    header = {"notice": NOTICE, **spec.to_body(), "spec_digest": spec.digest}
    if bundle.get("version", 1) != 1:
        header["schema_version"] = bundle["version"]
    iterations = list(whole.iterations)
    for number, params in enumerate(_rows(bundle), start=1):
        proposal = iterations[number].proposal
        assert proposal is not None
        iterations[number] = replace(iterations[number], proposal=replace(proposal, params=params))
    extra = {name: value for name, value in bundle.items() if name not in _OWN}
    changed = replace(
        whole, header=header, iterations=tuple(iterations), header_meta={**whole.header_meta, **extra}
    )
    write_trajectory(path, changed)


def _axis(name: str, row: Any) -> Dimension:
    low, high = (row.get("low", 0), row.get("high", 1)) if isinstance(row, dict) else (0, 1)
    return Dimension(name=name, kind="float", low=float(low), high=float(high), default=float(low))


def tamper(store: Path, change: Mapping[str, Any]) -> None:
    """Write other parameters into the stored iterations of one state, and the digest of what was written."""
    done = change.get("state", "proposed") not in ("claimed", "proposed")
    column = "body" if done else "proposal"
    rows = sqlite3.connect(store)
    for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        rows.execute(f"DROP TRIGGER {name}")  # what stops an honest mistake stops no one with a file
    query = f"SELECT number, {column} FROM walras_iteration WHERE state = ?"  # a constant
    for number, text in rows.execute(query, (change.get("state", "proposed"),)).fetchall():
        body = json.loads(text)
        if "proposal" in change:
            body = change["proposal"]
        else:
            (body["proposal"] if done else body)["params"] = change["params_json"]
        changed = json.dumps(body, sort_keys=True, separators=(",", ":"))
        rows.execute(
            f"UPDATE walras_iteration SET {column} = ?, body_sha256 = ? WHERE number = ?",
            (changed, digest(body) if done else None, number),
        )
    rows.commit()
    rows.close()
