"""Runs a command beside a door on loopback that leads to a unix socket.

Invariant: it ends when its command ends, with its exit code. The sandbox has a loopback of its own;
the one thing outside of it that a command can reach is the scripted model behind the socket. It
runs alone, inside the sandbox, with the project's Python (3.9 or newer):
`python bridge.py SOCKET PORT COMMAND...`
"""

import contextlib
import signal
import socket
import subprocess
import sys
import threading


def _pump(source, target):
    with contextlib.suppress(OSError):
        while True:
            block = source.recv(65536)
            if not block:
                break
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _join(caller, path):
    """Carries one connection in both directions until both ends are done."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with caller, server, contextlib.suppress(OSError):
        server.connect(path)
        up = threading.Thread(target=_pump, args=(caller, server), daemon=True)
        up.start()
        _pump(server, caller)
        caller.shutdown(socket.SHUT_RDWR)
        up.join()


def _open(path, port):
    door = socket.create_server(("127.0.0.1", port), backlog=128)

    def serve():
        while True:
            caller, _ = door.accept()
            threading.Thread(target=_join, args=(caller, path), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def main(path, port, *command):
    """The exit code of the command; where a signal ended it 128 and its number, as a shell."""
    _open(path, int(port))
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda number, _: child.send_signal(number))
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
