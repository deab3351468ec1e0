# SPDX-License-Identifier: MIT
"""A headless Chromium, over its own protocol through two pipes: JSON, each message ends with a zero byte."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Browser:
    """One page at a time. What it logs, and what it asks the network for, is kept."""

    def __init__(self, seconds=60):
        program = shutil.which("chromium")
        if program is None:
            raise RuntimeError("chromium is missing: install chromium")
        self.seconds, self.number, self.rest, self.session = seconds, 0, b"", None
        self.messages, self.requests, self.failures = [], [], []
        self.home = tempfile.mkdtemp(prefix="abjure-browser-")
        command_read, self.commands = os.pipe()
        self.answers, answer_write = os.pipe()
        words = [
            program,
            "--headless",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.home}",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-extensions",
            "--disable-component-update",
            "--disable-background-networking",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
        ]
        if os.geteuid() == 0:
            words.append("--no-sandbox")  # its sandbox refuses to run as root
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec 3<&{command_read} 4>&{answer_write}; exec "$@"', "sh", *words],
            pass_fds=[command_read, answer_write],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=self.home, TZ="Asia/Tokyo", LANG="C.UTF-8"),
        )
        os.close(command_read)
        os.close(answer_write)
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def close(self):
        self.session = None
        self.send("Browser.close")
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        # Its helpers end a moment later, and write until then.
        until = time.monotonic() + 10
        while os.path.exists(self.home) and time.monotonic() < until:
            shutil.rmtree(self.home, ignore_errors=True)
            time.sleep(0.05)

    def next_message(self, until):
        while b"\0" not in self.rest:
            if not select.select([self.answers], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.answers, 1 << 20)
            if part == b"":
                raise RuntimeError("the browser has ended")
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def take_event(self, message):
        method, of = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled":
            self.messages.append(of["type"] + ": " + " ".join(str(one.get("value")) for one in of["args"]))
        elif method == "Log.entryAdded":
            self.messages.append(of["entry"]["level"] + ": " + of["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.messages.append(
                "exception: " + json.dumps(of["exceptionDetails"].get("exception", {}).get("description"))
            )
        elif method == "Page.javascriptDialogOpening":
            self.messages.append("dialog: " + of["message"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self.seconds
        while True:
            answer = self.next_message(until)
            if answer.get("id") != self.number:
                self.take_event(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def open(self, path, width=1280, height=900, dark=False):
        """Loads a file; what the page before logged is forgotten."""
        self.messages, self.requests = [], []
        self.size(width, height)
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )
        self.send("Page.navigate", url=f"file://{path}")
        until = time.monotonic() + self.seconds
        while self.evaluate("location.protocol + document.readyState") != "file:complete":
            if time.monotonic() > until:
                raise TimeoutError(f"{path} does not load")
            time.sleep(0.05)

    def size(self, width, height):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def evaluate(self, script):
        """The value of an expression in the page."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails'].get('exception', {}).get('description')}")
        return result["result"].get("value")

    def key(self, key, code=None, text=None):
        """A key as a user presses it."""
        more = {"key": key, "code": code or key, "windowsVirtualKeyCode": {"Enter": 13, "Tab": 9, " ": 32}.get(key, 0)}
        self.send("Input.dispatchKeyEvent", type="keyDown", **more, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **more)

    def mouse(self, *points):
        """Presses at the first point, moves along, lets go at the last."""

        def event(kind, point):
            self.send("Input.dispatchMouseEvent", type=kind, x=point[0], y=point[1], button="left", clickCount=1)

        event("mousePressed", points[0])
        for point in points[1:]:
            event("mouseMoved", point)
        event("mouseReleased", points[-1])

    def click(self, selector):
        """The middle of an element, scrolled into view."""
        script = f"""(() => {{ const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{block: "center", behavior: "instant"}}); const r = e.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2]; }})()"""
        self.mouse(self.evaluate(script))

    def screenshot(self, path, whole=True):
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
