"""Serve a folder with JupyterLab on a free port, with a home and a configuration of its own.

    python code/tools/lab.py FOLDER

Prints the address as soon as it answers, and ends when its standard input does. For the test and
the benchmark of the interactive figure.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(url):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def main(folder):
    with tempfile.TemporaryDirectory() as home:
        names = ("HOME", "IPYTHONDIR", *(f"JUPYTER_{n}_DIR" for n in ("CONFIG", "DATA", "RUNTIME")))
        env = os.environ | {name: str(Path(home, name.lower())) for name in names}
        Path(env["HOME"]).mkdir()
        port = free_port()
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": port,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": True,
            "ServerApp.root_dir": folder,
            "IdentityProvider.token": "course",
            "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "jupyterlab", "--log-level=ERROR", *arguments]
        server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        try:
            while not answers(f"http://127.0.0.1:{port}/api?token=course"):
                if server.poll() is not None:
                    raise SystemExit("lab.py: JupyterLab did not start; its message is above")
                time.sleep(0.1)
            print(f"http://127.0.0.1:{port}/lab/tree/NAME?token=course", flush=True)
            sys.stdin.read()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(sys.argv[1])
