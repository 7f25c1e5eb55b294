"""The window: Qt only, no SQL, no model. Everything that it changes goes through `core`."""
