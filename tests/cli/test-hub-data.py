#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searching the Hub, and data sets by their names there.

Usage: test-hub-data.py SOURCE_ROOT ATTUNE_CLI
"""
import hashlib
import json
import os

from hub_place import Place, one_sentence, read_fixture, run_all
from hub_server import Repo

TABLE = read_fixture('parquet', 'hub.parquet')
OTHER = read_fixture('parquet', 'hub-other-names.parquet')
TRAIN = 'data/train-00000-of-00001.parquet'
VALIDATION = 'data/validation-00000-of-00001.parquet'


def search():
    with Place() as place:
        place.hub.search = [
            {'id': 'org/tiny', 'downloads': 1234, 'tags': ['bert', 'license:mit', 'fr', 'pytorch'],
             'safetensors': {'parameters': {'F32': 1000000}}, 'gated': 'manual'},
            {'id': 'org/chat', 'config': {'model_type': 'llama'}},
            {'id': 'org/large', 'config': {'model_type': 'bert'},
             'safetensors': {'parameters': {'F32': 1 << 63}}},
            *({'id': f'org/{kind}', 'config': {'model_type': kind}}
              for kind in ('distilbert', 'roberta', 'xlm-roberta', 'electra', 'modernbert')),
            {'id': '../x', 'tags': ['bert']}, {'id': 3}, 'words']
        done = place.run('models', 'search', 'tiny & more', '--json')
        found = [json.loads(line) for line in done.stdout.splitlines()]
        yield ('finds what can be used', found[0] == {
            'id': 'org/tiny', 'model_type': 'bert', 'bytes': 4000000, 'licence': 'mit',
            'languages': 'fr', 'downloads': 1234, 'gated': True}, done)
        yield ('… of every family', [model['id'] for model in found[2:]] == [
            'org/distilbert', 'org/roberta', 'org/xlm-roberta', 'org/electra', 'org/modernbert'],
            done)
        yield 'takes no absurd size for one', found[1]['bytes'] == 0, found
        yield ('asks for just that', 'search=tiny%20%26%20more&' in place.hub.log[0][2],
               place.hub.log)
        done = place.run('models', 'search', 'tiny')
        yield 'says it for people', '4.0' in done.stdout and 'gated' in done.stdout, done
        place.hub.search = [{'id': 'org/tiny', 'tags': ['bert', 'license:\x1b[2Jmit'],
                             'cardData': {'language': ['e\x9bn', 'de', 'f\u202er']}}]
        done = place.run('models', 'search', 'tiny')
        yield ('says nothing that a terminal would do', all(
            line.isprintable() for line in done.stdout.splitlines()) and 'de' in done.stdout, done)
        for what in (b'{"error": "x"}', b'[[[', b'[' * 40 + b']' * 40, b'', b'\xff'):
            place.hub.search = what
            done = place.run('models', 'search', 'tiny')
            yield (f'no list: {what[:9]}', done.returncode == 1 and one_sentence(done)
                   and 'not a Hub' in done.stderr, done)


def sst2():
    """As stanfordnlp/sst2 is: rows to learn from and rows to measure with, each in a file."""
    with Place() as place:
        files = {TRAIN: TABLE, VALIDATION: TABLE, 'README.md': b'x', 'sst2.py': b'x'}
        place.hub.repos['datasets', 'stanfordnlp/sst2'] = Repo(files, lfs=[TRAIN, VALIDATION],
                                                               card={'license': 'unknown'})
        place.hub.faults = {TRAIN.split('/')[1]: [], TRAIN: ['cut 0.5']}
        done = place.run('data', 'download', 'stanfordnlp/sst2')
        folder = done.stdout.strip()
        yield 'downloads a data set', done.returncode == 0 and os.path.isdir(folder), done
        for path in (TRAIN, VALIDATION):
            with open(os.path.join(folder, path), 'rb') as file:
                yield f'{path} to the byte', file.read() == TABLE, path
        yield 'goes on with a file', place.ranges(TRAIN)[1] is not None, place.ranges(TRAIN)
        yield ('and takes nothing else', not place.asked('sst2.py')
               and not place.asked('README.md'), place.hub.log)
        columns = ('--text-column', 'sentence', '--label-column', 'label')
        shown = place.run('inspect', '--data', folder, *columns)
        yield ('which opens: 8 rows to learn from', shown.returncode == 0
               and '8 rows' in shown.stdout and 'negative' in shown.stdout, shown)
        shown = place.run('inspect', '--data', os.path.join(folder, TRAIN), '--validation',
                          os.path.join(folder, VALIDATION), *columns)
        yield 'and 8 to measure with', shown.returncode == 0 and '8' in shown.stdout, shown

        place.hub.log.clear()
        done = place.run('data', 'download', 'stanfordnlp/sst2', HF_HUB_OFFLINE='1')
        yield ('is found again offline', done.stdout.strip() == folder and not place.hub.log, done)
        done = place.run('data', 'download', 'stanfordnlp/sst2')
        yield ('and not fetched twice', done.stdout.strip() == folder
               and len(place.hub.log) == 1, place.hub.log)
        with open(os.path.join(folder, TRAIN), 'r+b') as file:
            file.write(b'....')
        done = place.run('data', 'download', 'stanfordnlp/sst2', HF_HUB_OFFLINE='1')
        yield ('but not where it is spoilt by now', done.returncode == 1 and one_sentence(done),
               done)
        done = place.run('data', 'download', 'stanfordnlp/sst2')
        yield ('which is mended', done.returncode == 0 and len(place.asked(TRAIN)) == 1,
               place.hub.log)

        place.hub.faults = {TRAIN: ['always corrupt']}
        place.hub.repos['datasets', 'stanfordnlp/sst2'] = Repo({TRAIN: OTHER}, lfs=[TRAIN])
        done = place.run('data', 'download', 'stanfordnlp/sst2')
        yield ('other bytes than promised', done.returncode == 1 and one_sentence(done)
               and 'other bytes' in done.stderr, done)


def several():
    with Place() as place:
        hub = place.hub
        rows = 'train-00000-of-00001.parquet'
        hub.repos['datasets', 'org/sets'] = Repo(
            {f'{name}/{rows}': TABLE for name in ('one', 'two')})
        done = place.run('data', 'download', 'org/sets')
        yield ('asks which of several', done.returncode == 1 and one_sentence(done)
               and 'one, two' in done.stderr, done)
        done = place.run('data', 'download', 'org/sets', '--config', 'two', '--json')
        folder = json.loads(done.stdout)['path'] if done.returncode == 0 else ''
        yield 'takes the one named', os.path.exists(os.path.join(folder, rows)), done
        for word in ('three', '..', 'one/x', '.lock'):
            done = place.run('data', 'download', 'org/sets', '--config', word)
            yield f'no set {word!r}', done.returncode == 1 and one_sentence(done), done

        hub.repos['datasets', 'org/named'] = Repo({f'plain/{rows}': TABLE})
        done = place.run('data', 'download', 'org/named')
        folder = done.stdout.strip()
        yield 'the only one, with a name', os.path.exists(os.path.join(folder, rows)), done
        hub.log.clear()
        done = place.run('data', 'download', 'org/named', HF_HUB_OFFLINE='1')
        yield ('… offline', done.stdout.strip() == folder and not hub.log, done)
        done = place.run('data', 'download', 'org/named', '--config', 'other')
        yield ('… of which no other is there', done.returncode == 1 and one_sentence(done)
               and 'plain' in done.stderr, done)

        hub.repos['datasets', 'org/bare'] = Repo({rows: TABLE})
        done = place.run('data', 'download', 'org/bare', '--config', 'default')
        yield 'what has no name is “default”', os.path.exists(
            os.path.join(done.stdout.strip(), rows)), done
        done = place.run('data', 'download', 'org/bare', '--config', 'other')
        yield ('… and nothing else', done.returncode == 1 and one_sentence(done)
               and 'no set named' in done.stderr, done)


def other_record():
    """A record that is not of this data set: the folder of another was moved here."""
    with Place() as place:
        place.hub.repos['datasets', 'org/one'] = Repo({'train.parquet': TABLE})
        place.run('data', 'download', 'org/one')
        sets = os.path.join(place.folder, 'data', 'attune', 'datasets')
        os.rename(os.path.join(sets, 'org--one'), os.path.join(sets, 'org--two'))
        place.hub.log.clear()
        done = place.run('data', 'download', 'org/two', HF_HUB_OFFLINE='1')
        yield ('another data set is not taken for it', done.returncode == 1 and one_sentence(done)
               and not place.hub.log, done)


def converted():
    with Place() as place:
        hub = place.hub
        hub.repos['datasets', 'org/rows'] = Repo({'rows.csv': b'text,label\n'})
        done = place.run('data', 'download', 'org/rows')
        yield ('no Parquet', done.returncode == 1 and one_sentence(done)
               and 'no Parquet' in done.stderr, done)
        hub.repos['datasets', 'org/rows', 'refs%2Fconvert%2Fparquet'] = Repo(
            {'default/train/0000.parquet': TABLE})
        done = place.run('data', 'download', 'org/rows')
        yield 'those that the Hub made', os.path.exists(
            os.path.join(done.stdout.strip(), 'train', '0000.parquet')), done
        done = place.run('data', 'download', 'org/none')
        yield ('no such data set', done.returncode == 1 and one_sentence(done)
               and 'There is no' in done.stderr, done)
        hub.repos['datasets', 'org/climb'] = Repo({})
        hub.repos['datasets', 'org/climb'].listing = {
            'sha': '0' * 40, 'siblings': [{'rfilename': 'data/../../../x.parquet'}]}
        done = place.run('data', 'download', 'org/climb')
        yield ('a file that climbs', done.returncode == 1 and one_sentence(done)
               and 'cannot be written safely' in done.stderr, done)


def cached():
    with Place() as place:
        cache = os.path.join(place.folder, 'hub')
        base = os.path.join(cache, 'datasets--org--set')
        commit, hash_ = '1' * 40, hashlib.sha256(TABLE).hexdigest()
        snapshot = os.path.join(base, 'snapshots', commit, 'data')
        for folder in (snapshot, os.path.join(base, 'blobs'), os.path.join(base, 'refs')):
            os.makedirs(folder)
        with open(os.path.join(base, 'refs', 'main'), 'w', encoding='ascii') as file:
            file.write(commit)
        with open(os.path.join(base, 'blobs', hash_), 'wb') as file:
            file.write(TABLE)
        os.symlink(f'../../../blobs/{hash_}', os.path.join(snapshot, 'train.parquet'))
        os.symlink('/etc/passwd', os.path.join(snapshot, 'secrets.parquet'))
        done = place.run('data', 'download', 'org/set', HF_HUB_CACHE=cache, HF_HUB_OFFLINE='1')
        folder = done.stdout.strip()
        yield ('a data set of other programs', done.returncode == 0 and not place.hub.log
               and os.listdir(os.path.join(folder, 'data')) == ['train.parquet'], done)


run_all([search, sst2, several, other_record, converted, cached])
