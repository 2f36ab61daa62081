"""Claims, the rows behind them, and how sure they are."""
