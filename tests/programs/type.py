"""Types into a program at a pseudo-terminal: JSON lines of [what to wait for, what to type]; prints what was seen."""

import json
import os
import pty
import select
import signal
import sys

PATIENCE = 60
COLUMNS = 200


def read(terminal):
    """What comes next; nothing at the end, or when nothing comes."""
    ready, _, _ = select.select([terminal], [], [], PATIENCE)
    try:
        return os.read(terminal, 65536).decode(errors="replace") if ready else ""
    except OSError:
        return ""


def main():
    steps = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", COLUMNS=str(COLUMNS))
        os.execv(sys.argv[2], sys.argv[2:])
    seen, whole = "", ""
    for awaited, typed in steps:
        while awaited not in seen:
            part = read(terminal)
            if not part:
                os.kill(pid, signal.SIGKILL)
                sys.exit(f"waited in vain for {awaited!r}; seen: {seen!r}")
            seen, whole = seen + part, whole + part
        # What comes before the next answer is not the answer to the last question.
        seen = seen.split(awaited, 1)[1]
        os.write(terminal, typed.encode())
    while part := read(terminal):
        whole += part
    _, status = os.waitpid(pid, 0)
    print(json.dumps({"code": os.waitstatus_to_exitcode(status), "seen": whole}))


main()
