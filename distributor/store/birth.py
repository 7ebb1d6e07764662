"""What tells a file from a copy of it, on this machine and after it was started again.

Its inode and the time of its birth, which the kernel writes once (statx). Where a file system keeps none, its
device and inode: there a device that gets another number looks like a copy.
"""

import ctypes
import os
from pathlib import Path

_AT_FDCWD, _BTIME = -100, 0x800


class _Time(ctypes.Structure):
    _fields_ = (("sec", ctypes.c_int64), ("nsec", ctypes.c_uint32), ("reserved", ctypes.c_int32))


class _Statx(ctypes.Structure):
    """As <linux/stat.h>, up to the times."""

    _fields_ = (
        ("mask", ctypes.c_uint32),
        ("before", ctypes.c_uint8 * 76),
        ("btime", _Time),
        ("behind", ctypes.c_uint8 * 160),
    )


def identity(path: Path) -> str:
    """ "ino 1234 born 1768640400.123456789"."""
    born = _born(path)
    return f"ino {os.stat(path).st_ino} born {born}" if born else device(path)


def device(path: Path) -> str:
    """ "64769:1234": device and inode."""
    found = os.stat(path)
    return f"{found.st_dev}:{found.st_ino}"


def _born(path: Path) -> str | None:
    """When the file was made, in seconds; None where nobody knows."""
    statx = getattr(ctypes.CDLL(None), "statx", None)
    if statx is None:
        return None
    told = _Statx()
    failed = statx(_AT_FDCWD, os.fsencode(path), 0, _BTIME, ctypes.byref(told))
    if failed or not told.mask & _BTIME or not told.btime.sec:
        return None
    return f"{told.btime.sec}.{told.btime.nsec:09}"
