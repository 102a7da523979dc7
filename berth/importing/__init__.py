"""From other tools' files to stack files, one way: what each key becomes, and what is said of those that become none.

A format is a folder with a table: from a key's path to what becomes of it, which is a function, or the reason why it is
not carried. A key that the table does not know is listed as well, so nothing is lost in silence.
"""
