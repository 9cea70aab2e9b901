#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What attune-cli does with what it has in trust: the token, the disk, the cache of other programs;
and with weights in pieces that are none.

Usage: test-hub-trust.py SOURCE_ROOT ATTUNE_CLI
"""
import json
import os
import sys
import time

from hub_place import INDEX, MODEL, WEIGHTS, Place, one_sentence, run_all, split_weights
from hub_server import Hub, git_blob

SMALL = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'small-disk.py')


def test_token():
    with Place() as place:
        other = Hub('127.0.0.2')
        other.repos = place.hub.repos
        place.hub.elsewhere = other
        done = place.download(HF_TOKEN='hf_secret')
        other.close()
        yield 'follows to another host', done.returncode == 0 and place.is_whole(), done
        yield ('sends the token to the Hub', all(
            entry[3].get('Authorization') == 'Bearer hf_secret' for entry in place.hub.log),
            place.hub.log)
        yield ('and to nobody else', other.log and not any('hf_secret' in repr(entry)
                                                           for entry in other.log), other.log)
        yield 'says it to nobody', 'hf_secret' not in done.stdout + done.stderr, done
    with Place() as place:
        other = Hub()
        other.repos = place.hub.repos
        place.hub.elsewhere = other
        done = place.download(HF_TOKEN='hf_secret')
        yield ('another port of the same host is another place', done.returncode == 0 and other.log
               and not any('hf_secret' in repr(entry) for entry in other.log), other.log)
        place.hub.blobs = place.hub.linked = False
        done = place.download('--name', 'other')
        other.close()
        yield ('which is not believed, either', done.returncode == 1 and one_sentence(done)
               and 'cannot be checked' in done.stderr, done)


def test_token_file():
    with Place() as place:
        home = os.path.join(place.folder, 'home')
        os.mkdir(home)
        path = os.path.join(home, 'token')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('hf_filed\n')
        place.download(HF_HOME=home)
        yield ('finds the token of the Hub’s own client', place.hub.log and all(
            entry[3].get('Authorization') == 'Bearer hf_filed' for entry in place.hub.log),
            place.hub.log)
        place.hub.log.clear()
        place.download('--name', 'other', HF_HOME=home, HF_TOKEN='hf_said\r\nX-Other: 1')
        yield ('a token that is no word is none', place.hub.log and not any(
            'Authorization' in entry[3] or 'X-Other' in entry[3] for entry in place.hub.log),
            place.hub.log)
        os.unlink(path)
        os.mkfifo(path)
        place.hub.log.clear()
        done = place.download('--name', 'pipe', HF_HOME=home)
        yield 'a pipe is no token', done.returncode == 0 and place.hub.log, done


def test_password():
    with Place() as place:
        mine = place.hub.address.replace('http://', 'http://me:hunter2@')
        for fault in ('status 403', 'status 503 Retry-After=0', 'status 404', 'drop', 'html',
                      'status 401 X-Error-Code=GatedRepo'):
            place.hub.faults = {'api': [f'always {fault}']}
            done = place.download(HF_TOKEN='hf_secret', HF_ENDPOINT=mine)
            yield (f'no error says a password: {fault}', done.returncode == 1
                   and 'hunter2' not in done.stderr and 'hf_secret' not in done.stderr
                   and one_sentence(done), done)
        done = place.download(HF_ENDPOINT='ftp://me:hunter2@hub')
        yield ('nor does that of a bad address', done.returncode == 1 and one_sentence(done)
               and 'hunter2' not in done.stderr, done)


def fill_cache(place, spoil=False):
    """org/tiny as the Hub's own client keeps it."""
    cache = os.path.join(place.folder, 'home', 'hub')
    base = os.path.join(cache, 'models--org--tiny')
    snapshot = os.path.join(base, 'snapshots', place.repo.commit)
    for folder in (snapshot, os.path.join(base, 'blobs'), os.path.join(base, 'refs')):
        os.makedirs(folder)
    with open(os.path.join(base, 'refs', 'main'), 'w', encoding='ascii') as file:
        file.write(place.repo.commit)
    for name, data in MODEL.items():
        blob = place.repo.hash(name)
        with open(os.path.join(base, 'blobs', blob), 'wb') as file:
            file.write(data[:-1] + bytes([data[-1] ^ 1]) if spoil and name == WEIGHTS else data)
        os.symlink(f'../../blobs/{blob}', os.path.join(snapshot, name))
    return cache


