# SPDX-License-Identifier: MIT
"""abjure watch with a log that is written and rotated."""
import json
import os
import random
import shutil
import signal
import time

from support import main
from watcher import WatchCase, Watcher, record


class Log(WatchCase):
    """Files, which need no privileges."""

    def follow(self, *options, **more):
        self.log = self.path("audit.log")
        if not os.path.exists(self.log):
            self.write("audit.log", record(1, pid=1))
        return Watcher(self, "--file", self.log, "--json", *options, **more)

    def append(self, text, path=None):
        with open(path or self.log, "ab") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def serials(self, text):
        return [json.loads(line)["serial"] for line in text.splitlines()]

    def test_only_what_is_new(self):
        watcher = self.follow()
        self.append(record(2) + "type=SYSCALL msg=audit(1592235264.942:3): arch=c000003e\n" + record(4))
        watcher.shows('"serial":4,')
        self.assertEqual(self.serials(watcher.end()), [2, 4])

    def test_rename(self):
        watcher = self.follow()
        self.append(record(2))
        watcher.shows('"serial":2,')
        writer = open(self.log, "ab")
        os.rename(self.log, self.log + ".1")
        time.sleep(0.3)  # for a while there is no file
        writer.write(record(3).encode())  # auditd may still write to the old one
        writer.close()
        self.append(record(4))
        watcher.shows('"serial":4,')
        self.assertEqual(self.serials(watcher.end()), [2, 3, 4])

    def test_a_writer_that_learns_late(self):
        """logrotate makes the new file before it tells the writer, who goes on with the old one until then."""
        watcher = self.follow()
        with open(self.log, "ab") as writer:
            os.rename(self.log, self.log + ".1")
            self.append("")
            time.sleep(0.5)
            writer.write(record(2).encode())
        watcher.shows('"serial":2,')
        self.append(record(3))
        watcher.shows('"serial":3,')
        self.assertEqual(self.serials(watcher.end()), [2, 3])

    def test_several_rotations_at_once(self):
        watcher = self.follow()
        os.kill(watcher.process.pid, signal.SIGSTOP)
        for serial in range(2, 8):
            self.append(record(serial))
            for number in range(9, 0, -1):
                if os.path.exists(f"{self.log}.{number}"):
                    os.rename(f"{self.log}.{number}", f"{self.log}.{number + 1}")
            os.rename(self.log, self.log + ".1")
        self.append(record(8))
        os.kill(watcher.process.pid, signal.SIGCONT)
        watcher.shows('"serial":8,')
        self.assertEqual(self.serials(watcher.end()), [2, 3, 4, 5, 6, 7, 8])

    def test_look_between_two_names_of_a_rotation(self):
        watcher = self.follow()
        os.kill(watcher.process.pid, signal.SIGSTOP)
        self.append(record(2))
        os.rename(self.log, self.log + ".1")
        self.append(record(3))
        os.rename(self.log + ".1", self.log + ".2")
        os.rename(self.log, self.log + ".1")
        self.append(record(4))
        os.rename(self.log + ".2", self.log + ".3")  # of the next rotation, the first step
        os.kill(watcher.process.pid, signal.SIGCONT)
        time.sleep(0.5)
        os.rename(self.log + ".1", self.log + ".2")
        os.rename(self.log, self.log + ".1")
        self.append(record(5))
        watcher.shows('"serial":5,')
        self.assertEqual(self.serials(watcher.end()), [2, 3, 4, 5])

    def test_rotation_under_load(self):
        watcher = self.follow("--count", "50000")
        for serial in range(2, 50_002, 100):
            self.append("".join(record(serial + i) for i in range(100)))
            if serial % 1000 == 2:
                for number in range(60, 0, -1):
                    if os.path.exists(f"{self.log}.{number}"):
                        os.rename(f"{self.log}.{number}", f"{self.log}.{number + 1}")
                os.rename(self.log, self.log + ".1")
        watcher.shows('"serial":50001,')
        self.assertEqual(self.serials(watcher.end(how=None)), list(range(2, 50_002)))

    def test_copytruncate(self):
        watcher = self.follow()
        self.append(record(2) * 3)
        watcher.shows('"serial":2,')
        shutil.copy(self.log, self.log + ".1")
        os.truncate(self.log, 0)
        time.sleep(0.3)
        self.append(record(3))
        watcher.shows('"serial":3,')
        self.assertEqual(self.serials(watcher.end()), [2, 2, 2, 3])

    def test_records_cut_in_two(self):
        watcher = self.follow()
        text = record(2)
        self.append(text[:70])
        time.sleep(0.4)
        self.append(text[70:] + record(3)[:70])
        watcher.shows('"serial":2,')
        # The end of a file that was cut off for good is shown as damaged.
        os.rename(self.log, self.log + ".1")
        self.append(record(4))
        watcher.shows('"serial":4,')
        self.assertEqual(self.serials(watcher.end()), [2, 4])
        self.assertEqual(watcher.counts()["damaged"], 1)
        self.assertIn("a damaged record: ", watcher.messages())

    def test_long_lines_and_junk(self):
        random.seed(11)
        watcher = self.follow()
        self.append(random.randbytes(300_000) + b"\n" + bytes(70_000) + b"\n")
        self.append(record(2, comm='"' + "x" * 65_536 + '"'))
        self.append(b"type=SECCOMP " + b"y" * (3 << 20) + b"\n" + record(3).encode())
        watcher.shows('"serial":3,')
        self.assertEqual(self.serials(watcher.end()), [2, 3])
        self.assertEqual(watcher.counts()["damaged"], 1)

    def test_every_change_of_a_line(self):
        random.seed(13)
        watcher = self.follow()
        for _ in range(50):
            lines = []
            for serial in range(100):
                line = bytearray(record(serial + 2).encode()[:-1])
                for _ in range(random.randint(1, 4)):
                    line[random.randrange(len(line))] = random.choice([random.randrange(256), 34, 61, 32, 48])
                lines.append(bytes(line).replace(b"\n", b" ") + b"\n")
            self.append(b"".join(lines))
        self.append(record(999_999))
        watcher.shows('"serial":999999,')
        documents = [json.loads(line) for line in watcher.end().splitlines()]
        self.assertGreater(len(documents), 1000)

    def test_a_file_that_goes_away(self):
        watcher = self.follow()
        os.rename(self.log, self.log + ".1")
        os.mkdir(self.log)
        self.assertEqual(watcher.process.wait(30), 125)
        self.assertIn("cannot be read any more: Is a directory", watcher.messages())


if __name__ == "__main__":
    main()
