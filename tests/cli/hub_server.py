# SPDX-License-Identifier: GPL-3.0-or-later
"""A Hub on the loopback, and all the ways in which one can misbehave.

Hub serves the repositories it is given. faults[path] is a list of what goes wrong with the next
requests for a file (its name) or for the list of files ("api"), one each, None for nothing;
"always" before a fault makes it stay. Every request is noted in log as (host, method, path,
headers).
"""
import gzip
import hashlib
import http.server
import json
import socket
import struct
import threading
import time


def git_blob(data):
    return hashlib.sha1(b'blob %d\0' % len(data) + data).hexdigest()


class Repo:
    def __init__(self, files, lfs=(), card=None, tags=()):
        self.files = dict(files)
        self.lfs = set(lfs)
        self.card = card
        self.tags = list(tags)
        self.commit = hashlib.sha1(repr(sorted(files)).encode()).hexdigest()
        self.listing = None  # in place of the right one

    def hash(self, path):
        data = self.files[path]
        return hashlib.sha256(data).hexdigest() if path in self.lfs else git_blob(data)

    def describe(self, repo_id, blobs=True):
        siblings = []
        for path, data in self.files.items():
            entry = {'rfilename': path}
            if blobs and path in self.lfs:
                entry.update(size=len(data), blobId='0' * 40,
                             lfs={'sha256': self.hash(path), 'size': len(data), 'pointerSize': 134})
            elif blobs:
                entry.update(size=len(data), blobId=self.hash(path))
            siblings.append(entry)
        return {'id': repo_id, 'sha': self.commit, 'cardData': self.card, 'tags': self.tags,
                'siblings': siblings}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    # A client that hangs up is what is tested here, not a fault of the server.
    def handle_error(self, request, client_address):
        pass


