# SPDX-License-Identifier: GPL-3.0-or-later
"""A Hub on the loopback for the real window: a search, lists of files with their hashes, the files.

Weights are sent by half until gate is set. Everything that is asked stands in log.
"""
import hashlib
import http.server
import json
import os
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def read_folder(folder):
    files = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            files[name] = file.read()
    return files


class Hub:
    def __init__(self):
        self.repos = {}  # ("models", "org/name"): {path: bytes}
        self.gated = set()
        self.found = []
        self.log = []
        self.gate = threading.Event()
        self.gate.set()
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                hub.log.append(self.path)
                try:
                    hub.answer(self, self.path.split("?")[0])
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request, path):
        if path == "/api/models":
            self.send(request, 200, json.dumps(self.found).encode())
        elif path.startswith("/api/"):
            kind, name = path[len("/api/"):].split("/revision/")[0].split("/", 1)
            self.list_files(request, kind, name)
        else:
            name, rest = path[1:].split("/resolve/")
            kind, name = ("datasets", name[len("datasets/"):]) if name.startswith("datasets/") else ("models", name)
            self.send_file(request, self.repos[kind, name], rest.split("/", 1)[1])

    def list_files(self, request, kind, name):
        if name in self.gated:
            self.send(request, 403, b"", [("X-Error-Code", "GatedRepo")])
        elif (kind, name) not in self.repos:
            self.send(request, 401, b"", [("X-Error-Code", "RepoNotFound")])
        else:
            siblings = [{"rfilename": path, "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}}
                        for path, data in self.repos[kind, name].items()]
            self.send(request, 200, json.dumps({"sha": COMMIT, "siblings": siblings, "cardData": {
                "license": "mit", "language": "en"}}).encode())

    def send_file(self, request, files, name):
        data = files[name]
        first = int(request.headers.get("Range", "bytes=0-")[len("bytes="):-1])
        headers = [("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")] if first else []
        self.begin(request, 206 if first else 200, len(data) - first, headers)
        if name == "model.safetensors":
            request.wfile.write(data[first:len(data) // 2])
            first = max(first, len(data) // 2)
            self.gate.wait(60)
        request.wfile.write(data[first:])

    def begin(self, request, status, length, headers):
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        request.send_header("Content-Length", str(length))
        request.end_headers()

    def send(self, request, status, body, headers=()):
        self.begin(request, status, len(body), headers)
        request.wfile.write(body)
