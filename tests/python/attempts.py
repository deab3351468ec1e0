#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One attempt to start a program, make a process or listen, in a process of its own: attempts.py NAME [deny]

Prints "worked" (or what the started program prints), or the name of the errno. With "deny" it first loads
@exec, @spawn and @listen.
"""

import ctypes
import errno
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

import abjure

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PROGRAM, ARGV = "/bin/echo", ["echo", "worked"]


def call(number: int, *arguments: object) -> int:
    """A raw system call."""
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)


def machine_code(code: bytes, at_low_address: bool = False) -> int:
    """Puts code where it can run; gives the address."""
    libc.mmap.restype = ctypes.c_void_p
    map_32bit = 0x40 if at_low_address else 0
    page = libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
                     mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | map_32bit, -1, ctypes.c_long(0))
    ctypes.memmove(page, code, len(code))
    return int(page)


def raw(address: int, *arguments: object) -> int:
    result = ctypes.CFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * len(arguments))(address)(*arguments)
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return int(result)


def process(number: int, *arguments: int) -> str:
    """fork, vfork or a clone. The child ends in the code itself: it may share this process's memory and stack."""
    code = (b"\xb8" + struct.pack("<I", number) +  # mov eax, number
            b"\x49\x89\xca\x0f\x05"                # mov r10, rcx; syscall
            b"\x48\x85\xc0\x74\x01\xc3"            # the parent returns
            b"\x31\xff\xb8\x3c\0\0\0\x0f\x05")     # the child calls exit(0)
    os.waitpid(raw(machine_code(code), *arguments), 0)
    return "worked"


def int_80(number: int, first: int = 0, second: int = 0) -> int:
    """A system call in the numbering of x86."""
    code = (b"\x53\xb8" + struct.pack("<I", number) + b"\xbb" + struct.pack("<I", first) +  # push rbx; mov eax; mov ebx
            b"\xb9" + struct.pack("<I", second) + b"\x31\xd2\xcd\x80"                       # mov ecx; xor edx; int 0x80
            b"\x5b\x48\x98\xc3")                                                           # pop rbx; cdqe; ret
    return raw(machine_code(code, at_low_address=True))


def execve_by_int_80() -> str:
    program = PROGRAM.encode() + b"\0"
    low = machine_code(program + b"echo\0worked\0", at_low_address=True)
    argv = low + 256
    ctypes.memmove(argv, struct.pack("<III", low + len(program), low + len(program) + 5, 0), 12)
    int_80(11, low, argv)
    return "came back"


def fork_by_int_80() -> str:
    before = os.getpid()
    child = int_80(2)
    if os.getpid() != before:
        os._exit(0)
    os.waitpid(child, 0)
    return "worked"


def by_descriptor() -> None:
    os.execve(os.open(PROGRAM, os.O_RDONLY), ARGV, {})


def in_memory() -> int:
    memory = os.memfd_create("program")
    with open(PROGRAM, "rb") as program:
        os.write(memory, program.read())
    return memory


def execveat() -> None:
    words = (ctypes.c_char_p * 3)(b"echo", b"worked", None)
    call(322, os.open(PROGRAM, os.O_RDONLY), b"", words, None, 0x1000)  # AT_EMPTY_PATH


def clone3() -> str:
    arguments = (ctypes.c_uint64 * 11)()
    arguments[4] = signal.SIGCHLD
    return process(435, ctypes.addressof(arguments), ctypes.sizeof(arguments))


def subprocess_by(**options: object) -> str:
    return subprocess.run([PROGRAM, "worked"], stdout=subprocess.PIPE, text=True, **options).stdout.strip()


def by_fork_exec() -> str:
    return subprocess_by(preexec_fn=lambda: None)  # with code to run in between it forks


def posix_spawn() -> str:
    os.waitpid(os.posix_spawn(PROGRAM, ARGV, {}), 0)
    return ""


def system() -> str:
    status = os.system("echo worked")
    return f"status {status}" if status else ""


