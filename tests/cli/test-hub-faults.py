#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can go wrong with the Hub, the way to it or what it says: what is downloaded is right to
the byte, or one sentence says why it is not there.

Usage: test-hub-faults.py SOURCE_ROOT ATTUNE_CLI
"""
from hub_place import MODEL, WEIGHTS, Place, fails, one_sentence, run_all, works
from hub_server import git_blob

COMMIT = '0' * 40
CONFIG = {'rfilename': 'config.json', 'size': len(MODEL['config.json']),
          'blobId': git_blob(MODEL['config.json'])}


def listing(*files):
    return {'sha': COMMIT, 'siblings': list(files)}


def name(path, size=10):
    return {'rfilename': path, 'size': size, 'blobId': COMMIT}


def lfs(path, size):
    return {'rfilename': path, 'lfs': {'size': size, 'sha256': '0' * 64}}


def download(*words):
    return lambda place: place.run('models', 'download', *words)


mended = [
    works('what is cut before the first byte, thrice', {WEIGHTS: ['drop', 'reset', 'cut 0']},
          asked=4),
    works('nothing for a list', {'api': ['drop', 'reset', 'mute']}),
    works('a length beyond numbers', {WEIGHTS: ['overflow']}),
    works('a length below none', {WEIGHTS: ['negative']}),
    works('an error without end', {WEIGHTS: ['endless-error']}),
]

of_bytes = [
    fails('same size, other bytes', {'vocab.txt': ['always corrupt']}, 'other bytes'),
    fails('other weights', {WEIGHTS: ['always corrupt']}, 'other bytes'),
    fails('a page to log in', {'config.json': ['always html']}, 'check the connection'),
    fails('a page to log in for weights', {WEIGHTS: ['always html']}, 'check the connection'),
    fails('a page of unknown length', {'config.json': ['always html-unmeasured']},
          'cannot be reached'),
    fails('a length beyond all', {WEIGHTS: ['always absurd']}, 'which has'),
    fails('a file without end', {WEIGHTS: ['always endless']}, 'longer than'),
    fails('the half of it, again and again', {WEIGHTS: ['cut 0.5', 'always cut 0']},
          'cannot be reached'),
    fails('ranges that are always others', {WEIGHTS: ['cut 0.5', 'always odd-range']},
          'another place'),
    fails('416 again and again', {WEIGHTS: ['always status 416']}, '416'),
    fails('a file that unpacks to no end', {WEIGHTS: ['always bomb']}, 'longer than'),
]

of_lists = [
    fails('a page to log in for a list', {'api': ['always html']}, 'not a Hub'),
    fails('a list of absurd length', {'api': ['always absurd']}, 'cannot be reached'),
    fails('a list without end', {'api': ['always endless']}, 'longer than'),
    fails('a list that unpacks to no end', {'api': ['always bomb']}, 'longer than'),
    fails('a list that is nested', {'api': ['always deep']}, 'not a Hub'),
    fails('headers without end', {'api': ['always endless-headers']}, 'cannot be reached'),
    fails('what is no HTTP', {'api': ['always garbage']}, 'cannot be reached'),
    fails('a list of very many', {'api': ['always many']}, 'not a Hub'),
    fails('a file listed twice', {}, 'twice', listing=listing(name('config.json'),
                                                              name('config.json'))),
    fails('no commit', {}, 'not a Hub', listing={'sha': '../..', 'siblings': []}),
    fails('larger than what is taken', {}, 'taken up to', listing=listing(
        CONFIG, name('vocab.txt'), lfs(WEIGHTS, 1 << 62))),
    fails('words larger than words are', {}, 'vocab.txt', listing=listing(
        CONFIG, lfs(WEIGHTS, 100), name('vocab.txt', 1 << 30))),
    fails('only weights that can run programs', {}, 'no model.safetensors',
          listing=listing(name('config.json'), name('pytorch_model.bin'))),
    fails('no model', {}, 'no config.json', listing=listing()),
    *(fails(f'a file named {path!r}', {}, 'cannot be written safely', listing=listing(name(path)))
      for path in ('../config.json', '/etc/config.json', 'a\\b', 'a/../../b', 'a\nb', 'a//b',
                   'a\x1b[2Jb', 'a\x9b2Jb', 'a' * 256, 'a\0b', '')),
]

of_status = [
    fails('redirects without end', {WEIGHTS: ['always to ']}, 'without end'),
    fails('redirects without end, each without end', {WEIGHTS: ['always endless-redirect']},
          'without end'),
    fails('a redirect to a file', {WEIGHTS: ['always to file:///etc/passwd']}, 'not safe'),
    fails('a redirect to nobody', {WEIGHTS: ['always to http:///x']}, 'not safe'),
    fails('a redirect to nowhere', {WEIGHTS: ['always no-location']}, 'not safe'),
    fails('too many requests', {'api': ['always status 429 Retry-After=9000']}, 'pause'),
    fails('an error that stays', {'api': ['always status 503 Retry-After=0']}, 'status 503'),
    fails('gated', {'api': ['always status 403 X-Error-Code=GatedRepo']},
          'gated: accept its terms'),
    fails('gated files', {'config.json': ['always status 401 X-Error-Code=GatedRepo']}, 'gated'),
    fails('not allowed', {'api': ['always status 401']}, 'whom it knows'),
    fails('not allowed with this token', {'api': ['always status 403']}, 'token it was sent',
          HF_TOKEN='hf_x'),
    fails('gone', {'api': ['always status 404']}, 'There is no'),
    fails('a file that is gone', {WEIGHTS: ['always status 404 X-Error-Code=EntryNotFound']},
          'There is no'),
    fails('no such model', {}, 'There is no', run=download('org/none')),
    fails('no such revision', {}, 'no such revision',
          run=download('org/tiny', '--revision', 'nowhere')),
    *(fails(f'no name: {word!r}', {}, 'is no name', run=download(word))
      for word in ('org/../x', '/etc/passwd', 'a b', 'org/x?y', 'a/b/c', 'a--b/c', '.x/y',
                   'org/x\n', '', 'a\x1b[2J')),
]

of_ways = [
    fails('no address', {}, 'no address', HF_ENDPOINT='ftp://127.0.0.1'),
    fails('an address of a place in a page', {}, 'no address', HF_ENDPOINT='http://127.0.0.1/#a'),
    fails('nobody answers', {}, 'cannot be reached', HF_ENDPOINT='http://127.0.0.1:9'),
    fails('a name that nobody knows', {}, 'cannot be reached', HF_ENDPOINT='http://hub.invalid',
          RES_OPTIONS='timeout:1 attempts:1'),
]


def always_cut():
    with Place() as place:
        place.hub.faults = {WEIGHTS: ['always see-saw']}
        done = place.download()
        yield ('a body that always ends, now later, now earlier', done.returncode == 1
               and one_sentence(done) and not place.has() and len(place.asked(WEIGHTS)) < 10,
               (place.ranges(WEIGHTS), done))


def not_encrypted():
    with Place() as place:
        done = place.download(HF_ENDPOINT=place.hub.address.replace('http:', 'https:'))
        yield ('who should encrypt and does not', done.returncode == 1 and not place.has()
               and 'cannot be reached' in done.stderr, done)


run_all([*mended, *of_bytes, *of_lists, *of_status, *of_ways, always_cut, not_encrypted])
