"""Commands: flags and one main function for each program in bin/."""
