"""XML parsing and writing, HTML and configuration files, command lines, paths, URLs."""
import argparse
import configparser
import html.parser
import io
import pathlib
import shlex
import string
import textwrap
import urllib.parse
import xml.etree.ElementTree as ET
from measure import measure

xml = '<r>' + ''.join(f'<item id="{i}" kind="a"><name>Item {i}</name><p>text &amp; more</p></item>\n' for i in range(20000)) + '</r>'
page = ''.join(f'<p class="c{i}">Some <b>text</b> {i}<br/></p>\n' for i in range(3000))
config = ''.join(f'[s{i}]\nkey = value {i}\nother = %(key)s\n' for i in range(500))
prose = 'the quick brown fox jumps over the lazy dog ' * 400
tree = ET.fromstring(xml)
template = string.Template('$name is ${size} big')


def iterparse():
    for event, e in ET.iterparse(io.BytesIO(xml.encode())):
        e.clear()


class Links(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        pass


def configuration():
    c = configparser.ConfigParser()
    c.read_string(config)
    return [c[s]['other'] for s in c.sections()]


def command_line():
    p = argparse.ArgumentParser()
    p.add_argument('--size', type=int, default=1)
    p.add_argument('-v', action='store_true')
    p.add_argument('file', nargs='*')
    for _ in range(100):
        p.parse_args(['--size', '3', '-v', 'a', 'b'])


measure('XML parse', ET.fromstring, xml)
measure('XML iterparse', iterparse)
measure('XML write', ET.tostring, tree)
measure('XML find', lambda: [e.findtext('name') for e in tree.iter('item')])
measure('XML findall', lambda: tree.findall('./item[@id="777"]/name'))
measure('HTML parse', lambda: Links().feed(page))
measure('configparser', configuration)
measure('argparse', command_line)
measure('pathlib', lambda: [str(pathlib.Path('/usr') / 'lib' / f'x{i}.py') for i in range(5000)])
measure('pathlib parts', lambda p=pathlib.PurePath('/usr/lib/a.tar.gz'): [(p.with_suffix('.x').name, p.parent) for i in range(5000)])
measure('urllib.parse', lambda: [urllib.parse.urlsplit(f'https://a.example/{i}?q=1#f') for i in range(5000)])
measure('urllib.quote', lambda: [urllib.parse.quote(f'a b/{i}&ü') for i in range(5000)])
measure('shlex', lambda: [shlex.split('a "b c" d\\ e --f=g') for _ in range(500)])
measure('textwrap', lambda: textwrap.fill(prose))
measure('string.Template', lambda: [template.substitute(name='a', size=i) for i in range(5000)])
