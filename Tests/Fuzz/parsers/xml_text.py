"""XML from mutated documents: expat's handlers, and trees."""
import xml.etree.ElementTree as ElementTree
from xml.parsers import expat
from fuzzing import fuzz, mutate

SAMPLES = [
    b'<?xml version="1.0" encoding="utf-8"?>\n<a x="1" y=\'2\'><b>text &amp; &#8364; \xe2\x82\xac</b><!-- c --><?pi data?><![CDATA[<raw>]]></a>',
    b'<!DOCTYPE a [<!ELEMENT a (b|c)*><!ATTLIST a x CDATA "d"><!ENTITY e "value"><!NOTATION n SYSTEM "s">]><a>&e;</a>',
    b'<n:a xmlns:n="urn:x" xmlns="urn:y" n:b="1"><c/></n:a>',
    '<?xml version="1.0" encoding="utf-16"?><a>\u20ac</a>'.encode('utf-16'),
    b'<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>', b'<a>' * 100 + b'</a>' * 100, b'<a/>']
WORDS = [b'<', b'>', b'</', b'/>', b'&', b';', b'&#', b'&#x', b'<!--', b'-->', b'<![CDATA[', b']]>', b'<?', b'?>', b'<!DOCTYPE',
         b'<!ENTITY', b'"', b"'", b'xmlns', b'encoding="', b'\xff', b'\xfe\xff', b'\xef\xbb\xbf', b'\0', b'%e;', b'<a>' * 3000]


def make(r):
    return mutate(r, r.choice(SAMPLES), WORDS), r.choice((0, 0, 1, 7)), r.choice((None, ' '))


def attempt(case):
    data, step, separator = case
    seen = []
    p = expat.ParserCreate(namespace_separator=separator)

    def note(name):
        return lambda *args: seen.append((name,) + args[:3]) if len(seen) < 50 else None
    for name in ('StartElementHandler', 'EndElementHandler', 'CharacterDataHandler', 'ProcessingInstructionHandler', 'CommentHandler',
                 'StartCdataSectionHandler', 'XmlDeclHandler', 'StartDoctypeDeclHandler', 'EntityDeclHandler', 'NotationDeclHandler',
                 'AttlistDeclHandler', 'StartNamespaceDeclHandler', 'SkippedEntityHandler'):
        setattr(p, name, note(name))
    p.ElementDeclHandler = lambda name, model: seen.append(('element', name))
    try:
        if step:
            for i in range(0, min(len(data), 2000), step):
                p.Parse(data[i:i + step])
            p.Parse(b'', True)
        else:
            p.Parse(data, True)
        ElementTree.fromstring(data)
    except (expat.ExpatError, ElementTree.ParseError) as e:
        return [seen[:10], f'{type(e).__name__} {e}', p.CurrentLineNumber]
    return seen[:10]


fuzz('xml', make, attempt, (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError, RecursionError))
