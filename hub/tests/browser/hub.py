"""A hub that runs, and what devices say to it."""

import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
import uuid

DEFENDER = os.environ["DEFENDER"]

# How long anything may take, on a machine that has much else to do.
SOON = 30


class Hub:
    """`defender hub` in a folder of its own. What is put into `say` is a source of it."""

    def __init__(self, folder: pathlib.Path, web="127.0.0.1:0", more=""):
        self.folder = folder
        self.lines = folder / "messages.jsonl"
        self.lines.touch()
        self.config = folder / "hub.toml"
        self.config.write_text(
            f"[detection]\ngroups = 'groups.toml'\n[[source.file]]\npath = {json.dumps(str(self.lines))}\n{more}"
        )
        (folder / "groups.toml").write_text("lamps = ['lamp-*']\n")
        self.web, self.mqtt = web, "127.0.0.1:0"
        self.start()

    def start(self):
        """Starts it, at the same addresses as before."""
        self.process = subprocess.Popen(
            [DEFENDER, "hub", "--web", self.web, "--mqtt", self.mqtt]
            + ["--config", self.config, "--data", self.folder / "data"],
            stderr=subprocess.PIPE,
            text=True,
        )
        said = []
        for line in self.process.stderr:
            said.append(line)
            if found := re.search(r"mqtt://([0-9.:]+)", line):
                self.mqtt = found[1]
            if found := re.search(r"API at (https?)://([0-9.:]+)", line):
                self.scheme, self.web = found.groups()
                break
        else:
            raise AssertionError("the hub ended: " + "".join(said))
        # What it says further must not fill the pipe.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"{self.scheme}://{self.web.replace('0.0.0.0', '127.0.0.1')}"

    def api(self, path, body=None, method=None):
        """What the API answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=SOON) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def alerts(self, query=""):
        return self.api(f"alerts?{query}")["alerts"]

    def say(self, *messages):
        with self.lines.open("a") as file:
            for message in messages:
                file.write(json.dumps(message) + "\n")

    def scan(self, *devices):
        """Devices scan a host, which is an alert each; returns these."""
        self.say(*(scan(device) for device in devices))
        return [self.alert_of(device) for device in devices]

    def alert_of(self, device):
        query = "device=" + urllib.parse.quote(device, safe="")
        return until(lambda: next(iter(self.alerts(query)), None), f"an alert of {device!r}")


def until(get, what):
    """Waits for something."""
    end = time.monotonic() + SOON
    while not (result := get()):
        assert time.monotonic() < end, f"not within {SOON} s: {what}"
        time.sleep(0.05)
    return result


def message(device, flows):
    now = int(time.time())
    event = {
        "type": "NetworkActivity",
        "event_id": str(uuid.uuid4()),
        "time": now,
        "collection_interval": 10,
        "flows": flows,
    }
    return {
        "device": device,
        "received": now,
        "security_module_id": "defender-iot-micro-agent",
        "security_module_version": 1 << 24,
        "events": [event],
    }


def flow(number, peer, port, bytes_in, bytes_out):
    return {
        "protocol": "TCP",
        "local_address": "10.0.0.2",
        "local_port": 40_000 + number,
        "remote_address": peer,
        "remote_port": port,
        "bytes_in": bytes_in,
        "bytes_out": bytes_out,
    }


def scan(device, peer="10.1.0.9"):
    """Ten ports that do not answer."""
    return message(device, [flow(port, peer, port, 0, 40) for port in range(1, 11)])


def talk(device, peer="203.0.113.10"):
    """A connection to a server that answers."""
    return message(device, [flow(1, peer, 443, 2000, 1000)])

