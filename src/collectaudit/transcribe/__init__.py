"""From a recording to a transcript, on this machine: decoding, channels, blocks, an engine, doubt, a journal.

What needs numpy, PyAV or an engine is imported inside functions; the rest of the program runs without them.
"""
