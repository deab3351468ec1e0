# SPDX-License-Identifier: MIT
"""The page for fleets: its files are valid, its commands work, its queries find what they are for."""
import json
import os
import re
import shutil
import subprocess
import unittest

import yaml

import audit
from support import ABJURE, SOURCE, Case, abjure, as_root, call, flat, main

FLEET = os.path.join(SOURCE, "examples", "fleet")
RUNTIME = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
    {"names": ["read", "write", "execve", "mount", "exit_group", "mmap", "ptrace"], "action": "SCMP_ACT_ALLOW"}]}
WHY_NOT = audit.why_not()


def read(name):
    with open(os.path.join(FLEET, name), encoding="utf-8") as file:
        return file.read()


def documents():
    """By name, what abjure says of records of each kind, as Filebeat sends it."""
    fields = {"auid": 1000, "uid": 33, "gid": 33, "ses": 4, "subj": "unconfined", "pid": 7, "comm": '"sh"',
              "exe": '"/bin/dash"', "sig": 0, "arch": "c000003e", "syscall": 49, "compat": 0, "ip": "0x7f", "code": "0x50000"}
    kinds = {"kill": {"code": "0x80000000", "sig": 31}, "exec": {"syscall": 59}, "bind": {},
             "x86": {"arch": "40000003", "syscall": 361}, "root": {"uid": 0, "syscall": 165}, "log": {"code": "0x7ffc0000"}}
    log = "".join("type=SECCOMP msg=audit(1592235264.942:94): " + " ".join(f"{k}={v}" for k, v in {
        **fields, **changed}.items()) + "\n" for changed in kinds.values())
    said = abjure("explain", "--ecs", input=log).stdout.splitlines()
    found = {kind: flat(json.loads(line)) for kind, line in zip(kinds, said)}
    found["lost"] = {"event.action": "lost-audit-records", "event.kind": "pipeline_error", "seccomp.lost": 3}
    return found


def finds(query, document):
    """Whether a query of Kibana's language, of the kind that the page has, finds a document."""
    for part in query.split(" and "):
        field, value = part.split(": ", 1)
        wanted = value.strip("()").split(" or ")
        if str(document.get(field)) not in wanted:
            return False
    return True


class Files(Case):
    def test_yaml(self):
        filebeat = yaml.safe_load(read("filebeat.yml"))
        template = json.loads(read("index-template.json"))
        index = filebeat["output.elasticsearch"]["index"]
        self.assertTrue(any(re.fullmatch(pattern.replace("*", ".*"), index) for pattern in template["index_patterns"]))
        fields = filebeat["processors"][1]["add_fields"]["fields"]
        self.assertEqual("-".join(fields[key] for key in ("type", "dataset", "namespace")), index)
        pod = yaml.safe_load(read("pod.yaml"))
        profile = pod["spec"]["containers"][0]["securityContext"]["seccompProfile"]
        self.assertEqual(profile, {"type": "Localhost", "localhostProfile": "abjure/container.json"})
        self.assertIn("/var/lib/kubelet/seccomp/" + profile["localhostProfile"], read("README.md"))

    def test_the_template_has_every_field(self):
        mapped = {}

        def walk(properties, prefix):
            for name, value in properties.items():
                if "properties" in value:
                    walk(value["properties"], f"{prefix}{name}.")
                else:
                    mapped[prefix + name] = value["type"]

        walk(json.loads(read("index-template.json"))["template"]["mappings"]["properties"], "")
        for document in documents().values():
            for field, value in document.items():
                self.assertIn(field, mapped)
                number = isinstance(value, int) and not isinstance(value, bool)
                self.assertEqual(mapped[field] == "long", number, field)
                self.assertEqual(mapped[field] == "boolean", isinstance(value, bool), field)

    def test_paths_agree(self):
        log = "/var/log/abjure/violations.ndjson"
        self.assertIn(f"append:{log}\n", read("abjure-watch.service"))
        self.assertIn(f"\n{log} {{\n", read("abjure-watch.logrotate"))
        self.assertIn(os.path.dirname(log) + " ", read("abjure-watch.tmpfiles"))
        self.assertEqual(yaml.safe_load(read("filebeat.yml"))["filebeat.inputs"][0]["paths"], [log + "*"])

    def test_unit(self):
        self.assertIsNotNone(shutil.which("systemd-analyze"), "systemd-analyze is missing: install systemd")
        path = self.write("abjure-watch.service", read("abjure-watch.service").replace("/usr/bin/abjure", ABJURE))
        result = call("systemd-analyze", "verify", "--man=no", path)
        self.assertEqual((result.returncode, [line for line in result.stderr.splitlines() if "abjure-watch" in line]),
                         (0, []), result.stderr)

    def test_logrotate(self):
        self.assertIsNotNone(shutil.which("logrotate", path=os.environ["PATH"] + ":/usr/sbin"), "install logrotate")
        log = self.write("violations.ndjson", "x" * 1000)
        os.chmod(self.folder, 0o700)
        path = self.write("conf", read("abjure-watch.logrotate").replace("/var/log/abjure", self.folder)
                          .replace("100M", "100"))
        with open(log, "a", encoding="ascii") as writer:
            result = call("/usr/sbin/logrotate", "-s", self.path("state"), path)
            self.gives(result, 0)
            writer.write("y\n")
        with open(log, encoding="ascii") as file:
            self.assertEqual(file.read(), "y\n")
        self.assertEqual(os.path.getsize(log + ".1"), 1000)

    @as_root
    @unittest.skipIf(WHY_NOT, WHY_NOT)
    def test_capabilities_suffice(self):
        """Under those of the unit the watcher misses nothing."""
        names = re.search(r"CapabilityBoundingSet=(.*)", read("abjure-watch.service")).group(1).split()
        kept = ",".join("+" + name[4:].lower() for name in names)
        words = re.search(r"ExecStart=/usr/bin/abjure (.*)", read("abjure-watch.service")).group(1).split()
        result = call("setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all", "--no-new-privs", ABJURE, *words,
                      "--for", "1")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        for part in ("cannot be watched", "is not known", "is small"):
            self.assertNotIn(part, result.stderr)


