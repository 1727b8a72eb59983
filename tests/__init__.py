"""The tests. Importing this package is the first thing that a session of tests does."""

import gc
import os
import sys

# Containers often set PYTHONDONTWRITEBYTECODE. Each session, and each `kb` that it starts, would then compile
# `kb` from its source, and rewrite the assertions of every test.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Nearly all that modules make while they are imported stays: looking through it takes half a second in each
# process of a session. It is looked through from the collection of the tests on.
if "pytest" in sys.modules:
    gc.disable()
