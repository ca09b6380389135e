"""What do we ask of the Linux kernel that Python has no words for? Elsewhere: nothing."""

import ctypes
import os
import signal
import sys

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT = 1, 8, 36, 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def adopt_orphans() -> None:
    """Make grandchildren whose parent died our own children, to be ended and reaped by us."""
    if _libc:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent(how: signal.Signals) -> None:
    """Let the kernel send `how` to this process when its parent dies; call it after any setuid."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


def become(uid: int, gid: int) -> None:
    """Step down from root for good, keeping only the right to read through closed folders.

    PostgreSQL refuses root, and a checkout below a home of mode 0700 would be out of reach for
    the account it runs under; this one capability lets everything stay where it is.
    """
    os.setgroups([gid])
    os.setgid(gid)
    if not _libc:
        os.setuid(uid)
        return
    _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setuid(uid)
    # Containers often withhold the narrow right and give the wide one.
    if not _keep_only(CAP_DAC_READ_SEARCH):
        _keep_only(CAP_DAC_OVERRIDE)


def _keep_only(capability: int) -> bool:
    """Reduce this process to one capability that survives exec; False where we do not have it."""
    if not _libc:
        return False
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    rights = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
    if _libc.capset(header, rights) != 0:
        return False
    return bool(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)
