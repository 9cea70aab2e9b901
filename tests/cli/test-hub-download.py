#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads by attune-cli that have to work, whatever the Hub and the line to it do: each file is
right to the byte in the end, and what has come is not asked for twice.

Usage: test-hub-download.py SOURCE_ROOT ATTUNE_CLI
"""
import hashlib
import json
import os
import signal
import subprocess
import threading
import time

from hub_place import CLI, INDEX, MODEL, MORE, WEIGHTS, Place, one_sentence, run_all, \
    split_weights, works
from hub_server import Hub

SIZE = len(MODEL[WEIGHTS])


def test_plain():
    with Place() as place:
        done = place.download('--json')
        yield 'downloads', done.returncode == 0 and place.is_whole(), done
        with open(os.path.join(place.store, 'tiny', 'attune.json'), encoding='utf-8') as file:
            record = json.load(file)
        names = sorted(os.listdir(os.path.join(place.store, 'tiny')))
        yield 'takes known files only', names == sorted([*MODEL, 'attune.json']), names
        yield 'asks for no other', not any(place.asked(name) for name in MORE), place.hub.log
        yield ('records where from', (record['source'], record['revision'], record['licence'],
                                      record['language'])
               == ('org/tiny', place.repo.commit, 'apache-2.0', 'en, de'), record)
        yield ('records the hashes', record['files'][WEIGHTS]['sha256']
               == hashlib.sha256(MODEL[WEIGHTS]).hexdigest(), record)
        yield ('asks for the commit', all(f'/resolve/{place.repo.commit}/' in entry[2]
                                          for entry in place.hub.log[1:]), place.hub.log)
        left = os.listdir(os.path.join(place.store, '.downloads'))
        yield 'leaves nothing else', left == [], left
        place.hub.log.clear()
        done = place.download()
        yield ('does not take a name twice', done.returncode == 1 and 'already' in done.stderr
               and not place.hub.log, done)
        done = place.run('models', 'remove', 'tiny')
        yield 'removes', done.returncode == 0 and not place.has(), done
        done = place.run('models', 'remove', '../data')
        yield 'removes nothing outside', done.returncode == 1 and one_sentence(done), done
        done = place.download('--revision', place.repo.commit, '--name', 'pinned')
        yield 'takes a commit and a name', done.returncode == 0 and place.is_whole('pinned'), done


def resumes(part):
    """Cut in one run, gone on with in the next: only the rest is asked for."""
    def test():
        with Place() as place:
            place.hub.faults = {WEIGHTS: [f'cut {part}', 'always status 403']}
            done = place.download()
            there = int(SIZE * part)
            sizes = [os.path.getsize(path) for path in place.parts()]
            yield (f'keeps what came, {there} bytes', done.returncode == 1 and one_sentence(done)
                   and sizes == [there] and not place.has(), (done, sizes))
            place.hub.faults, place.hub.log[:] = {}, []
            done = place.download()
            yield (f'goes on after {there} bytes in the next run', done.returncode == 0
                   and place.is_whole() and not place.parts()
                   and place.ranges(WEIGHTS) == [f'bytes={there}-' if there else None],
                   (place.ranges(WEIGHTS), done))
            yield 'does not fetch the others again', not place.asked('vocab.txt'), place.hub.log
    return test


def test_spoilt_part():
    with Place() as place:
        place.hub.faults = {WEIGHTS: ['cut 0.5', 'always status 403']}
        place.download()
        for path in place.parts():
            with open(path, 'r+b') as file:
                file.write(b'\0\1\2\3')
        place.hub.faults = {}
        done = place.download()
        yield ('begins again where what was kept is spoilt', done.returncode == 0
               and place.is_whole(), done)


def test_long_part():
    with Place() as place:
        place.hub.faults = {WEIGHTS: ['cut 0.5', 'always status 403']}
        place.download()
        for path in place.parts():
            with open(path, 'ab') as file:
                file.write(b'\0' * SIZE)
        place.hub.faults, place.hub.log[:] = {}, []
        done = place.download()
        yield ('begins again where what was kept is too long', done.returncode == 0
               and place.is_whole() and place.ranges(WEIGHTS) == [None], done)


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def start(place, **more):
    return subprocess.Popen([CLI, 'models', 'download', 'org/tiny'], stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, text=True, env=place.environment(**more))


def test_interrupt():
    with Place() as place:
        go_on = threading.Event()
        place.hub.pause = lambda: go_on.wait(60)
        place.hub.faults = {WEIGHTS: ['pause']}
        process = start(place, HF_HUB_DOWNLOAD_TIMEOUT='60')
        wait_until(lambda: place.parts() and os.path.getsize(place.parts()[0]) == SIZE // 2)
        other = place.download('--name', 'other')
        yield ('two at once: the second is told to wait', other.returncode == 1
               and one_sentence(other) and 'another program' in other.stderr, other)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        go_on.set()
        yield ('an interrupt leaves what came', process.returncode == 130
               and [os.path.getsize(path) for path in place.parts()] == [SIZE // 2],
               (process.returncode, stderr))
        place.hub.log.clear()
        done = place.download()
        yield ('… for the next run', done.returncode == 0 and place.is_whole()
               and place.ranges(WEIGHTS) == [f'bytes={SIZE // 2}-'], done)


def test_interrupted_waits():
    """Ctrl-C ends a wait that the Hub asked for, and one for an answer."""
    for fault in ('always status 429 Retry-After=100', 'always mute'):
        with Place() as place:
            place.hub.faults = {'api': [fault]}
            process = start(place, HF_HUB_DOWNLOAD_TIMEOUT='60')
            wait_until(lambda place=place: place.hub.log)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            yield f'an interrupt ends “{fault}”', process.returncode == 130, process.returncode


def test_etag():
    with Place() as place:
        place.hub.faults = {WEIGHTS: ['older-half']}
        done = place.download()
        sent = [entry[3].get('If-Range') for entry in place.asked(WEIGHTS)]
        yield ('begins again where the file has changed', done.returncode == 0 and place.is_whole()
               and sent == [None, '"older"'], (sent, done))
    with Place() as place:
        place.hub.faults = {WEIGHTS: ['older-half']}
        place.hub.reads_if_range = False
        done = place.download()
        yield ('… and where the Hub does not say so', done.returncode == 0 and place.is_whole()
               and len(place.asked(WEIGHTS)) == 3, (place.ranges(WEIGHTS), done))


def test_mirror():
    """One that lists names only; its own headers have to say what the files are."""
    with Place() as place:
        place.hub.blobs = False
        done = place.download()
        yield 'a mirror that lists names only', done.returncode == 0 and place.is_whole(), done
        place.hub.faults = {'vocab.txt': ['always no-etag']}
        done = place.download('--name', 'other')
        yield ('… and says nothing of one file', done.returncode == 1 and one_sentence(done)
               and 'cannot be checked' in done.stderr and not place.has('other'), done)
    for linked in (True, False):
        with Place() as place:
            other = Hub('127.0.0.2')
            other.repos = place.hub.repos
            place.hub.blobs, place.hub.elsewhere, place.hub.linked = False, other, linked
            done = place.download()
            other.close()
            if linked:
                yield ('… and sends on, saying what comes', done.returncode == 0
                       and place.is_whole(), done)
            else:
                yield ('… and sends on without a word: nobody vouches', done.returncode == 1
                       and 'cannot be checked' in done.stderr and not place.has(), done)
    with Place() as place:
        other = Hub('127.0.0.2')
        other.repos = place.hub.repos
        place.hub.elsewhere, place.hub.linked = other, False
        done = place.download()
        other.close()
        yield ('a mirror that says nothing when it sends on: the list is enough',
               done.returncode == 0 and place.is_whole(), done)


def test_pieces():
    pieces, index = split_weights(MODEL[WEIGHTS], 3)
    one = 'model-00002-of-00003.safetensors'
    files = {name: data for name, data in MODEL.items() if name != WEIGHTS}
    with Place() as place:
        del place.repo.files[WEIGHTS]
        place.repo.files.update({**pieces, INDEX: index, 'model-extra.safetensors': b'more'})
        place.repo.lfs = set(pieces)
        place.hub.faults = {one: ['cut 0.5', 'always status 403']}
        done = place.download()
        yield ('keeps the pieces that came', done.returncode == 1 and len(place.parts()) == 1, done)
        place.hub.faults, place.hub.log[:] = {}, []
        done = place.download('--json')
        yield ('downloads weights in pieces', done.returncode == 0
               and place.is_whole(files={**files, **pieces, INDEX: index}), done)
        yield ('goes on within a piece', place.ranges(one)
               == [f'bytes={len(pieces[one]) // 2}-'], place.hub.log)
        yield ('fetches none again, and none that is not in the index',
               not place.asked('model-00001-of-00003.safetensors')
               and not place.asked('model-extra.safetensors'), place.hub.log)
        yield ('counts them all', json.loads(done.stdout)['bytes']
               == sum(map(len, pieces.values())) if done.returncode == 0 else False, done)


FAULTS = [
    works('begins again after a drop at the first byte', {WEIGHTS: ['drop']}, asked=2),
    works('… and a reset', {'api': ['reset'], WEIGHTS: ['reset']}),
    works('goes on within a run after one byte', {WEIGHTS: [f'cut {1.5 / SIZE}']}, asked=2),
    works('goes on within a run after half', {WEIGHTS: ['cut 0.5']}, asked=2),
    works('goes on within a run after 99.9 %', {WEIGHTS: ['cut 0.999']}, asked=2),
    works('goes on as long as something comes', {WEIGHTS: ['cut 0.3'] * 7}, asked=8),
    works('begins again where ranges are ignored', {WEIGHTS: ['cut 0.5', 'whole']}, asked=2),
    works('begins again after other bytes than asked for', {WEIGHTS: ['cut 0.5', 'wrong-range']},
          asked=3),
    works('begins again after a range that is none', {WEIGHTS: ['cut 0.5', 'odd-range']}, asked=3),
    works('begins again after 416', {WEIGHTS: ['cut 0.5', 'status 416']}, asked=3),
    works('waits as long as it is told', {WEIGHTS: ['status 429 Retry-After=1']}, asked=2),
    works('tries again after 503', {'api': ['status 503'], WEIGHTS: ['status 503']}),
    works('goes on after a stall', {WEIGHTS: ['stall']}, asked=2),
    works('asks again where nothing comes', {'api': ['mute'], 'vocab.txt': ['mute']}),
    works('fetches once more what arrived spoilt', {WEIGHTS: ['corrupt']}, asked=2),
    works('begins again after a page to log in', {WEIGHTS: ['html-unmeasured']}),
    works('needs no ETag', {WEIGHTS: ['no-etag'], 'vocab.txt': ['weak']}),
    works('unpacks what was packed', {'api': ['gzip'], WEIGHTS: ['gzip'], 'vocab.txt': ['gzip']}),
    works('asks again for what was packed badly', {'api': ['gzip-broken'],
                                                   'vocab.txt': ['gzip-broken']}),
]
run_all([test_plain, *(resumes(part) for part in (0, 1.5 / SIZE, 0.5, 0.999)), test_spoilt_part,
         test_long_part, test_interrupt, test_interrupted_waits, test_etag, test_mirror,
         test_pieces, *FAULTS])
