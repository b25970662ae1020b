#!/usr/bin/env python3
"""Start or stop a standalone Spark cluster on this machine: a master and two workers, reachable from this machine alone.

For trying build.py --target spark, and for its tests. Processes and logs are in a folder (default: warehouse/spark_cluster).
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from support import environment
from support.environment import FAILED, OK, PROJECT

HOST = "127.0.0.1"
# Seconds that the master and the workers may take to start.
PATIENCE = 60


def parse_arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="spark_cluster.py", description="Start or stop a Spark cluster on this machine.")
    parser.add_argument("command", choices=["start", "stop"])
    parser.add_argument("--folder", type=Path, default=PROJECT / "warehouse" / "spark_cluster", metavar="DIR", help="folder of process ids and logs")
    parser.add_argument("--port", type=int, default=7077, metavar="N", help="port of the master (default: 7077)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="number of workers (default: 2)")
    parser.add_argument("--memory", default="768m", metavar="SIZE", help="memory of a worker (default: 768m)")
    return parser.parse_args()


def launch(folder: Path, name: str, *arguments: str) -> int:
    """Start a process of Spark that outlives this one. Returns its id."""
    import pyspark

    home = Path(pyspark.__file__).parent
    # Small heaps: a worker of Spark only starts executors, which have its --memory.
    settings = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST, "SPARK_DAEMON_MEMORY": "128m", "SPARK_LOG_DIR": str(folder), "SPARK_WORKER_DIR": str(folder / "work")}
    with open(folder / f"{name}.log", "ab") as log:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{arguments[0]}", *arguments[1:]]
        process = subprocess.Popen(command, env=os.environ | settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (folder / f"{name}.pid").write_text(str(process.pid))
    return process.pid


def waited(condition) -> bool:
    """Wait for a condition. Whether it came true in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def is_listening(port: int) -> bool:
    """Whether the master's port is open."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
        return True
    except OSError:
        return False


def start(folder: Path, port: int, workers: int, memory: str) -> int:
    """Start master and workers. Returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    if is_listening(port):
        print(f"Port {port} is in use: stop what runs there, or choose another --port", file=sys.stderr)
        return FAILED
    launch(folder, "master", "master.Master", "--host", HOST, "--port", str(port), "--webui-port", "0")
    if not waited(lambda: is_listening(port)):
        print(f"The master did not start: {folder / 'master.log'}", file=sys.stderr)
        return FAILED
    begun = (folder / "master.log").stat().st_size
    for number in range(1, workers + 1):
        launch(folder, f"worker_{number}", "worker.Worker", "--host", HOST, "--cores", "1", "--memory", memory, "--webui-port", "0", f"spark://{HOST}:{port}")
    if not waited(lambda: (folder / "master.log").read_bytes()[max(begun - 2000, 0):].count(b"Registering worker") >= workers):
        print(f"The workers did not start: {folder}/worker_*.log", file=sys.stderr)
        return FAILED
    print(f"spark://{HOST}:{port} has {workers} workers")
    return OK


def stop(folder: Path) -> int:
    """Stop all processes that `start` began in this folder, and wait for their end. Returns the exit code."""

    def runs(pid: int) -> bool:
        try:
            # The id may belong to another process by now.
            return b"org.apache.spark.deploy" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False

    files = {int(file.read_text()): file for file in sorted(folder.glob("*.pid"), reverse=True)}
    for pid in filter(runs, files):
        os.killpg(pid, signal.SIGTERM)
    if not waited(lambda: not any(map(runs, files))):
        print(f"Processes of {folder} do not end: {', '.join(str(pid) for pid in files if runs(pid))}", file=sys.stderr)
        return FAILED
    for file in files.values():
        file.unlink()
    return OK


if __name__ == "__main__":
    chosen = parse_arguments()
    environment.enter(environment.SPARK)
    sys.exit(stop(chosen.folder) if chosen.command == "stop" else start(chosen.folder, chosen.port, chosen.workers, chosen.memory))