class Hub:
    def __init__(self, host='127.0.0.1'):
        self.repos, self.faults, self.log, self.search = {}, {}, [], []
        self.blobs = True         # whether sizes and hashes are listed
        self.elsewhere = None     # another server that files are redirected to
        self.linked = True        # whether a redirect says what the file is
        self.reads_if_range = True
        self.seen = 0             # requests for files that a fault counts
        self.pause = None         # called in the middle of a file
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *args):
                pass

            def do_GET(self):
                hub.answer(self)

            def do_HEAD(self):
                hub.answer(self)

        self.server = Server((host, 0), Handler)
        self.port = self.server.server_address[1]
        self.address = f'http://{host}:{self.port}'
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def take_fault(self, name):
        faults = self.faults.get(name, [])
        if not faults:
            return None
        return faults[0][7:] if (faults[0] or '').startswith('always ') else faults.pop(0)

    def answer(self, request):
        self.log.append((self.address, request.command, request.path, dict(request.headers)))
        try:
            self.route(request)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True

    def send(self, request, status, body=b'', headers=(), length=None):
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        request.send_header('Content-Length', str(len(body) if length is None else length))
        request.end_headers()
        if request.command != 'HEAD':
            request.wfile.write(body)

    def route(self, request):
        path, _, _ = request.path.partition('?')
        parts = path.strip('/').split('/')
        if path == '/api/models':
            self.send_api(request, self.search)
        elif parts[0] == 'api' and 'revision' in parts:
            at = parts.index('revision')
            self.list_files(request, parts[1], '/'.join(parts[2:at]), parts[at + 1])
        elif 'resolve' in parts:
            at = parts.index('resolve')
            kind = 'datasets' if parts[0] == 'datasets' else 'models'
            start = 1 if kind == 'datasets' else 0
            self.send_file(request, kind, '/'.join(parts[start:at]), parts[at + 1],
                           '/'.join(parts[at + 2:]))
        else:
            self.send(request, 404)

    # What can go wrong with any answer; whether it did.
    def misbehave(self, request, fault, text):
        if fault is None:
            return False
        if fault == 'drop':
            request.close_connection = True
        elif fault == 'reset':
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack('ii', 1, 0))
            request.close_connection = True
        elif fault == 'mute':  # not a byte, and the line stays open
            time.sleep(4)
            request.close_connection = True
        elif fault == 'html':
            self.send(request, 200, b'<html>Log in</html>', [('Content-Type', 'text/html')])
        elif fault == 'html-unmeasured':
            request.send_response(200)
            request.end_headers()
            request.close_connection = True
            request.wfile.write(b'<html>Log in</html>')
        elif fault == 'gzip':
            self.send(request, 200, gzip.compress(text), [('Content-Encoding', 'gzip')])
        elif fault == 'gzip-broken':
            packed = bytearray(gzip.compress(text))
            packed[len(packed) // 2] ^= 0x55
            self.send(request, 200, bytes(packed), [('Content-Encoding', 'gzip')])
        elif fault == 'bomb':
            self.send(request, 200, gzip.compress(b'{"a":"' + b'x' * (64 << 20) + b'"}', 1),
                      [('Content-Encoding', 'gzip')])
        elif fault in ('endless', 'endless-error', 'endless-redirect'):
            request.send_response({'endless': 200, 'endless-error': 503}.get(fault, 302))
            request.send_header('Location', request.path)
            request.end_headers()
            request.close_connection = True
            while True:
                request.wfile.write(b' ' * 65536)
        elif fault == 'endless-headers':
            request.close_connection = True
            request.wfile.write(b'HTTP/1.1 200 OK\r\n')
            while True:
                request.wfile.write(b'X-More: ' + b'x' * 1000 + b'\r\n')
        elif fault == 'garbage':
            request.close_connection = True
            request.wfile.write(b'\x16\x03\x01 no HTTP\r\n\r\n')
        elif fault == 'absurd':
            self.send(request, 200, text, length=1 << 60)
            request.close_connection = True
        elif fault == 'overflow':
            self.send(request, 200, text, length=1 << 70)
            request.close_connection = True
        elif fault == 'negative':
            self.send(request, 200, text, length=-1)
            request.close_connection = True
        elif fault.startswith('to '):
            self.send(request, 302, b'', [('Location', fault[3:] or request.path)])
        elif fault == 'no-location':
            self.send(request, 302)
        elif fault.startswith('status '):  # "status 429 Retry-After=1"
            words = fault.split()
            self.send(request, int(words[1]), b'', [word.split('=', 1) for word in words[2:]])
        else:
            return False
        return True

    def send_api(self, request, value):
        fault = self.take_fault('api')
        text = value if isinstance(value, bytes) else json.dumps(value).encode()
        if fault == 'deep':
            self.send(request, 200, b'[' * 100000)
        elif fault == 'many':
            self.send(request, 200, b'{"siblings":[' + b'{},' * 200000 + b'{}],"sha":"'
                      + b'0' * 40 + b'"}')
        elif not self.misbehave(request, fault, text):
            self.send(request, 200, text)

    def list_files(self, request, kind, repo_id, revision):
        repo = self.repos.get((kind, repo_id, revision)) or self.repos.get((kind, repo_id))
        if repo is None:
            self.send(request, 401, b'', [('X-Error-Code', 'RepoNotFound')])
        elif revision not in ('main', repo.commit) and (kind, repo_id, revision) not in self.repos:
            self.send(request, 404, b'', [('X-Error-Code', 'RevisionNotFound')])
        else:
            self.send_api(request, repo.listing or repo.describe(repo_id, self.blobs))

    def find(self, kind, repo_id, commit, path):
        for key, repo in self.repos.items():
            if key[:2] == (kind, repo_id) and commit == repo.commit and path in repo.files:
                return repo
        return None

    def send_file(self, request, kind, repo_id, commit, path):
        repo = self.find(kind, repo_id, commit, path)
        if repo is None:
            self.send(request, 404, b'', [('X-Error-Code', 'EntryNotFound')])
            return
        data, etag = repo.files[path], repo.hash(path)
        headers = [('ETag', f'"{etag}"'), ('X-Repo-Commit', repo.commit)]
        fault = self.take_fault(path)
        if self.elsewhere:
            linked = [('X-Linked-Etag', f'"{etag}"'), ('X-Linked-Size', str(len(data)))]
            self.send(request, 302, b'', [('Location', self.elsewhere.address + request.path)]
                      + (linked if self.linked else []))
            return
        if self.misbehave(request, fault, data):
            return
        wanted = request.headers.get('Range')
        first = int(wanted.removeprefix('bytes=').rstrip('-')) if wanted else 0
        if request.headers.get('If-Range', f'"{etag}"') != f'"{etag}"' and self.reads_if_range:
            first = 0
        half = len(data) // 2
        if fault == 'corrupt':
            self.send(request, 200, bytes([data[0] ^ 1]) + data[1:], headers)
        elif fault == 'no-etag':
            self.send(request, 200, data)
        elif fault == 'weak':
            self.send(request, 200, data, [('ETag', 'W/"x"')])
        elif fault == 'whole':  # no range, whatever was asked for
            self.send(request, 200, data, headers)
        elif fault == 'see-saw':  # no range, and an end that comes and goes
            self.seen += 1
            self.send(request, 200, data[:half if self.seen % 2 else half // 2], headers,
                      length=len(data))
            request.close_connection = True
        elif fault == 'older-half':  # of what the file was before
            self.send(request, 200, bytes(half), [('ETag', '"older"')], length=len(data))
            request.close_connection = True
        elif fault and fault.startswith('cut '):  # this part of it, of what is left
            upto = first + int((len(data) - first) * float(fault[4:]))
            self.send_range(request, data, headers, first, upto)
            request.close_connection = True
        elif fault == 'stall':
            self.send_range(request, data, headers, first, first + half)
            time.sleep(4)
            request.close_connection = True
        elif fault == 'pause':  # in the middle, for as long as the test likes
            request.send_response(200)
            request.send_header('Content-Length', str(len(data)))
            request.end_headers()
            request.wfile.write(data[:half])
            self.pause()
            request.wfile.write(data[half:])
        elif fault == 'wrong-range':
            self.send(request, 206, data, headers + [
                ('Content-Range', f'bytes 0-{len(data) - 1}/{len(data)}')])
        elif fault == 'odd-range':
            self.send(request, 206, data[first:], headers + [('Content-Range', 'bytes 9-1/5')])
        elif first >= len(data) > 0:
            self.send(request, 416, b'', [('Content-Range', f'bytes */{len(data)}')])
        else:
            self.send_range(request, data, headers, first, len(data))

    # Promises all that is left, sends up to a byte.
    def send_range(self, request, data, headers, first, upto):
        if first > 0:
            headers = headers + [('Content-Range', f'bytes {first}-{len(data) - 1}/{len(data)}')]
        self.send(request, 206 if first > 0 else 200, data[first:upto], headers,
                  length=len(data) - first)
