"""The only SQL. One file per aggregate; `views/` answer questions and change nothing.

Functions take a Connection from `Store.read()` or `Store.write()` first, then keyword arguments.
"""
