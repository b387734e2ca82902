"""One module per command, named for it, with one function of the same name; found by a scan of this folder.

A command module is light: whatever is heavy is imported inside the function, so that help and completion stay fast.
The function returns its exit code; its docstring is the help text.
"""
