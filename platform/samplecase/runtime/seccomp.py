"""The system calls that a replica is refused, as a classic BPF program for the kernel's seccomp filter.

Format: <linux/filter.h> `struct sock_filter` {u16 code, u8 jt, u8 jf, u32 k} over `struct seccomp_data`
{int nr, u32 arch, u64 ip, u64 args[6]} (seccomp(2)). Everything that is not listed is allowed: user code is
kept in by the namespaces; this closes what reaches past them or has a history of kernel faults.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL_PROCESS, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER_OFFSET, ARCHITECTURE_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16

NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
X32_BIT = 0x40000000
SOCKET_FAMILIES = (1, 2, 10)  # unix, inet, inet6: all bound to the replica's own, empty network
TERMINAL_REQUESTS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into somebody's terminal

# System call: number on x86_64, number on aarch64 (None: it has none).
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "shmget": (29, 194),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}


@dataclass(frozen=True)
class Architecture:
    """What differs between processors: the audit number and the calls that are looked into."""

    column: int  # in REFUSED
    audit: int
    clone: int
    clone3: int
    ioctl: int
    memfd_create: int
    socket: int
    has_x32: bool


ARCHITECTURES = {
    "x86_64": Architecture(
        0, 0xC000003E, clone=56, clone3=435, ioctl=16, memfd_create=319, socket=41, has_x32=True
    ),
    "aarch64": Architecture(
        1, 0xC00000B7, clone=220, clone3=435, ioctl=29, memfd_create=279, socket=198, has_x32=False
    ),
}


def program(machine: str | None = None, *, memory_files: bool = False) -> bytes:
    """The filter for this processor. Raises `KeyError` for one that it was not written for.

    `memory_files` allows files without a name (memfd_create), which no limit counts: the drivers of a GPU use them.
    """
    return b"".join(_assemble(ARCHITECTURES[machine or platform.machine()], memory_files=memory_files))


def _assemble(architecture: Architecture, *, memory_files: bool) -> Iterator[bytes]:
    yield _instruction(LOAD, ARCHITECTURE_OFFSET)
    yield _instruction(JUMP_EQUAL, architecture.audit, 1, 0)
    yield _instruction(RETURN, KILL_PROCESS)
    yield _instruction(LOAD, NUMBER_OFFSET)
    if architecture.has_x32:
        yield _instruction(JUMP_AT_LEAST, X32_BIT, 0, 1)
        yield _instruction(RETURN, KILL_PROCESS)
    for numbers in REFUSED.values():
        number = numbers[architecture.column]
        if number is not None:
            yield _instruction(JUMP_EQUAL, number, 0, 1)
            yield _fail(errno.EPERM)
    if not memory_files:
        # Told that it does not exist, libraries take a file in the temporary folder, whose size is limited.
        yield _instruction(JUMP_EQUAL, architecture.memfd_create, 0, 1)
        yield _fail(errno.ENOSYS)
    # clone3 hides its flags behind a pointer; told that it does not exist, libc uses clone.
    yield _instruction(JUMP_EQUAL, architecture.clone3, 0, 1)
    yield _fail(errno.ENOSYS)
    yield from _looked_into(
        architecture.clone, 0, [_instruction(JUMP_ANY_BIT, NEW_NAMESPACES, 0, 1), _fail(errno.EPERM)]
    )
    yield from _looked_into(architecture.ioctl, 1, _fail_for(TERMINAL_REQUESTS))
    yield from _looked_into(architecture.socket, 0, _fail_unless(SOCKET_FAMILIES))
    yield _instruction(RETURN, ALLOW)


def _looked_into(number: int, argument: int, body: Sequence[bytes]) -> Iterator[bytes]:
    """For the call `number`, run `body` with the low half of an argument loaded; load the number again."""
    yield _instruction(JUMP_EQUAL, number, 0, len(body) + 2)
    yield _instruction(LOAD, ARGUMENTS_OFFSET + 8 * argument)
    yield from body
    yield _instruction(LOAD, NUMBER_OFFSET)


def _fail_for(values: Sequence[int]) -> list[bytes]:
    return [line for value in values for line in (_instruction(JUMP_EQUAL, value, 0, 1), _fail(errno.EPERM))]


def _fail_unless(values: Sequence[int]) -> list[bytes]:
    tests = [_instruction(JUMP_EQUAL, value, len(values) - index, 0) for index, value in enumerate(values)]
    return [*tests, _fail(errno.EAFNOSUPPORT)]


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _fail(number: int) -> bytes:
    return _instruction(RETURN, FAIL | number)
