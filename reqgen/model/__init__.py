"""The ground floor: frozen, typed values that every other room speaks in. It imports nothing of reqgen."""
