"""Exchanges and a central bank on this machine, which tests may spoil.

`with VenueServer() as world:` starts them; `world.exchanges` belongs into settings.EXCHANGES.
`world.kraken.price("BTC-USD", bid="68000.0", ask="68000.1")` sets a price,
`world.kraken.spoil("nan", "BTC-USD")` switches a fault on, `world.kraken.heal()` all of them off.
The real clients talk to it; `python -m tests.venue.server --port N` runs it for a whole stack.
"""
