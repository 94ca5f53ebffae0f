"""The training loop: exact to the bit, however often it is killed and resumed."""
