"""Work of another user: a process that gave up what root may."""

import os
import pwd
from collections.abc import Callable

IS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")


def as_nobody(work: Callable[[], object]) -> str:
    """What some work of the user nobody gives, or the error that ends it; only root can ask for it."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        try:
            os.setgroups([])
            os.setgid(NOBODY.pw_gid)
            os.setuid(NOBODY.pw_uid)
            said = str(work())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    os.waitpid(process, 0)
    return said
