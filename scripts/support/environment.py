"""The project's own Python environment: .venv beside dbt_project.yml, from requirements.lock.

It uses only the standard library, because it runs before anything is installed.
"""

import atexit
import contextlib
import gc
import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
LOCK = PROJECT / "requirements.lock"
# Additional packages of calibrate.py.
CALIBRATE = PROJECT / "requirements-calibrate.lock"
# What --target postgres needs.
POSTGRES = PROJECT / "requirements-postgres.lock"
# What --target spark needs.
SPARK = PROJECT / "requirements-spark.lock"
# What the tests of the report page need besides a browser.
BROWSER = PROJECT / "requirements-browser.lock"
SUPPORTED = ((3, 10), (3, 13))

# Success; a build or test failed; wrong usage or input.
OK, FAILED, WRONG_INPUT = 0, 1, 2


def shown(path: Path) -> Path:
    """A path relative to the project, if the project is the current folder."""
    return path.relative_to(PROJECT) if path.is_relative_to(PROJECT) and Path.cwd() == PROJECT else path


def venv_python() -> Path:
    """The interpreter of .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def enter(*groups: Path) -> None:
    """Continue inside .venv. Create it first if it is missing or was created from another lock file. `groups` are additional lock files.

    Replaces the running process. Exits with code 2 if Python is too old or too new, or if pip fails.
    """
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        sys.exit(
            _wrong(f"Python {sys.version_info[0]}.{sys.version_info[1]} is not supported; use Python 3.10 to 3.13.")
        )
    for lock in (LOCK, *groups):
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        # The stamp is written last, so an interrupted installation is repeated.
        stamp = VENV / ("installed-from-lock" if lock == LOCK else f"installed-from-{lock.name}")
        try:
            installed = _is_installed(stamp, wanted)
        except OSError as error:
            sys.exit(_wrong(f"{VENV}: cannot be read: {error.strerror}"))
        if not installed:
            try:
                with _alone():
                    # Another process may have installed it meanwhile.
                    if not _is_installed(stamp, wanted):
                        _install(lock, stamp, wanted)
            except OSError as error:
                sys.exit(_wrong(f"{error.filename or PROJECT}: cannot be written: {error.strerror}"))
    # In a C locale Python may decode file names as ASCII, and DuckDB cannot open other names.
    is_ascii = sys.getfilesystemencoding().lower() != "utf-8"
    if is_ascii:
        os.environ["PYTHONUTF8"] = "1"
    if Path(sys.prefix).resolve() != VENV.resolve() or is_ascii:
        command = [str(venv_python()), *sys.argv]
        if os.name == "nt":
            sys.exit(subprocess.call(command))
        os.execv(command[0], command)
    # dbt's modules and its manifest are large graphs of objects that live until the end. With Python's own thresholds, the collector's passes over
    # them take a seventh of a small build's time.
    gc.set_threshold(200_000, 50, 1_000)


def run(main, options) -> None:
    """Run main(options) and end the process with its exit code, without Python's own collections of garbage, of which the last alone takes half a second after dbt."""
    gc.disable()
    code = main(options)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # The code of Python's own end.
            code = code or 120
    os._exit(code)


def locked(handle) -> bool:
    """Try to lock an open file and return whether it worked. The system releases the lock when the process ends."""
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _alone():
    """One process at a time creates .venv; the others wait."""
    with open(PROJECT / ".venv.lock", "a+", encoding="utf-8") as handle:
        while not locked(handle):
            time.sleep(0.2)
        yield


def _is_installed(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted and venv_python().exists()


def _install(lock: Path, stamp: Path, wanted: str) -> None:
    # Not on stdout, where --json prints the record of the run alone.
    print(f"Setting up .venv from {lock.name} (once; about a minute) ...", file=sys.stderr, flush=True)
    try:
        # A running interpreter cannot be replaced. If it is that of .venv (schedulers), packages are installed into it.
        if lock == LOCK and Path(sys.prefix).resolve() != VENV.resolve():
            venv.create(VENV, with_pip=True, clear=True)
        subprocess.run(
            [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", str(lock)],
            check=True,
            stderr=subprocess.PIPE,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        sys.exit(_wrong(f"The environment could not be set up in {VENV}:\n{detail.strip()}"))
    stamp.write_text(wanted)


def _wrong(message: str) -> int:
    print(message, file=sys.stderr)
    return WRONG_INPUT