def describe(folder):
    return sorted((root, name, os.lstat(os.path.join(root, name)).st_mtime_ns,
                   os.lstat(os.path.join(root, name)).st_size)
                  for root, folders, names in os.walk(folder) for name in [*folders, *names])


def test_cache():
    with Place() as place:
        folder = fill_cache(place)
        before = describe(folder)
        done = place.download(HF_HUB_CACHE=folder)
        yield ('takes what other programs downloaded', done.returncode == 0 and place.is_whole()
               and len(place.hub.log) == 1, (done, place.hub.log))
        done = place.download('--name', 'home', HF_HOME=os.path.dirname(folder))
        yield ('HF_HOME leads there, too', done.returncode == 0 and place.is_whole('home')
               and len(place.hub.log) == 2, (done, place.hub.log))
        place.hub.log.clear()
        done = place.download('--name', 'off', HF_HUB_CACHE=folder, HF_HUB_OFFLINE='1')
        yield ('takes it offline', done.returncode == 0 and place.is_whole('off')
               and not place.hub.log, done)
        yield 'and writes nothing there', describe(folder) == before, folder
    with Place() as place:
        folder = fill_cache(place, spoil=True)
        done = place.download(HF_HUB_CACHE=folder, TRANSFORMERS_OFFLINE='yes')
        yield ('takes nothing spoilt, offline', done.returncode == 1 and one_sentence(done)
               and not place.hub.log and not place.has(), done)
        done = place.download(HF_HUB_CACHE=folder)
        yield ('… and fetches it anew', done.returncode == 0 and place.is_whole()
               and len(place.asked(WEIGHTS)) == 1, done)


def left(place):
    return os.listdir(os.path.join(place.store, '.downloads'))


def test_useless():
    """What nobody can use is not fetched, and not kept if that shows only then."""
    with Place() as place:
        place.repo.files['config.json'] = b'{"model_type": "llama"}'
        done = place.download()
        yield ('another kind of model is refused before its weights come', done.returncode == 1
               and one_sentence(done) and 'llama' in done.stderr and not place.asked(WEIGHTS), done)
        yield 'and leaves nothing', left(place) == [], left(place)
    with Place() as place:
        place.repo.files[WEIGHTS] = MODEL[WEIGHTS][:-4]
        done = place.download()
        yield ('weights that are broken on the Hub leave nothing', done.returncode == 1
               and one_sentence(done) and not place.has() and left(place) == [], done)
    with Place() as place:
        del place.repo.files['vocab.txt']
        done = place.download()
        yield ('no words: refused before the weights come', done.returncode == 1
               and one_sentence(done) and 'vocab.txt' in done.stderr and not place.asked(WEIGHTS),
               done)


def in_pieces(name, words, change, asked=False):
    """Weights in pieces of which something is wrong; asked: whether any piece may be asked for."""
    def test():
        pieces, index = split_weights(MODEL[WEIGHTS], 2)
        with Place() as place:
            del place.repo.files[WEIGHTS]
            place.repo.files.update({**pieces, INDEX: index})
            change(place.repo, sorted(pieces))
            done = place.download()
            yield (name, done.returncode == 1 and one_sentence(done) and words in done.stderr
                   and not place.has() and (asked or not place.asked('.safetensors')), done)
    return test


def index_of(text):
    def change(repo, _pieces):
        repo.files[INDEX] = json.dumps(text).encode()
    return change


def remove_piece(repo, pieces):
    del repo.files[pieces[1]]


def swap_pieces(repo, pieces):
    repo.files[pieces[0]], repo.files[pieces[1]] = repo.files[pieces[1]], repo.files[pieces[0]]


