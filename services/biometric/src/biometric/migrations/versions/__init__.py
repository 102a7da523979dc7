"""One module a revision, numbered: 0001, 0002 and so on.

A revision only adds what the code before it can ignore: while a new version rolls out, both run on one schema.
"""
