"""Money: what people own, and the only writer of it."""
