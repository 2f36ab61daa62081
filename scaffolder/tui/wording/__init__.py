"""What the screens say, one module a screen: only wording, nothing is decided here."""
