"""A program on a terminal of its own: what it draws, and keys for it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time


def heed_hangups():
    """In a child: as a shell that a person has opened starts it, though the tests may run under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def on_its_own_terminal():
    heed_hangups()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    def __init__(self, command, env, rows=40, columns=110):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # A session with the terminal as its own: Ctrl-C reaches the programs as it does for a person.
        self.process = subprocess.Popen(
            [str(c) for c in command], env=env, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=on_its_own_terminal)
        os.close(slave)
        self.raw = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)

    @property
    def text(self):
        """All that was written, without colours and cursor movements."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw.decode(errors="replace")).replace("\r", "")

    def read(self, seconds=0.05):
        if not select.select([self.master], [], [], seconds)[0]:
            return self.process.poll() is None
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.raw += chunk
        return bool(chunk)

    def until(self, pattern, seconds=60):
        """Reads until the pattern has been written; fails when it is not in time."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            if time.monotonic() > end or not self.read():
                raise AssertionError(f"no {pattern!r} in:\n{self.text[-3000:]}")

    def resize(self, rows=40, columns=110):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def keys(self, text):
        os.write(self.master, text.encode())

    def finish(self, seconds=60):
        """The exit status; everything written by then has been read."""
        end = time.monotonic() + seconds
        while self.read():
            if time.monotonic() > end:
                raise AssertionError(f"still running after {seconds} s:\n{self.text[-3000:]}")
        return self.process.wait(timeout=seconds)
