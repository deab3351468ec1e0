# SPDX-License-Identifier: MIT
"""What the drivers of this folder share: the languages, and how to run a task of one."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/languages"
LANGUAGES = ["python", "java", "crystal", "go", "rust", "node", "ruby", "perl"]


def command(language, stage, work, *task):
    """The words that run a task; LANGUAGE.sh has the list of tasks."""
    return [str(HERE / f"{language}.sh"), str(stage), str(pathlib.Path(work) / language), *map(str, task)]


def run(language, stage, work, *task, timeout=300):
    return subprocess.run(command(language, stage, work, *task), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=timeout)


def table(rows):
    """Columns padded to their widest cell."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n" for row in rows)
