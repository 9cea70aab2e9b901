# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the Hub share: a home of its own for attune-cli with a Hub beside it, the model
that it offers, and how results are told.

A test is a function that yields (name, whether it went well, what happened). Most of the time goes
into waiting, so that several run at once.
"""
import concurrent.futures
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from hub_server import Hub, Repo  # noqa: E402

SOURCE, CLI = sys.argv[1:3]
FIXTURES = os.path.join(SOURCE, 'tests', 'fixtures')
AT_ONCE = 4
WEIGHTS = 'model.safetensors'
INDEX = 'model.safetensors.index.json'
MORE = {'README.md': b'# A card', 'pytorch_model.bin': b'pickle', 'modeling.py': b'import os',
        '.gitattributes': b'*', 'onnx/model.onnx': b'graph'}
CARD = {'license': 'apache-2.0', 'language': ['en', 'de']}


def read_fixture(*path):
    with open(os.path.join(FIXTURES, *path), 'rb') as file:
        return file.read()


MODEL = {name: read_fixture('tiny-bert', name)
         for name in ('config.json', WEIGHTS, 'vocab.txt', 'tokenizer_config.json')}


def split_weights(data, count):
    """The tensors of a safetensors file in so many files, and the index of these."""
    (length,) = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + length])
    header.pop('__metadata__', None)
    pieces, places = {}, {}
    names = sorted(header)
    for i in range(count):
        body, part = b'', {}
        for name in names[i::count]:
            start, end = header[name]['data_offsets']
            part[name] = {**header[name],
                          'data_offsets': [len(body), len(body) + end - start]}
            body += data[8 + length + start:8 + length + end]
            places[name] = f'model-{i + 1:05}-of-{count:05}.safetensors'
        text = json.dumps(part).encode()
        text += b' ' * (-len(text) % 8)
        pieces[f'model-{i + 1:05}-of-{count:05}.safetensors'] \
            = struct.pack('<Q', len(text)) + text + body
    return pieces, json.dumps({'metadata': {}, 'weight_map': places}).encode()


class Place:
    """A home of its own, and a Hub that has one model, org/tiny."""

    def __init__(self, **files):
        self.hub = Hub()
        self.folder = tempfile.mkdtemp(prefix='attune-hub-')
        self.store = os.path.join(self.folder, 'models')
        self.repo = Repo({**MODEL, **MORE, **files}, lfs=[WEIGHTS], card=CARD, tags=['bert'])
        self.hub.repos['models', 'org/tiny'] = self.repo

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.hub.close()
        shutil.rmtree(self.folder)

    def environment(self, **more):
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith(('HF_', 'TRANSFORMERS_')) and 'proxy' not in key.lower()}
        return {**kept, 'ATTUNE_MODELS': self.store, 'HF_ENDPOINT': self.hub.address,
                'HF_HUB_DOWNLOAD_TIMEOUT': '2', 'XDG_DATA_HOME': os.path.join(self.folder, 'data'),
                'XDG_CACHE_HOME': os.path.join(self.folder, 'cache'), **more}

    def run(self, *words, before=(), **more):
        """before: a command that becomes attune-cli."""
        return subprocess.run([*before, CLI, *words], capture_output=True, text=True, timeout=150,
                              stdin=subprocess.DEVNULL, env=self.environment(**more))

    def download(self, *words, **more):
        return self.run('models', 'download', 'org/tiny', *words, **more)

    def asked(self, path):
        return [entry for entry in self.hub.log if entry[2].endswith(path)]

    def ranges(self, path):
        return [entry[3].get('Range') for entry in self.asked(path)]

    def is_whole(self, name='tiny', files=None):
        for path, data in (files or MODEL).items():
            try:
                with open(os.path.join(self.store, name, path), 'rb') as file:
                    if file.read() != data:
                        return False
            except OSError:
                return False
        return True

    def has(self, name='tiny'):
        return os.path.exists(os.path.join(self.store, name))

    def parts(self):
        return [os.path.join(root, name) for root, _, names in os.walk(self.folder)
                for name in names if name.endswith('.part')]


def one_sentence(done):
    # The space between a number and its unit is not printable to Python.
    lines = done.stderr.strip().replace('\xa0', ' ').split('\n')
    return len(lines) == 1 and lines[0].startswith('attune-cli: ') and lines[0].isprintable()


def works(name, faults, asked=None, **more):
    """A download that gets through whatever goes wrong."""
    def test():
        with Place() as place:
            place.hub.faults = faults
            done = place.download(**more)
            yield name, done.returncode == 0 and place.is_whole() and not place.parts(), done
            if asked is not None:
                yield (f'{name}: {asked} requests', len(place.asked(WEIGHTS)) == asked,
                       place.ranges(WEIGHTS))
    return test


def fails(name, faults, words, exit_code=1, listing=None, run=None, **more):
    """… and one that does not: one sentence, and no model."""
    def test():
        with Place() as place:
            place.hub.faults = faults
            place.repo.listing = listing
            place.repo.commit = (listing or {}).get('sha', place.repo.commit)
            done = run(place) if run else place.download(**more)
            yield (name, done.returncode == exit_code and one_sentence(done)
                   and words in done.stderr and not place.has(), done)
    return test


def run_all(tests):
    n, good = 0, True
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for results in pool.map(lambda test: list(test()), tests):
            for name, well, detail in results:
                n, good = n + 1, good and bool(well)
                if not well:
                    print(f'# {name}: {detail!r}', file=sys.stderr)
                print(f"{'ok' if well else 'not ok'} {n} {name}", flush=True)
    print(f'1..{n}')
    sys.exit(0 if good else 1)
