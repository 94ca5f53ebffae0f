"""`python -m samplecase.cli`: the command, in a checkout that is not installed."""

from samplecase.cli.main import main

if __name__ == "__main__":
    main()
