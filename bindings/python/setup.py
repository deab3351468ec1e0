# SPDX-License-Identifier: MIT
"""Builds the SWIG half of the package. Everything else is in pyproject.toml.

The version is that of the installed library, which pkg-config tells: it is stated once, in the core.
"""

import os
import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

HERE = os.path.dirname(os.path.abspath(__file__))


def pkg_config(*arguments: str) -> str:
    try:
        return subprocess.run(["pkg-config", *arguments, "abjure"], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True).stdout.strip()
    except FileNotFoundError:
        raise SystemExit("abjure: pkg-config is missing; install the package pkg-config") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            "abjure: pkg-config does not find libabjure; install the library first, and where it is not under /usr or "
            f"/usr/local set PKG_CONFIG_PATH to its lib/pkgconfig folder\n{error.stderr.strip()}") from None


def version() -> str:
    carried = os.path.join(HERE, "PKG-INFO")  # in an sdist
    if os.path.exists(carried):
        with open(carried, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("Version: "):
                    return line.split(": ", 1)[1].strip()
    return pkg_config("--modversion")


class Build(build_ext):
    """Runs SWIG into the build folder: build_py runs first and would miss what SWIG writes beside the sources."""

    def build_extension(self, extension: Extension) -> None:
        out = os.path.join(self.build_temp, "swig")
        target = os.path.dirname(self.get_ext_fullpath(extension.name))
        os.makedirs(out, exist_ok=True)
        os.makedirs(target, exist_ok=True)
        wrapper = os.path.join(out, "core_wrap.c")
        try:
            subprocess.run(["swig", "-python", "-I" + pkg_config("--variable=includedir"), "-outdir", out, "-o", wrapper,
                            os.path.join(HERE, "abjure.i")], check=True)
        except FileNotFoundError:
            raise SystemExit("abjure: swig is missing; install the package swig") from None
        # The .py that SWIG writes only forwards to the extension; the package calls the extension itself.
        extension.sources = [wrapper]
        libdir = pkg_config("--variable=libdir")
        extension.include_dirs = [pkg_config("--variable=includedir")]
        extension.library_dirs = [libdir]
        extension.runtime_library_dirs = [libdir]
        super().build_extension(extension)


class Source(sdist):
    """The interface file is a link in the repository and a file in the archive."""

    def make_release_tree(self, base_dir: str, files: list) -> None:
        super().make_release_tree(base_dir, files)
        target = os.path.join(base_dir, "abjure.i")
        if os.path.lexists(target):
            os.unlink(target)
        self.copy_file(os.path.realpath(os.path.join(HERE, "abjure.i")), target)


setup(
    version=version(),
    ext_modules=[Extension("abjure._core", sources=[], libraries=["abjure"],
                           extra_compile_args=["-Wall"])],
    cmdclass={"build_ext": Build, "sdist": Source},
)
