"""Runs one module of Lib/test and writes a line per test to a file as it goes.

usage: driver.py MODULE RESULTS

Lines are `start ID`, then one of `ok ID`, `fail ID`, `error ID`, `skip ID`, `xfail ID`. Tests that the file already has
a start line for are left out, so that a run goes on behind a test that took the process down.
"""
import importlib.machinery
import os
import sys
import tempfile
import unittest

# CPython's extension modules for tests of its C API; they are a test of Gila's, too.
EXTENSIONS = {
    '_ctypes_test', '_testbuffer', '_testcapi', '_testexternalinspection', '_testimportmultiple', '_testlimitedcapi',
    '_testmultiphase', '_testsinglephase',
}


class TestExtensions:
    """Finds them beside the library, and nothing else there."""
    folder = os.path.join(os.path.dirname(os.__file__), 'lib-dynload')

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in EXTENSIONS:
            return importlib.machinery.PathFinder.find_spec(name, [cls.folder])


def name_of(test):
    """The test's dotted name, also for a case that has another attribute `id`."""
    return test.id() if callable(test.id) else unittest.TestCase.id(test)


class Result(unittest.TestResult):
    def __init__(self, out, done):
        super().__init__()
        self.out = out
        self.done = done
        self.bad = None

    def say(self, what, test):
        self.out.write(f'{what} {name_of(test)}\n'.replace('\n', ' ').rstrip() + '\n')
        self.out.flush()

    def startTest(self, test):
        super().startTest(test)
        self.bad = None
        self.say('start', test)

    def detail(self, err, test):
        lines = self._exc_info_to_string(err, test).rstrip().splitlines()
        for line in lines[-25:]:
            self.out.write('# ' + line + '\n')

    def addSuccess(self, test):
        if self.bad is None:
            self.say('ok', test)

    def addFailure(self, test, err):
        self.bad = 'fail'
        self.detail(err, test)
        self.say('fail', test)

    def addError(self, test, err):
        self.bad = 'error'
        self.detail(err, test)
        self.say('error', test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            if self.bad is None:
                self.detail(err, test)
                self.say('fail', test)
            self.bad = 'fail'

    def addSkip(self, test, reason):
        self.bad = 'skip'
        self.say('skip', test)

    def addExpectedFailure(self, test, err):
        self.bad = 'xfail'
        self.say('xfail', test)

    def addUnexpectedSuccess(self, test):
        self.bad = 'fail'
        self.say('fail', test)


def without(suite, done):
    kept = unittest.TestSuite() if type(suite) is unittest.TestSuite else type(suite)()
    for t in suite:
        if isinstance(t, unittest.TestSuite):
            kept.addTest(without(t, done))
        elif name_of(t) not in done:
            kept.addTest(t)
    return kept


def main():
    module, path = sys.argv[1:3]
    name = module if module.startswith('test.') else 'test.' + module
    done = set()
    if os.path.exists(path):
        with open(path) as f:
            done = {line[6:].rstrip() for line in f if line.startswith('start ')}
    out = open(path, 'a')
    sys.argv[1:] = []
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'support'))
    sys.meta_path.append(TestExtensions)
    import test.support
    from test.support import os_helper
    test.support.verbose = False
    test.support.use_resources = ()
    with tempfile.TemporaryDirectory(prefix='gila-test-', ignore_cleanup_errors=True) as d:
        os.chdir(d)
        os_helper.SAVEDCWD = d
        try:
            suite = unittest.defaultTestLoader.loadTestsFromName(name)
        except unittest.SkipTest:
            out.write(f'module-skip {name}\n')
            return
        if done:
            suite = without(suite, done)
        suite.run(Result(out, done))
        out.write('end\n')
        out.flush()
        os.chdir('/')


# A process started by multiprocessing imports this file, too.
if __name__ == "__main__":
    main()
