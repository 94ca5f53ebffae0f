"""The system call filter, run instruction by instruction as the kernel would."""

from __future__ import annotations

import struct

import pytest

from samplecase.runtime.seccomp import ALLOW, ARCHITECTURES, FAIL, KILL_PROCESS, REFUSED, program

EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
CLONE_NEWUSER, CLONE_THREAD_FLAGS = 0x10000000, 0x003D0F00


def verdict(
    machine: str, number: int, *arguments: int, audit: int | None = None, memory_files: bool = False
) -> int:
    """What the filter returns for one system call."""
    code = program(machine, memory_files=memory_files)
    instructions = [struct.unpack_from("<HBBI", code, at) for at in range(0, len(code), 8)]
    audit = ARCHITECTURES[machine].audit if audit is None else audit
    data = struct.pack("<iIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    register, position = 0, 0
    while True:
        opcode, if_true, if_false, value = instructions[position]
        position += 1
        if opcode == 0x06:
            return int(value)
        if opcode == 0x20:
            register = struct.unpack_from("<I", data, value)[0]
            continue
        holds = {0x15: register == value, 0x35: register >= value, 0x45: bool(register & value)}[opcode]
        position += if_true if holds else if_false


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_each_refused_call_is_refused(machine: str) -> None:
    numbers = [pair[ARCHITECTURES[machine].column] for pair in REFUSED.values()]
    present = [number for number in numbers if number is not None]
    assert len(set(present)) == len(present)
    assert {verdict(machine, number) for number in present} == {FAIL | EPERM}


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_threads_may_be_made_and_namespaces_not(machine: str) -> None:
    facts = ARCHITECTURES[machine]
    assert verdict(machine, facts.clone, CLONE_THREAD_FLAGS) == ALLOW
    assert verdict(machine, facts.clone, CLONE_THREAD_FLAGS | CLONE_NEWUSER) == FAIL | EPERM
    assert verdict(machine, facts.clone3) == FAIL | ENOSYS


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_only_sockets_of_the_replica_s_own_network_may_be_made(machine: str) -> None:
    answers = {family: verdict(machine, ARCHITECTURES[machine].socket, family) for family in range(1, 46)}
    assert [family for family, answer in answers.items() if answer == ALLOW] == [1, 2, 10]
    assert answers[16] == FAIL | EAFNOSUPPORT


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_nobody_types_into_a_terminal(machine: str) -> None:
    ioctl = ARCHITECTURES[machine].ioctl
    assert verdict(machine, ioctl, 0, 0x5412) == FAIL | EPERM
    assert verdict(machine, ioctl, 0, 0x5401) == ALLOW


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert verdict(machine, 1, audit=0x40000003) == KILL_PROCESS


def test_the_x32_numbers_of_x86_end_the_process() -> None:
    assert verdict("x86_64", 0x40000000 | 101) == KILL_PROCESS


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_ordinary_calls_pass(machine: str) -> None:
    assert {verdict(machine, number) for number in (0, 1, 3, 9, 12, 63, 64, 202, 222)} == {ALLOW}


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
def test_files_in_memory_are_for_boxes_with_a_gpu(machine: str) -> None:
    number = ARCHITECTURES[machine].memfd_create
    assert verdict(machine, number) == FAIL | ENOSYS
    assert verdict(machine, number, memory_files=True) == ALLOW
