#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""That nobody is asked unless a person asks: attune-cli under a filter of the kernel's (seccomp)
that kills it at the first socket of the internet, even to this computer.

Usage: test-offline.py SOURCE_ROOT ATTUNE_CLI    (with ATTUNE_ENGINE set to an engine to train with)
       test-offline.py --guard COMMAND…          becomes COMMAND under the filter
"""
import ctypes
import os
import platform
import struct
import sys

sys.dont_write_bytecode = True
# Number of socket(2), and what the kernel calls the machine (linux/audit.h).
MACHINES = {'x86_64': (41, 0xC000003E), 'aarch64': (198, 0xC00000B7)}
KILL, ALLOW = 0x80000000, 0x7FFF0000
INET, INET6 = 2, 10
SIGSYS = 31


def guard():
    """The filter, in the words of linux/filter.h: of struct seccomp_data, nr is at 0, arch at 4,
    the first argument at 16."""
    number, machine = MACHINES[platform.machine()]
    load, equal, answer = 0x20, 0x15, 0x06
    program = [(load, 0, 0, 4), (equal, 0, 5, machine), (load, 0, 0, 0), (equal, 0, 4, number),
               (load, 0, 0, 16), (equal, 1, 0, INET), (equal, 0, 1, INET6),
               (answer, 0, 0, KILL), (answer, 0, 0, ALLOW)]
    code = b''.join(struct.pack('HBBI', *line) for line in program)
    text = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(program),
                                                     ctypes.addressof(text)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'the kernel takes no filter')


if sys.argv[1] == '--guard':
    guard()
    os.execv(sys.argv[2], sys.argv[2:])

from hub_place import MODEL, Place, one_sentence, read_fixture, run_all  # noqa: E402
from hub_server import Repo  # noqa: E402

GUARDED = [sys.executable, os.path.abspath(__file__), '--guard']
ROWS = ''.join(f'{word} {thing},{label}\n' for word, label in (('good', 'good'), ('bad', 'bad'))
               for thing in ('film', 'story', 'music', 'food', 'place', 'day', 'time', 'people'))


def control():
    with Place() as place:
        done = place.run('models', 'search', 'x', before=GUARDED)
        yield 'the filter kills who asks', done.returncode == -SIGSYS and not place.hub.log, done
        done = place.run('models', 'list', before=GUARDED)
        yield 'and nobody else', done.returncode == 0, done


def asked_offline():
    with Place() as place:
        offline = {'HF_HUB_OFFLINE': '1', 'before': GUARDED}
        for words in (('models', 'search', 'x'), ('models', 'download', 'org/tiny'),
                      ('data', 'download', 'org/set')):
            done = place.run(*words, **offline)
            yield (f'{" ".join(words)}: an empty cache', done.returncode == 1 and one_sentence(done)
                   and 'offline' in done.stderr, done)
        cache = os.path.join(place.folder, 'hub')
        fill(cache, 'models--org--tiny', place.repo)
        rows = Repo({'data/train.parquet': read_fixture('parquet', 'hub.parquet')})
        fill(cache, 'datasets--org--set', rows)
        done = place.run('models', 'download', 'org/tiny', HF_HUB_CACHE=cache, **offline)
        yield 'a model: a full cache', done.returncode == 0 and place.is_whole(), done
        done = place.run('data', 'download', 'org/set', HF_HUB_CACHE=cache, **offline)
        yield 'a data set: a full cache', done.returncode == 0, done
        done = place.run('data', 'download', 'org/set', **offline)
        yield 'a data set that is there', done.returncode == 0, done


def fill(cache, name, repo):
    base = os.path.join(cache, name)
    os.makedirs(os.path.join(base, 'blobs'))
    os.makedirs(os.path.join(base, 'refs'))
    with open(os.path.join(base, 'refs', 'main'), 'w', encoding='ascii') as file:
        file.write(repo.commit)
    for path, data in repo.files.items():
        blob = os.path.join(base, 'blobs', repo.hash(path))
        link = os.path.join(base, 'snapshots', repo.commit, path)
        os.makedirs(os.path.dirname(link), exist_ok=True)
        with open(blob, 'wb') as file:
            file.write(data)
        os.symlink(blob, link)


def ordinary():
    """From file to answer; online as far as anybody has said."""
    with Place() as place:
        data, run = (os.path.join(place.folder, name) for name in ('rows.csv', 'run'))
        folder = os.path.join(place.folder, 'model')
        os.mkdir(folder)
        for name, text in MODEL.items():
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(text)
        with open(data, 'w', encoding='utf-8') as file:
            file.write('text,label\n' + ROWS)
        for words in (('devices',), ('models', 'import', folder), ('models', 'list'),
                      ('inspect', '--data', data, '--model', 'model'),
                      ('train', '--data', data, '--model', 'model', '--output', run, '--set',
                       'num_train_epochs=1'),
                      ('evaluate', '--run', run, '--data', data),
                      ('classify', '--run', run, 'a good film'), ('resume', run),
                      ('export', '--run', run, os.path.join(place.folder, 'out'))):
            done = place.run(*words, before=GUARDED)
            yield f'{words[0]} opens no socket', done.returncode == 0 and not place.hub.log, done


if platform.machine() not in MACHINES or platform.system() != 'Linux':
    print('1..0 # SKIP no filter for this machine')
    sys.exit(0)
run_all([control, asked_offline, ordinary])
