"""What a message is: rendered and encoded once per version, spliced per recipient.

`render` makes the merge template of a letter, `merge` builds one message from it. Nothing here sends,
reads a database or asks the clock.
"""