def fork() -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "worked"


class Ring:
    """An io_uring of four entries, by hand."""

    def __init__(self) -> None:
        parameters = ctypes.create_string_buffer(120)
        self.descriptor = call(425, 4, parameters)
        entries, completions = struct.unpack_from("<II", parameters, 0)
        self.submission = struct.unpack_from("<7I", parameters, 40)  # head, tail, mask, entries, flags, dropped, array
        self.completion = struct.unpack_from("<6I", parameters, 80)  # head, tail, mask, entries, overflow, cqes
        size = max(self.submission[6] + 4 * entries, self.completion[5] + 16 * completions)
        self.ring = mmap.mmap(self.descriptor, size)
        self.slots = mmap.mmap(self.descriptor, 64 * entries, offset=0x10000000)

    def submit(self, operation: int, descriptor: int, offset: int = 0, address: int = 0, length: int = 0) -> str:
        self.slots[:32] = struct.pack("<BBHiQQII", operation, 0, 0, descriptor, offset, address, length, 0)
        struct.pack_into("<I", self.ring, self.submission[6], 0)
        struct.pack_into("<I", self.ring, self.submission[1], 1)
        call(426, self.descriptor, 1, 1, 1, None, ctypes.c_size_t(0))  # IORING_ENTER_GETEVENTS
        result = struct.unpack_from("<i", self.ring, self.completion[5] + 8)[0]
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return "worked"


def ring_bind() -> str:
    address = ctypes.create_string_buffer(struct.pack("=HH4s8x", socket.AF_INET, 0, b"\x7f\0\0\1"), 16)
    with socket.socket() as s:
        return Ring().submit(56, s.fileno(), 16, ctypes.addressof(address))


def ring_listen() -> str:
    with socket.socket() as s:
        return Ring().submit(57, s.fileno(), length=5)


def bind() -> str:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
    return "worked"


def listen() -> str:
    with socket.socket() as s:
        s.listen()
    return "worked"


ATTEMPTS = {
    "subprocess": subprocess_by,
    "subprocess, fork": by_fork_exec,
    "os.system": system,
    "os.posix_spawn": posix_spawn,
    "os.fork": fork,
    "os.execv": lambda: os.execv(PROGRAM, ARGV),
    "os.execve, descriptor": by_descriptor,
    "os.execve, memory file": lambda: os.execve(in_memory(), ARGV, {}),
    "os.execve, /proc/self/fd": lambda: os.execve(f"/proc/self/fd/{in_memory()}", ARGV, {}),
    "execveat": execveat,
    "fork": lambda: process(57),
    "vfork": lambda: process(58),
    "clone": lambda: process(56, signal.SIGCHLD, 0, 0, 0, 0),
    "clone, CLONE_VM": lambda: process(56, 0x4100 | signal.SIGCHLD, 0, 0, 0, 0),  # with CLONE_VFORK
    "clone3": clone3,
    "int 0x80, getpid": lambda: "worked" if int_80(20) == os.getpid() else "another process",
    "int 0x80, execve": execve_by_int_80,
    "int 0x80, fork": fork_by_int_80,
    "io_uring, bind": ring_bind,
    "io_uring, listen": ring_listen,
    "bind": bind,
    "listen": listen,
}


def attempt(name: str) -> str:
    try:
        return ATTEMPTS[name]() or ""
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def main() -> None:
    name, denied, older = sys.argv[1], "deny" in sys.argv[2:], "older" in sys.argv[2:]
    ready, go, seen = threading.Event(), threading.Event(), []

    def wait() -> None:
        ready.set()
        go.wait()
        seen.append(attempt(name))

    thread = threading.Thread(target=wait)
    if older:
        thread.start()
        ready.wait()
    if denied:
        abjure.deny("@exec", "@spawn", "@listen")
    if older:
        go.set()
        thread.join()
    else:
        seen.append(attempt(name))
    if seen[0]:
        print(seen[0], flush=True)


if __name__ == "__main__":
    main()
