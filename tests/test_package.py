"""The package: what a wheel holds, that it works from an empty environment, and what an import costs."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"src", "tests", "search_spaces", "trajectories", "prompts", "benchmarks", "docs"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once, from the sources as they stand."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("walras-*.whl")
    return found


def site_packages(python: Path) -> Path:
    """Return where an interpreter keeps its packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(
        subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    )


def test_spaces_and_prompts_ship_inside_the_wheel(wheel: Path) -> None:
    """Every file of the two folders is in the wheel, and no test is."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("search_spaces", "prompts"):
        for path in (ROOT / folder).iterdir():
            assert f"walras/data/{folder}/{path.name}" in names
    assert not any(name.startswith("tests/") for name in names)
    assert "walras/py.typed" in names


def test_a_search_runs_from_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    """In an empty environment that sees only the dependencies, a search by shipped name finishes.

    The dependencies are those of this environment, linked in by a .pth file: a second download of all
    of them would prove nothing more about the wheel.
    """
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "-q"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    site = site_packages(python)
    # Paths of a .pth file come after the environment's own folder, and .pth files there are not read.
    (site / "dependencies.pth").write_text(f"{site_packages(Path(sys.executable))}\n")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("COV", "PYTHON"))}
    env["XDG_DATA_HOME"] = str(tmp_path)
    code = "import walras; print(walras.__file__)"
    where = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True, env=env, cwd=tmp_path
    )
    assert where.stdout.strip().startswith(str(site))
    command = [
        str(home / "bin" / "walras"),
        "search",
        "market_maker",
        "--proposer",
        "llm",
        "--endpoint",
        "scripted",
    ]
    small = ["--budget", "3", "--scenarios", "2", "--events", "6400", "--store", str(tmp_path / "a.db")]
    done = subprocess.run(
        [*command, *small], capture_output=True, text=True, check=False, env=env, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Synthetic replay only. Not a forecast." in done.stdout


def test_importing_walras_loads_nothing_heavy() -> None:
    """`import walras` costs what dataclasses cost: no numpy, no pydantic, no database."""
    code = (
        "import sys, walras; heavy = {'numpy', 'numba', 'pydantic', 'sqlalchemy', 'optuna', 'openai', "
        "'altair', 'rich', 'scipy'} & set(sys.modules); sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_top_level_folders_are_the_agreed_ones() -> None:
    """Seven folders, and nothing beside them but files, hidden folders and what a build leaves."""
    left_over = {"build", "dist", "htmlcov", "__pycache__"}
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert {name for name in found - left_over if not name.endswith(".egg-info")} == FOLDERS


def test_the_lock_holds_hashes_and_no_address() -> None:
    """Pinned by version and hash; where they come from is the installer's affair."""
    text = (ROOT / ".ci" / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert all("==" in line for line in pins)
    assert text.count("--hash=sha256:") >= len(pins)
