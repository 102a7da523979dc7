"""Tries to make files as a container's user, from outside: an image need not hold a shell, nor anything else.

    python touch.py PID UID GID GROUPS PATH...

takes on the file system and the ids of a process, and writes for each path a line: ``written``, or why no file can be
made there. A program of its own, because nothing leads back from a root and ids once they are taken on. Started as
root, or by ``podman unshare``, where ids are those inside the container.
"""

from __future__ import annotations

import errno
import os
import sys

WRITTEN = "written"
NAME = ".berth-rehearsal"


def main(pid: str, uid: str, gid: str, groups: str, *paths: str) -> None:
    """Enter the process's root, become its user, and try each path."""
    # The link leads into the process's own mounts; its namespaces need not be entered.
    os.chroot(f"/proc/{pid}/root")
    os.chdir("/")
    os.setgroups([int(group) for group in groups.split(",") if group])
    os.setresgid(int(gid), int(gid), int(gid))
    os.setresuid(int(uid), int(uid), int(uid))
    for path in paths:
        print(touch(path))


def touch(folder: str) -> str:
    """Make and remove a file; return ``written``, or the error's name, e.g. ``EROFS`` for a read-only mount."""
    path = os.path.join(folder, NAME)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.unlink(path)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return WRITTEN


if __name__ == "__main__":
    main(*sys.argv[1:])
