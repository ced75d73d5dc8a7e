"""python -m chainrule: the program."""

from ._program import main

main()
