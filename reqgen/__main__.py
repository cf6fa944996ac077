"""`python -m reqgen`."""

from reqgen.cli import main

if __name__ == "__main__":
    main()