def list_with(*more):
    def change(repo, pieces):
        repo.listing = {'sha': repo.commit, 'siblings': [
            *({'rfilename': name, 'size': len(repo.files[name]),
               'blobId': git_blob(repo.files[name])} for name in ('config.json', 'vocab.txt')),
            *more, *({'rfilename': piece, 'lfs': {'size': 49 << 30, 'sha256': '0' * 64}}
                     for piece in (str(i) + '.safetensors' for i in range(900)))]}
        if not more:
            repo.files[INDEX] = json.dumps({'weight_map': {
                str(i): f'{i}.safetensors' for i in range(900)}}).encode()
            repo.listing['siblings'].append({'rfilename': INDEX})
    return change


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def on_small_disk(name, mebibytes, words, fill, asked):
    """A disk of its own with so much room, of which all goes while the weights come."""
    def test():
        with Place() as place:
            os.mkdir(place.store)
            flag = os.path.join(place.folder, 'half')

            def pause():
                with open(flag, 'wb'):
                    pass
                wait_for(lambda: os.path.exists(flag + '.full'))
            place.hub.pause = pause
            place.hub.faults = {WEIGHTS: ['always pause']} if fill else {}
            done = place.run('models', 'download', 'org/tiny', before=(
                sys.executable, SMALL, place.store, str(mebibytes), flag if fill else ''),
                             HF_HUB_DOWNLOAD_TIMEOUT='60')
            if done.returncode == 77:
                yield f'{name} # SKIP no disk can be mounted here', True, ''
                return
            yield (name, done.returncode == 1 and one_sentence(done) and words in done.stderr
                   and bool(place.asked(WEIGHTS)) == asked, done)
    return test


def test_limited():
    """A file that may not grow: what the disk says is said on, and what came is kept."""
    limit = len(MODEL[WEIGHTS]) // 2 // 1024
    with Place() as place:
        done = place.run('models', 'download', 'org/tiny', before=(
            'bash', '-c', f'trap "" XFSZ; ulimit -f {limit}; exec "$@"', 'bash'))
        yield ('no room for a file', done.returncode == 1 and one_sentence(done)
               and 'make room' in done.stderr and not place.has() and len(place.parts()) == 1, done)
        done = place.download()
        yield ('goes on when there is room', done.returncode == 0 and place.is_whole()
               and place.ranges(WEIGHTS)[-1] is not None, (place.ranges(WEIGHTS), done))


def test_odd_parts():
    for make in (os.mkfifo, os.mkdir, lambda path: os.symlink('/etc/passwd', path)):
        with Place() as place:
            place.hub.faults = {WEIGHTS: ['cut 0.5', 'always status 403']}
            place.download()
            part = place.parts()[0]
            os.unlink(part)
            make(part)
            place.hub.faults = {}
            done = place.download()
            yield ('what is no file in the place of a part is not written to', done.returncode == 1
                   and one_sentence(done), done)


def test_locked():
    with Place() as place:
        place.hub.faults = {WEIGHTS: ['always status 403']}
        place.download()
        lock = os.path.join(place.store, '.downloads', left(place)[0], '.lock')
        os.unlink(lock)
        os.mkdir(lock)
        done = place.download()
        yield ('a lock that cannot be had is not told as another program', done.returncode == 1
               and one_sentence(done) and 'another program' not in done.stderr, done)


run_all([test_token, test_token_file, test_password, test_cache, test_useless,
         in_pieces('an index that climbs', 'same folder', index_of(
             {'weight_map': {'a': '../a.safetensors'}})),
         in_pieces('pieces of another kind', 'same folder', index_of(
             {'weight_map': {'a': 'a.bin'}})),
         in_pieces('an index that is none', INDEX, index_of([])),
         in_pieces('an index of nothing', INDEX, index_of({'weight_map': {}})),
         in_pieces('an index of too much', INDEX, index_of(
             {'weight_map': {str(i): f'{i}.safetensors' for i in range(1001)}})),
         in_pieces('a piece that is not there', 'model-00002-of-00002.safetensors', remove_piece),
         in_pieces('pieces larger than the disk together', 'are free', list_with()),
         in_pieces('an index larger than is read', INDEX, list_with(
             {'rfilename': INDEX, 'size': 17 << 20, 'blobId': '0' * 40})),
         in_pieces('pieces that hold other tensors', 'but it does not', swap_pieces, asked=True),
         on_small_disk('a disk without room', 60, 'are free', False, False),
         on_small_disk('a disk that fills up', 70, 'make room', True, True),
         test_limited, test_odd_parts, test_locked])