class Queries(unittest.TestCase):
    def test_each_finds_its_own(self):
        rows = re.findall(r"^\| ([^|]+) \| `([^`]+)` \|$", read("README.md").split("## What to alert on")[1], re.M)
        found = {what: {kind for kind, one in documents().items() if finds(query, one)} for what, query in rows}
        self.assertEqual(list(found.values()), [{"kill"}, {"exec"}, {"kill", "bind", "x86", "log"}, {"x86"}, {"root"},
                                                {"log"}, {"lost"}])

    def test_fields_of_the_table(self):
        known = {field for one in documents().values() for field in one} | {
            "seccomp.at", "container.id", "systemd.unit"}
        table = read("README.md").split("| field |")[1].split("\n\n")[0]
        names = [name for cell in re.findall(r"^\| (`[^|]+`) \|", table, re.M) for name in re.findall(r"`([^`]+)`", cell)]
        self.assertGreater(len(names), 7)
        for name in names:
            self.assertTrue(any(re.fullmatch(name.replace(".", r"\.").replace("*", ".+"), one) for one in known), name)


class Commands(Case):
    """Every command of the page is run, or it is said why not."""

    ELSEWHERE = {"systemd-tmpfiles": "changes the system", "systemctl": "needs systemd", "curl": "needs Elasticsearch",
                 "docker": "needs Docker", "kubectl": "needs Kubernetes"}

    def test_all(self):
        with open(self.path("default.json"), "w", encoding="utf-8") as file:
            json.dump(RUNTIME, file)
        for name in os.listdir(FLEET):
            shutil.copy(os.path.join(FLEET, name), self.folder)
        root = self.path("root")
        environment = dict(os.environ, PATH=os.path.dirname(ABJURE) + os.pathsep + os.environ["PATH"])
        blocks = re.findall(r"^```sh\n(.*?)^```", read("README.md"), re.M | re.S)
        commands = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        self.assertGreater(len(commands), 9)
        for command in commands:
            why = self.ELSEWHERE.get(command.split()[0])
            if why:
                print(f"not run: {' '.join(command.split()[:3])}: {why}")
                continue
            for place in ("/etc/", "/var/"):
                command = command.replace(" " + place, f" {root}{place}")
            for target in re.findall(rf"{root}\S+/", command):
                os.makedirs(target, exist_ok=True)
            result = subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment, capture_output=True,
                                    text=True, check=False)
            self.gives(result, 0)
        result = abjure("check", self.path("container.json"), "mount", "ptrace", "read", "bind")
        self.assertEqual([line.rsplit(": ", 1)[1] for line in result.stdout.splitlines() if not line.startswith(" ")],
                         ["kill", "kill", "allow", "EPERM"])
        self.assertTrue(os.path.exists(root + "/var/lib/kubelet/seccomp/abjure/container.json"))


if __name__ == "__main__":
    main()
