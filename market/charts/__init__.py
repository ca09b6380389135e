"""What does a chart ask for? Candles as JSON and files, and the one that forms by websocket."""
